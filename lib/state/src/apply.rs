//! The one way the state changes. The same entries in the same order give the same state on every server.
//!
//! Each change checks everything first and then changes: a refused entry leaves no trace but its answer.

mod apps;
mod cluster;
mod events;
mod nodes;
mod settings;
mod tokens;

use hm_model::Actor;

use crate::change::Change;
use crate::entry::Entry;
use crate::envelope::Envelope;
use crate::object::Kind;
use crate::reply::{Done, Refused, Reply};
use crate::requests::Answered;
use crate::state::State;
use crate::table::{Moment, Record};

/// What `apply` answers: the agreed reply, and what watchers should hear of.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    pub reply: Reply,
    pub changes: Vec<Change>,
}

/// Collects what an entry changes while it is applied.
pub(crate) struct Step<'a> {
    now: Moment,
    actor: &'a Actor,
    expected_generation: Option<u64>,
    changes: Vec<Change>,
}

type Outcome = Result<Option<u64>, Refused>;

impl State {
    /// Applies the entry at log index `index`.
    pub fn apply(&mut self, index: u64, envelope: &Envelope) -> Applied {
        self.revision = index;
        self.time = self.time.max(envelope.time);
        if let Some(reply) = envelope
            .request
            .and_then(|request| self.requests.answer(&request))
        {
            return Applied {
                reply: reply.clone(),
                changes: Vec::new(),
            };
        }
        let mut step = Step {
            now: Moment {
                revision: index,
                time: self.time,
            },
            actor: &envelope.actor,
            expected_generation: envelope.expected_generation,
            changes: Vec::new(),
        };
        let reply = match self.change(&envelope.entry, &mut step) {
            Ok(generation) => Reply::Done(Done {
                revision: index,
                generation,
            }),
            Err(refused) => Reply::Refused(refused),
        };
        let changes = step.changes;
        if let Some(request) = envelope.request {
            self.requests.remember(Answered {
                request,
                revision: index,
                time: self.time,
                reply: reply.clone(),
            });
        }
        Applied { reply, changes }
    }

    fn change(&mut self, entry: &Entry, step: &mut Step<'_>) -> Outcome {
        if self.cluster.is_none() && !matches!(entry, Entry::CreateCluster(_)) {
            return Err(Refused::NoCluster);
        }
        if step.expected_generation.is_some() && !entry.has_generation() {
            return Err(Refused::Invalid {
                reason: "this change has no generation to compare with".to_owned(),
            });
        }
        match entry {
            Entry::CreateCluster(create) => self.create_cluster(create, step),
            Entry::SetClusterOptions(options) => {
                self.set_cluster_options(options, step);
                Ok(None)
            }
            Entry::ChooseServers(wanted) => self.choose_servers(wanted, step),
            Entry::NoteVoters(voters) => self.note_voters(voters, step),
            Entry::JoinNode(join) => self.join_node(join, step),
            Entry::ReportNode(report) => self.report_node(report, step),
            Entry::JudgeNodes(verdicts) => self.judge_nodes(verdicts, step),
            Entry::RemoveNode(node) => self.remove_node(*node, step),
            Entry::SetSetting { key, value } => self.set_setting(key, value, step),
            Entry::UnsetSetting(key) => self.unset_setting(key, step),
            Entry::CreateToken(token) => self.create_token(token, step),
            Entry::DeleteToken(id) => self.delete_token(id, step),
            Entry::CreateNamespace(name) => self.create_namespace(name, step),
            Entry::DeleteNamespace(name) => self.delete_namespace(name, step),
            Entry::DeployApp(deploy) => self.deploy_app(deploy, step),
            Entry::DeleteApp(key) => self.delete_app(key, step),
            Entry::PlaceReplicas { place, remove } => self.place_replicas(place, remove, step),
            Entry::ReportReplicas { node, reports } => self.report_replicas(*node, reports, step),
        }
    }
}

impl Step<'_> {
    fn changed(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Compare-and-set: holds when the caller named no generation, or the one the object has (0: it must not exist).
    fn check_generation<T>(
        &self,
        kind: Kind,
        name: &impl ToString,
        record: Option<&Record<T>>,
    ) -> Result<(), Refused> {
        let found = record.map_or(0, |record| record.generation);
        match self.expected_generation {
            Some(expected) if expected != found => Err(Refused::GenerationMismatch {
                kind,
                name: name.to_string(),
                expected,
                found,
            }),
            _ => Ok(()),
        }
    }
}

fn not_found(kind: Kind, name: &impl ToString) -> Refused {
    Refused::NotFound {
        kind,
        name: name.to_string(),
    }
}
