//! Join tokens: what a new node shows to be let in.

use std::ops::RangeInclusive;

use hm_model::{Span, Timestamp, TokenId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::schema::{TimeText, TokenIdText};

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenCreate {
    /// How long it is good for, such as `90s`, `1h` or `7d`: from a second to 30 days.
    #[serde(default = "TokenCreate::default_ttl")]
    #[schema(value_type = String, pattern = "^([1-9][0-9]{0,3}[sm]|([1-9][0-9]?|[1-6][0-9]{2})h|([1-9]|[12][0-9]|30)d)$", default = "1h")]
    pub ttl: Span,
    /// How many nodes may join with it; as many as want to until it expires, when not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000)]
    pub uses: Option<u32>,
}

impl TokenCreate {
    pub const TTL: RangeInclusive<Span> = Span::from_secs(1)..=Span::from_secs(30 * 24 * 3600);
    pub const USES: RangeInclusive<u32> = 1..=1_000;

    const fn default_ttl() -> Span {
        Span::from_secs(3600)
    }
}

impl Default for TokenCreate {
    fn default() -> Self {
        Self {
            ttl: Self::default_ttl(),
            uses: None,
        }
    }
}

/// A new token. This is the only time its secret is shown.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct NewToken {
    /// The whole token, with its secret and the fingerprint of the cluster's certificate authority.
    pub token: String,
    #[schema(value_type = TokenIdText)]
    pub id: TokenId,
    #[schema(value_type = TimeText)]
    pub expires_at: Timestamp,
}

impl std::fmt::Debug for NewToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewToken")
            .field("id", &self.id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// A token without its secret.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
pub struct Token {
    #[schema(value_type = TokenIdText)]
    pub id: TokenId,
    #[schema(value_type = TimeText)]
    pub created_at: Timestamp,
    #[schema(value_type = TimeText)]
    pub expires_at: Timestamp,
    /// Absent: as often as wanted until it expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uses_left: Option<u32>,
}
