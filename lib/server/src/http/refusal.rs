//! Why a change did not happen, as the caller is told.

use hm_api::{ErrorCode, Problem};
use hm_state::Refused;

use crate::error::ProposeError;

pub(super) fn problem_of(error: &ProposeError) -> Problem {
    let detail = error.to_string();
    match error {
        ProposeError::Refused(refused) => Problem::new(code_of(refused), detail),
        ProposeError::NoQuorum { .. } => Problem::new(ErrorCode::NoQuorum, detail).with_hint(
            "start the missing servers; whether this change still happens is not known until then",
        ),
        ProposeError::FeatureLevel { .. } => Problem::new(ErrorCode::Conflict, detail),
        ProposeError::Stopped { .. } => {
            Problem::new(ErrorCode::Unavailable, detail).with_hint("ask another node")
        }
        ProposeError::TooLarge { .. } => Problem::new(ErrorCode::TooLarge, detail),
        ProposeError::Unreadable { .. } => Problem::new(ErrorCode::Internal, detail),
    }
}

const fn code_of(refused: &Refused) -> ErrorCode {
    match refused {
        Refused::NotFound { .. } => ErrorCode::NotFound,
        Refused::Exists { .. } | Refused::InUse { .. } | Refused::ClusterExists => {
            ErrorCode::Conflict
        }
        Refused::GenerationMismatch { .. } => ErrorCode::GenerationMismatch,
        Refused::Invalid { .. } => ErrorCode::Invalid,
        Refused::Token { .. } => ErrorCode::Unauthenticated,
        Refused::NotYours => ErrorCode::Forbidden,
        Refused::NoCluster => ErrorCode::Unavailable,
    }
}
