//! A cluster as the leader knows it: the state, what it observes, and what time it is.

use std::collections::BTreeSet;

use hm_control::{Gossip, Observed, Plan, Sighting, plan};
use hm_model::{
    Actor, ClusterOptions, Eligibility, Node, NodeId, NodeState, Span, Timestamp, TokenId, Via,
};
use hm_state::{
    Cluster, CreateCluster, Entry, Envelope, FORMAT, GossipKeys, JoinNode, JoinTokenRecord, Reply,
    State, Vault, Verdict,
};

pub(crate) const START: Timestamp = Timestamp::from_micros(1_750_000_000_000_000);

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) state: State,
    pub(crate) observed: Observed,
    pub(crate) now: Timestamp,
}

pub(crate) fn id(number: u64) -> NodeId {
    NodeId::from_u64(number)
}

pub(crate) fn ids(numbers: &[u64]) -> BTreeSet<NodeId> {
    numbers.iter().copied().map(id).collect()
}

fn node(number: u64) -> Node {
    Node::new(id(number), format!("n{number}").parse().unwrap())
}

impl World {
    /// Node 1 leads, alone, and has watched for long.
    pub(crate) fn founded() -> Self {
        let mut world = Self {
            state: State::default(),
            observed: Observed::new(id(1), START),
            now: START,
        };
        world.agree(Entry::CreateCluster(Box::new(CreateCluster {
            cluster: Cluster {
                id: "c1".to_owned(),
                options: ClusterOptions::default(),
                created_at: START,
                ca_certificates: vec![],
            },
            vault: Vault { ca_key: vec![] },
            gossip_keys: GossipKeys::default(),
            node: node(1),
        })));
        world.agree(Entry::CreateToken(Box::new(JoinTokenRecord {
            id: TokenId::from_u64(1),
            secret_hash: vec![],
            expires_at: Timestamp::MAX,
            uses_left: None,
        })));
        world.later(Span::from_secs(3600));
        world
    }

    /// Nodes 1 to `nodes` have joined in this order, are up and have been planned for.
    pub(crate) fn of(nodes: u64) -> Self {
        let mut world = Self::founded();
        for number in 2..=nodes {
            world
                .later(Span::from_millis(1))
                .join(number, Eligibility::Auto);
            world.up(number);
        }
        world.settle();
        world
    }

    pub(crate) fn agree(&mut self, entry: Entry) {
        let envelope = Envelope {
            format: FORMAT,
            request: None,
            actor: Actor::CLUSTER,
            via: Via::Internal,
            time: self.now,
            expected_generation: None,
            entry,
        };
        let applied = self.state.apply(self.state.revision() + 1, &envelope);
        assert!(
            matches!(applied.reply, Reply::Done(_)),
            "{:?}: {:?}",
            envelope.entry,
            applied.reply
        );
    }

    pub(crate) fn join(&mut self, number: u64, eligibility: Eligibility) {
        let node = Node {
            eligibility,
            ..node(number)
        };
        let token = TokenId::from_u64(1);
        self.agree(Entry::JoinNode(Box::new(JoinNode { node, token })));
    }

    pub(crate) fn judged(&mut self, number: u64, state: NodeState) {
        let reason = "by the test".to_owned();
        let node = id(number);
        self.agree(Entry::JudgeNodes(vec![Verdict {
            node,
            state,
            reason,
        }]));
    }

    /// Gossip reaches it, and its agent is heard right now.
    pub(crate) fn up(&mut self, number: u64) {
        self.gossip(number, Some(Gossip::Alive));
        self.heard(number);
    }

    pub(crate) fn gossip(&mut self, number: u64, gossip: Option<Gossip>) {
        self.sighting(number).gossip = gossip;
    }

    pub(crate) fn heard(&mut self, number: u64) {
        self.sighting(number).heard_at = Some(self.now);
    }

    /// Its agent stays silent from now on, and gossip finds out.
    pub(crate) fn dies(&mut self, number: u64) {
        self.gossip(number, Some(Gossip::Down));
    }

    fn sighting(&mut self, number: u64) -> &mut Sighting {
        self.observed.nodes.entry(id(number)).or_default()
    }

    /// Time passes; the agents that gossip reaches go on beating.
    pub(crate) fn later(&mut self, span: Span) -> &mut Self {
        self.now = self.now.saturating_add(span);
        let now = self.now;
        for sighting in self.observed.nodes.values_mut() {
            if matches!(sighting.gossip, Some(Gossip::Alive | Gossip::Suspect))
                && sighting.heard_at.is_some()
            {
                sighting.heard_at = Some(now);
            }
        }
        self
    }

    /// Another one leads, and has seen nothing yet.
    pub(crate) fn led_by(&mut self, number: u64) {
        self.observed = Observed::new(id(number), self.now);
    }

    pub(crate) fn plan(&self) -> Plan {
        plan(&self.state, &self.observed, self.now)
    }

    /// Plans and agrees once; answers the plan. Planned again at once, there is nothing left to do.
    pub(crate) fn step(&mut self) -> Plan {
        let plan = self.plan();
        plan.entries
            .iter()
            .cloned()
            .for_each(|entry| self.agree(entry));
        assert_eq!(self.plan().entries, [], "after {:?}", plan.entries);
        plan
    }

    /// Plans and agrees.
    pub(crate) fn settle(&mut self) -> &mut Self {
        self.step();
        self
    }

    pub(crate) fn state_of(&self, number: u64) -> NodeState {
        self.state.nodes().value(&id(number)).unwrap().state
    }

    pub(crate) fn servers(&self) -> Vec<u64> {
        self.state
            .servers()
            .wanted
            .iter()
            .map(|id| id.as_u64())
            .collect()
    }

    /// When the plan wants to be run again, from now.
    pub(crate) fn wakes_in(&self) -> Option<Span> {
        self.plan().wake_at.map(|at| at.since(self.now))
    }
}
