//! The public half of a token: tells tokens apart in lists and logs; the secret half is never stored.

use crate::id64::id64;

id64! {
    /// A token's identity, safe to show.
    pub struct TokenId("a token id")
}
