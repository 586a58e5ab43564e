//! Several real daemons, each in a namespace of its own, on one network that can be cut.

use std::time::Duration;

use serde_json::json;

use crate::wait::until;
use crate::{Daemon, DaemonPlan, KitError, Network};

const PATIENCE: Duration = Duration::from_secs(20);

/// Daemons `n1`, `n2`, ..., numbered from 0.
#[derive(Debug)]
pub struct Cluster {
    daemons: Vec<Daemon>,
    /// Last, so that it goes after the daemons in it.
    network: Network,
}

impl Cluster {
    /// The first daemon makes the cluster, the others join it one after the other by token, until all are ready.
    pub fn start(members: u8) -> Result<Self, KitError> {
        let mut cluster = Self {
            daemons: Vec::new(),
            network: Network::new(members)?,
        };
        for number in 0..usize::from(members) {
            cluster.join(number)?;
        }
        cluster.until_voters(match members {
            1 | 2 => 1,
            3 | 4 => 3,
            _ => 5,
        })?;
        Ok(cluster)
    }

    pub fn daemon(&mut self, number: usize) -> &mut Daemon {
        &mut self.daemons[number]
    }

    pub fn daemons(&self) -> &[Daemon] {
        &self.daemons
    }

    pub fn network(&self) -> &Network {
        &self.network
    }

    /// The number of the leader, as soon as one that runs says it leads.
    pub fn leader(&self, within: Duration) -> Result<usize, KitError> {
        until("the cluster has a leader", within, || {
            let leads = |daemon: &Daemon| {
                let shown = daemon
                    .api()
                    .within(Duration::from_secs(1))
                    .get("/api/cluster")
                    .ok();
                shown.is_some_and(|cluster| cluster["leader"]["name"] == daemon.name())
            };
            self.daemons.iter().position(leads)
        })
    }

    /// A daemon on one more machine of the network that wants in; it is not started.
    pub fn stranger(&mut self, name: &str, token: String) -> Result<Daemon, KitError> {
        let number = self.network.grow()?;
        let plan = DaemonPlan {
            advertise: Some(self.network.address(number)),
            join: Some((self.network.address(0), token)),
            ..DaemonPlan::alone(name)
        };
        Daemon::prepare(self.network.member(number), plan)
    }

    fn join(&mut self, number: usize) -> Result<(), KitError> {
        let mut plan = DaemonPlan::alone(&format!("n{}", number + 1));
        plan.advertise = Some(self.network.address(number));
        if let Some(first) = self.daemons.first() {
            first.until_writable(PATIENCE)?;
            let made = first.api().post("/api/tokens", &json!({}))?;
            let token = made["token"].as_str().unwrap_or_default();
            plan.join = Some((self.network.address(0), token.to_owned()));
        }
        let daemon = Daemon::start(self.network.member(number), plan)?;
        daemon.until_writable(PATIENCE)?;
        self.daemons.push(daemon);
        Ok(())
    }

    /// Waits until every daemon itself knows the voters: one that has not heard yet cannot replace a leader.
    fn until_voters(&self, voters: u32) -> Result<(), KitError> {
        let knows = |daemon: &Daemon| {
            let shown = daemon.api().get("/api/cluster").ok();
            shown.is_some_and(|cluster| {
                let quorum = &cluster["quorum"];
                quorum["voters"] == voters && quorum["alive"] == voters
            })
        };
        until(&format!("{voters} voters"), PATIENCE, || {
            self.daemons.iter().all(knows).then_some(())
        })
    }
}
