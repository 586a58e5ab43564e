//! The table of answered requests: a client that lost the answer asks again with the same id and gets it, whoever leads by then.

use std::ops::Bound;

use hm_model::{RequestId, Timestamp};
use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use crate::reply::Reply;

/// Answers are kept this long, unless there are too many.
const KEEP_MICROS: i64 = 10 * 60 * 1_000_000;
const KEEP_AT_MOST: usize = 16_384;

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Answered {
    pub request: RequestId,
    pub revision: u64,
    pub time: Timestamp,
    pub reply: Reply,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Requests {
    by_id: OrdMap<RequestId, Answered>,
    by_age: OrdMap<u64, RequestId>,
}

impl Requests {
    pub(crate) fn answer(&self, request: &RequestId) -> Option<&Reply> {
        self.by_id.get(request).map(|answered| &answered.reply)
    }

    pub(crate) fn remember(&mut self, answered: Answered) {
        let now = answered.time;
        self.by_age.insert(answered.revision, answered.request);
        self.by_id.insert(answered.request, answered);
        self.forget_old(now);
    }

    fn forget_old(&mut self, now: Timestamp) {
        while let Some((revision, request)) = self.by_age.get_min().copied() {
            let old = self.by_id.get(&request).is_none_or(|answered| {
                now.as_micros().saturating_sub(answered.time.as_micros()) > KEEP_MICROS
            });
            if !old && self.by_id.len() <= KEEP_AT_MOST {
                return;
            }
            self.by_age.remove(&revision);
            self.by_id.remove(&request);
        }
    }

    /// The answers to requests after a revision, oldest first.
    pub(crate) fn after(&self, revision: Option<u64>) -> impl Iterator<Item = &Answered> {
        let start = revision.map_or(Bound::Unbounded, Bound::Excluded);
        self.by_age
            .range((start, Bound::Unbounded))
            .filter_map(|(_, request)| self.by_id.get(request))
    }
}
