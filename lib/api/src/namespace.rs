//! Namespaces.

use hm_model::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema::TimeText;

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Namespace {
    pub name: String,
    #[schema(value_type = TimeText)]
    pub created_at: Timestamp,
    pub generation: u64,
}
