//! Schemas of types that are not ours to derive on, and the handle by which the route table carries a schema.

use std::borrow::Cow;

use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// A body type in the route table: its name, and how to collect it with all it refers to.
#[derive(Clone, Copy)]
pub struct Body {
    name: fn() -> Cow<'static, str>,
    collect: fn(&mut Vec<(String, RefOr<Schema>)>),
}

impl Body {
    pub const fn of<T: ToSchema>() -> Self {
        fn collect<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
            schemas.push((T::name().into_owned(), T::schema()));
            T::schemas(schemas);
        }
        Self {
            name: T::name,
            collect: collect::<T>,
        }
    }

    pub fn reference(&self) -> Ref {
        Ref::from_schema_name((self.name)())
    }

    pub fn collect(&self, schemas: &mut Vec<(String, RefOr<Schema>)>) {
        (self.collect)(schemas);
    }
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&(self.name)())
    }
}

const ID_PATTERN: &str = "^[0-9a-f][0-9a-hjkmnp-tv-z]{12}$";

/// A type of another crate, described here: the name of its schema, what it is, and what its text looks like.
macro_rules! text_schema {
    ($marker:ident, $name:literal, $description:literal, $pattern:expr) => {
        pub(crate) struct $marker;

        impl ToSchema for $marker {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
        }

        impl PartialSchema for $marker {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some($description))
                    .pattern(Some($pattern))
                    .into()
            }
        }
    };
}

text_schema!(
    NodeIdText,
    "NodeId",
    "A node's identity; never reused.",
    ID_PATTERN
);
text_schema!(
    TokenIdText,
    "TokenId",
    "A token's identity, safe to show.",
    ID_PATTERN
);
text_schema!(
    IpText,
    "IpAddress",
    "An IPv4 or IPv6 address.",
    "^[0-9a-fA-F:.]{2,45}$"
);

/// A moment, as `hm_model::Timestamp` writes it.
pub(crate) struct TimeText;

impl ToSchema for TimeText {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Time")
    }
}

impl PartialSchema for TimeText {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("A moment in UTC (RFC 3339), exact to a microsecond."))
            .into()
    }
}
