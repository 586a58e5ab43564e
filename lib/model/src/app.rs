//! Apps: what a user deploys.

mod problems;

use serde::{Deserialize, Serialize};

use crate::text::words;
use crate::{
    Container, Labels, Name, ObjectKey, Placement, Port, Requests, RevisionNumber, Span,
    SpecProblem, UpdateStrategy,
};

/// An app as the cluster knows it: what is wanted, and which revision that made. Its generation and its times are the
/// state's.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct App {
    pub key: ObjectKey,
    pub spec: AppSpec,
    /// The revision that `spec` became.
    #[serde(default)]
    pub revision: RevisionNumber,
}

/// What a user wants to run. Everything but the containers has a default.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AppSpec {
    pub containers: Vec<Container>,
    #[serde(default)]
    pub mode: Mode,
    /// Copies, in the modes that have a number of them.
    #[serde(default = "one")]
    pub replicas: u32,
    /// One copy ever: a new one starts only when the old one is certainly gone.
    #[serde(default)]
    pub exclusive: bool,
    #[serde(default)]
    pub labels: Labels,
    #[serde(default)]
    pub ports: Vec<Port>,
    #[serde(default)]
    pub placement: Placement,
    #[serde(default)]
    pub update: UpdateStrategy,
    #[serde(default)]
    pub restart: RestartPolicy,
    #[serde(default)]
    pub on_node_loss: OnNodeLoss,
    /// How long a replica may take to stop before it is killed.
    #[serde(default = "ten_seconds")]
    pub stop_grace: Span,
    /// Higher is placed first, and may take the place of lower.
    #[serde(default)]
    pub priority: i32,
}

const fn one() -> u32 {
    1
}

const fn ten_seconds() -> Span {
    Span::from_secs(10)
}

words! {
    /// How an app's replicas are counted and named.
    #[derive(Default, Hash)]
    pub enum Mode("a mode") {
        /// A number of equal copies.
        #[default]
        Replicated = "replicated",
        /// One copy on every node that its placement allows.
        PerNode = "per-node",
        /// A number of copies, each with a lasting identity, started in order.
        Ordinal = "ordinal",
    }
}

words! {
    /// What happens when a container ends.
    #[derive(Default, Hash)]
    pub enum RestartPolicy("a restart policy") {
        #[default]
        Always = "always",
        OnFailure = "on-failure",
        Never = "never",
    }
}

words! {
    /// What happens to an app's replicas when their node is lost.
    #[derive(Default, Hash)]
    pub enum OnNodeLoss("an answer to the loss of a node") {
        /// Start them elsewhere.
        #[default]
        Reschedule = "reschedule",
        /// Wait for the node to return.
        Wait = "wait",
        /// Give them up.
        Stop = "stop",
    }
}

impl AppSpec {
    /// The simplest app: one container, everything else by default.
    pub fn new(container: Container) -> Self {
        Self {
            containers: vec![container],
            mode: Mode::default(),
            replicas: one(),
            exclusive: false,
            labels: Labels::new(),
            ports: Vec::new(),
            placement: Placement::default(),
            update: UpdateStrategy::default(),
            restart: RestartPolicy::default(),
            on_node_loss: OnNodeLoss::default(),
            stop_grace: ten_seconds(),
            priority: 0,
        }
    }

    /// What one replica asks of its node: the sum over its containers.
    pub fn requests(&self) -> Requests {
        self.containers
            .iter()
            .fold(Requests::default(), |sum, container| {
                sum.plus(container.resources.requests())
            })
    }

    /// Every reason to refuse an app with this name and spec; none if it can be deployed.
    pub fn problems(&self, name: &Name) -> Vec<SpecProblem> {
        problems::problems(name, self)
    }

    /// Of so many replicas, how many an update may be short of, and how many it may have in excess. Never both zero.
    pub fn update_room(&self, replicas: u32) -> (u32, u32) {
        problems::update_room(self, replicas)
    }
}
