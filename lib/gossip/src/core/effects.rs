//! What foca wants done, collected while it runs.

use std::time::Duration;

use foca::{Notification, Runtime, Timer};

use crate::identity::Identity;

#[derive(Debug, Default)]
pub(super) struct Effects {
    pub(super) sends: Vec<(Identity, Vec<u8>)>,
    /// Who went down, and after how long to forget it.
    pub(super) forget: Vec<(Identity, Duration)>,
    /// Our own new identity, because the others called the former one down.
    pub(super) renewed: Option<Identity>,
}

impl Runtime<Identity> for Effects {
    fn notify(&mut self, notification: Notification<'_, Identity>) {
        match notification {
            Notification::Rejoin(identity) => self.renewed = Some(*identity),
            // Seen by comparing the lists, as suspicions must be (see `view`).
            Notification::MemberUp(_)
            | Notification::MemberDown(_)
            | Notification::Rename(..)
            | Notification::Active
            | Notification::Idle
            | Notification::Defunct => {}
        }
    }

    fn send_to(&mut self, to: Identity, data: &[u8]) {
        self.sends.push((to, data.to_vec()));
    }

    fn submit_after(&mut self, event: Timer<Identity>, after: Duration) {
        match event {
            Timer::RemoveDown(identity) => self.forget.push((identity, after)),
            // foca's prober never starts: the watch does that work. Its periodic tasks are not configured.
            Timer::ProbeRandomMember(_)
            | Timer::SendIndirectProbe { .. }
            | Timer::ChangeSuspectToDown { .. }
            | Timer::PeriodicAnnounce(_)
            | Timer::PeriodicAnnounceDown(_)
            | Timer::PeriodicGossip(_) => {}
        }
    }
}
