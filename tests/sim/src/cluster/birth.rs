//! The beginning: one machine founds the cluster, the others join.

use std::sync::Arc;
use std::time::Duration;

use hm_model::{ClusterOptions, Node as NodeWord, NodeName, NodeState, Timestamp, TokenId};
use hm_ports::{Clock, Random};
use hm_protocol::server::Proposal;
use hm_state::{
    Cluster as ClusterObject, CreateCluster, Entry, FEATURE_LEVEL, GossipKeys, JoinNode,
    JoinTokenRecord, Vault,
};
use tokio::time::{Instant, sleep};

use super::Cluster;
use crate::machine::Machine;
use crate::random::Chance;

const COMES_UP_WITHIN: Duration = Duration::from_secs(60);

impl Cluster {
    /// Founds the cluster and lets everyone join. `false` if it did not come up.
    pub(crate) async fn come_up(self: &Arc<Self>) -> bool {
        self.switch_on(0);
        for place in 1..self.size() {
            if !self.join(place).await {
                self.trace().violated(format_args!(
                    "machine {place} could not join a healthy cluster"
                ));
                return false;
            }
            self.switch_on(place);
        }
        self.settles(COMES_UP_WITHIN).await
    }

    async fn join(&self, place: usize) -> bool {
        let report = self.machines()[place].report();
        let mut node = NodeWord::new(report.node, name_of(place));
        node.addresses = report.addresses;
        node.api_port = report.api_port;
        node.gossip_port = report.gossip_port;
        node.feature_level = report.feature_level;
        node.state = NodeState::Down;
        let token = TokenId::from_u64(place as u64);
        let record = JoinTokenRecord {
            id: token,
            secret_hash: Vec::new(),
            expires_at: Timestamp::from_micros(2_000_000_000_000_000),
            uses_left: Some(1),
        };
        let entries = [
            Entry::CreateToken(Box::new(record)),
            Entry::JoinNode(Box::new(JoinNode { node, token })),
        ];
        for entry in entries {
            if !self.propose(entry).await {
                return false;
            }
        }
        true
    }

    async fn propose(&self, entry: Entry) -> bool {
        let until = Instant::now() + COMES_UP_WITHIN;
        while Instant::now() < until {
            if let Some(core) = self.cores().first()
                && core
                    .propose(Proposal::system("joiner", entry.clone()))
                    .await
                    .is_ok()
            {
                return true;
            }
            sleep(Duration::from_millis(100)).await;
        }
        false
    }
}

pub(super) fn founding(machines: &[Machine], chance: &Chance) -> CreateCluster {
    let mut key = [0; 32];
    chance.fill(&mut key);
    let first = &machines[0];
    let mut node = NodeWord::new(first.id, name_of(0));
    node.addresses = first.report().addresses;
    node.feature_level = FEATURE_LEVEL;
    CreateCluster {
        cluster: ClusterObject {
            id: "simulated".to_owned(),
            options: ClusterOptions::default(),
            created_at: Timestamp::from_micros(first.clock.now_micros()),
            ca_certificates: Vec::new(),
        },
        vault: Vault { ca_key: Vec::new() },
        gossip_keys: GossipKeys { keys: vec![key] },
        node,
    }
}

fn name_of(place: usize) -> NodeName {
    format!("n{place}")
        .parse()
        .expect("a letter and a number are a name")
}
