//! Nodes: joining, what they report, what the leader concludes, removal.

use hm_model::{Actor, Node, NodeId, NodeState};

use super::events::News;
use super::{Outcome, Step, not_found};
use crate::change::Change;
use crate::entry::{JoinNode, Verdict};
use crate::object::{Key, Kind, NodeReport};
use crate::reply::Refused;
use crate::state::State;

impl State {
    pub(super) fn join_node(&mut self, join: &JoinNode, step: &mut Step<'_>) -> Outcome {
        let node = &join.node;
        if self.nodes.contains(&node.id) {
            return Err(Refused::Exists {
                kind: Kind::Node,
                name: node.id.to_string(),
            });
        }
        if self
            .nodes
            .values()
            .any(|other| other.name == node.name && other.state != NodeState::Left)
        {
            return Err(Refused::Exists {
                kind: Kind::Node,
                name: node.name.to_string(),
            });
        }
        // A name whose former owner has left is free again; the old record would only confuse `find_node`.
        let former: Vec<Node> = self
            .nodes
            .values()
            .filter(|other| other.name == node.name)
            .cloned()
            .collect();
        for other in &former {
            self.check_forgettable(other)?;
        }
        self.spend_token(&join.token, step)?;
        for other in former {
            self.forget_node(other.id, step);
        }
        let node = Node {
            joined_at: step.now.time,
            state_since: step.now.time,
            ..node.clone()
        };
        let news = News::normal("node-joined", format!("the node joined as {}", node.name));
        let id = node.id;
        let generation = self.nodes.put(id, node, step.now);
        step.changed(Change::of(Key::Node(id)));
        self.tell_of_node(id, news, step);
        Ok(Some(generation))
    }

    pub(super) fn report_node(&mut self, report: &NodeReport, step: &mut Step<'_>) -> Outcome {
        if !step.actor_is(report.node) {
            return Err(Refused::NotYours);
        }
        let Some(record) = self.nodes.get(&report.node) else {
            return Err(not_found(Kind::Node, &report.node));
        };
        let mut node = record.value.clone();
        node.addresses.clone_from(&report.addresses);
        node.api_port = report.api_port;
        node.gossip_port = report.gossip_port;
        node.version.clone_from(&report.version);
        node.feature_level = report.feature_level;
        if node != record.value {
            self.note_node(node, step);
        }
        Ok(None)
    }

    pub(super) fn judge_nodes(&mut self, verdicts: &[Verdict], step: &mut Step<'_>) -> Outcome {
        if let Some(stranger) = verdicts
            .iter()
            .find(|verdict| !self.nodes.contains(&verdict.node))
        {
            return Err(not_found(Kind::Node, &stranger.node));
        }
        for verdict in verdicts {
            let Some(node) = self.nodes.value(&verdict.node) else {
                continue;
            };
            if node.state == verdict.state {
                continue;
            }
            let judged = Node {
                state: verdict.state,
                state_since: step.now.time,
                ..node.clone()
            };
            self.note_node(judged, step);
            let news = match verdict.state {
                NodeState::Ready => News::normal("node-ready", verdict.reason.as_str()),
                NodeState::Suspect => News::warning("node-suspect", verdict.reason.as_str()),
                NodeState::Down => News::warning("node-down", verdict.reason.as_str()),
                NodeState::Left => News::normal("node-left", verdict.reason.as_str()),
            };
            self.tell_of_node(verdict.node, news, step);
        }
        Ok(None)
    }

    pub(super) fn remove_node(&mut self, node: NodeId, step: &mut Step<'_>) -> Outcome {
        let Some(record) = self.nodes.get(&node) else {
            return Err(not_found(Kind::Node, &node));
        };
        step.check_generation(Kind::Node, &node, Some(record))?;
        self.check_forgettable(&record.value)?;
        self.tell_of_node(
            node,
            News::normal("node-removed", "the node was removed"),
            step,
        );
        self.forget_node(node, step);
        Ok(None)
    }

    /// A node that serves or has replicas cannot be forgotten; one that is gone serves no more, whatever was planned for it.
    fn check_forgettable(&self, node: &Node) -> Result<(), Refused> {
        let in_use = |by: String| {
            Err(Refused::InUse {
                kind: Kind::Node,
                name: node.id.to_string(),
                by,
            })
        };
        let is_gone = matches!(node.state, NodeState::Down | NodeState::Left);
        let is_last = self.servers.wanted.iter().all(|wanted| *wanted == node.id);
        if self.servers.listens(node.id) && (is_last || !is_gone) {
            return in_use("the cluster, as a server".to_owned());
        }
        match self.replicas_on(node.id).next() {
            Some(replica) => in_use(format!("replica {replica}")),
            None => Ok(()),
        }
    }

    fn note_node(&mut self, node: Node, step: &mut Step<'_>) {
        let id = node.id;
        self.nodes.note(&id, step.now, |value| *value = node);
        step.changed(Change::of(Key::Node(id)));
    }

    fn forget_node(&mut self, node: NodeId, step: &mut Step<'_>) {
        self.nodes.remove(&node);
        step.changed(Change::of(Key::Node(node)));
        if self.servers.wanted.remove(&node) {
            step.changed(Change::of(Key::Servers));
        }
    }
}

impl Step<'_> {
    /// Whether the node itself is asking: its certificate said so at the door.
    pub(super) fn actor_is(&self, node: NodeId) -> bool {
        *self.actor == Actor::Node(node)
    }
}
