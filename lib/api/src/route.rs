//! The route table: what each operation takes, answers and demands. The server dispatches by it and the document is made from it.

mod table;

use hm_model::{Action, Resource};

use crate::error::ErrorCode;
use crate::operation::{Method, Operation};
use crate::query::Parameter;

pub use crate::schema::Body;

/// One operation in full.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub operation: Operation,
    pub summary: &'static str,
    pub access: Access,
    /// The parameters in the path, in order.
    pub path: &'static [Parameter],
    pub query: &'static [Parameter],
    pub body: Option<Body>,
    pub answer: Answer,
    /// What can go wrong here besides what can go wrong everywhere.
    pub errors: &'static [ErrorCode],
    pub audit: Audit,
}

/// Who may call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    Open,
    Needs { resource: Resource, action: Action },
}

/// What success looks like.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// 200 and a body; with 503 instead, the same body.
    Report(Body),
    /// 200 and a body.
    Ok(Body),
    /// 201 and a body.
    Created(Body),
    /// 204 and nothing.
    Nothing,
    /// 200 and lines of JSON for as long as the caller listens.
    Lines(Body),
    /// 200 and a JSON object without a schema of its own.
    Document,
}

/// What the node writes down when the operation succeeds. Refusals are always written down, changes are by their log entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Audit {
    Quiet,
    /// A read of something that is nobody else's business.
    Sensitive,
}

impl Answer {
    pub const fn status(self) -> u16 {
        match self {
            Self::Report(_) | Self::Ok(_) | Self::Lines(_) | Self::Document => 200,
            Self::Created(_) => 201,
            Self::Nothing => 204,
        }
    }

    pub const fn is_stream(self) -> bool {
        matches!(self, Self::Lines(_))
    }
}

impl Route {
    pub fn all() -> impl Iterator<Item = Self> {
        Operation::ALL.into_iter().map(Self::of)
    }

    pub const fn of(operation: Operation) -> Self {
        match operation {
            Operation::Health => table::HEALTH,
            Operation::OpenApi => table::OPENAPI,
            Operation::ClusterShow => table::CLUSTER_SHOW,
            Operation::NodeList => table::NODE_LIST,
            Operation::NodeShow => table::NODE_SHOW,
            Operation::SettingList => table::SETTING_LIST,
            Operation::SettingShow => table::SETTING_SHOW,
            Operation::SettingSet => table::SETTING_SET,
            Operation::SettingUnset => table::SETTING_UNSET,
            Operation::TokenCreate => table::TOKEN_CREATE,
            Operation::TokenList => table::TOKEN_LIST,
            Operation::TokenDelete => table::TOKEN_DELETE,
            Operation::Join => table::JOIN,
            Operation::EventList => table::EVENT_LIST,
            Operation::NamespaceList => table::NAMESPACE_LIST,
            Operation::Watch => table::WATCH,
        }
    }

    /// Everything this operation can answer instead of success.
    pub fn problems(&self) -> Vec<ErrorCode> {
        let mut codes = vec![
            ErrorCode::Invalid,
            ErrorCode::RateLimited,
            ErrorCode::Unavailable,
            ErrorCode::Timeout,
            ErrorCode::Internal,
        ];
        if self.access != Access::Open {
            codes.extend([ErrorCode::Unauthenticated, ErrorCode::Forbidden]);
        }
        codes.push(ErrorCode::TooLarge);
        if self.body.is_some() {
            codes.push(ErrorCode::UnsupportedMediaType);
        }
        if self.changes() {
            codes.push(ErrorCode::NoQuorum);
        }
        codes.extend(self.errors);
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Whether it proposes an entry to the log.
    pub const fn changes(&self) -> bool {
        !matches!(self.operation.method(), Method::Get)
    }

    const fn read(
        operation: Operation,
        summary: &'static str,
        resource: Resource,
        answer: Answer,
    ) -> Self {
        Self {
            operation,
            summary,
            access: Access::Needs {
                resource,
                action: Action::Read,
            },
            path: &[],
            query: &[],
            body: None,
            answer,
            errors: &[],
            audit: Audit::Quiet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_paths_agree() {
        for route in Route::all() {
            let in_path: Vec<_> = route
                .operation
                .path()
                .split('/')
                .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            let in_table: Vec<_> = route.path.iter().map(|p| p.name).collect();
            assert_eq!(in_path, in_table, "{:?}", route.operation);
            assert_eq!(Route::of(route.operation).operation, route.operation);
        }
    }

    #[test]
    fn only_these_are_open() {
        let open: Vec<_> = Route::all()
            .filter(|r| r.access == Access::Open)
            .map(|r| r.operation)
            .collect();
        assert_eq!(
            open,
            [Operation::Health, Operation::OpenApi, Operation::Join]
        );
    }
}
