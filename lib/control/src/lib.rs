//! Controllers: functions from state and observation to a plan of entries and the next wake-up.
//!
//! Only the leader runs them. They are pure: what was observed and what time it is are arguments, the plan is the whole effect.

mod nodes;
mod observed;
mod servers;

use hm_model::Timestamp;
use hm_state::{Entry, State};

pub use observed::{Gossip, Observed, Sighting};
pub use servers::wanted_count;

/// What should be agreed on now, and when to look again if nothing else happens.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub entries: Vec<Entry>,
    pub wake_at: Option<Timestamp>,
}

impl Plan {
    fn wake(&mut self, at: Timestamp) {
        self.wake_at = Some(self.wake_at.map_or(at, |earlier| earlier.min(at)));
    }
}

/// The plan of all controllers together.
pub fn plan(state: &State, observed: &Observed, now: Timestamp) -> Plan {
    let mut plan = Plan::default();
    let nodes = nodes::judge(state, observed, now, &mut plan);
    let wanted = &state.servers().wanted;
    servers::choose(&nodes, wanted, observed, now, &mut plan);
    plan
}
