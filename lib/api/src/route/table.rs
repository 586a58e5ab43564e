//! The rows of the table, subject by subject, and the parameters they share.

use hm_model::{Action, Resource};

use super::{Access, Answer, Audit, Body, Route};
use crate::cluster::Cluster;
use crate::error::ErrorCode;
use crate::event::Event;
use crate::health::Health;
use crate::join::{JoinRequest, JoinResponse};
use crate::list::{LIMIT_MAX, List};
use crate::namespace::Namespace;
use crate::node::{Node, NodeDetail};
use crate::operation::Operation;
use crate::query::{Parameter, ParameterKind};
use crate::setting::{Setting, SettingSet};
use crate::token::{NewToken, Token, TokenCreate};
use crate::watch::WatchLine;

const LIMIT: Parameter = Parameter {
    name: "limit",
    description: "How many items at most; 500 unless told.",
    kind: ParameterKind::Integer {
        minimum: 1,
        maximum: LIMIT_MAX as u64,
    },
};

const CONTINUE: Parameter = Parameter {
    name: "continue",
    description: "Where the last page ended, as that page said.",
    kind: ParameterKind::Text {
        longest: 512,
        pattern: "^[0-9A-Za-z_-]+$",
    },
};

const EXPECTED_GENERATION: Parameter = Parameter {
    name: "expected_generation",
    description: "Refuse unless the object is still at this generation.",
    kind: ParameterKind::Integer {
        minimum: 0,
        maximum: i64::MAX as u64,
    },
};

const NAMESPACE: Parameter = Parameter {
    name: "namespace",
    description: "Only what is in this namespace.",
    kind: ParameterKind::Text {
        longest: 63,
        pattern: "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$",
    },
};

const NODE: Parameter = Parameter {
    name: "node",
    description: "The node's id or name, or a beginning of its id that no other node shares.",
    kind: ParameterKind::Text {
        longest: 63,
        pattern: "^[0-9A-Za-z._-]+$",
    },
};

const KEY: Parameter = Parameter {
    name: "key",
    description: "The setting's key.",
    kind: ParameterKind::Text {
        longest: 128,
        pattern: "^[a-z0-9._-]+$",
    },
};

const TOKEN_ID: Parameter = Parameter {
    name: "id",
    description: "The token's id.",
    kind: ParameterKind::Text {
        longest: 128,
        pattern: "^[0-9A-Za-z_-]+$",
    },
};

const STATE: Parameter = Parameter {
    name: "state",
    description: "Only nodes in this state.",
    kind: ParameterKind::OneOf(&["ready", "suspect", "down", "left"]),
};

const ROLE: Parameter = Parameter {
    name: "role",
    description: "Only nodes of this role.",
    kind: ParameterKind::OneOf(&["server", "agent"]),
};

const KINDS: Parameter = Parameter {
    name: "kinds",
    description: "Only changes of these kinds; all unless told.",
    kind: ParameterKind::SomeOf(&["node", "setting", "token", "namespace", "event"]),
};

const FROM: Parameter = Parameter {
    name: "from",
    description: "Start after this revision; without it, start with all there is.",
    kind: ParameterKind::Integer {
        minimum: 0,
        maximum: i64::MAX as u64,
    },
};

pub(super) const HEALTH: Route = Route {
    access: Access::Open,
    ..Route::read(
        Operation::Health,
        "Tell how this node is",
        Resource::Cluster,
        Answer::Report(Body::of::<Health>()),
    )
};

pub(super) const OPENAPI: Route = Route {
    access: Access::Open,
    ..Route::read(
        Operation::OpenApi,
        "Describe this API",
        Resource::Cluster,
        Answer::Document,
    )
};

pub(super) const CLUSTER_SHOW: Route = Route::read(
    Operation::ClusterShow,
    "Show the cluster",
    Resource::Cluster,
    Answer::Ok(Body::of::<Cluster>()),
);

pub(super) const NODE_LIST: Route = Route {
    query: &[STATE, ROLE, LIMIT, CONTINUE],
    ..Route::read(
        Operation::NodeList,
        "List the nodes",
        Resource::Node,
        Answer::Ok(Body::of::<List<Node>>()),
    )
};

pub(super) const NODE_SHOW: Route = Route {
    path: &[NODE],
    errors: &[ErrorCode::NotFound, ErrorCode::Conflict],
    ..Route::read(
        Operation::NodeShow,
        "Show a node",
        Resource::Node,
        Answer::Ok(Body::of::<NodeDetail>()),
    )
};

pub(super) const SETTING_LIST: Route = Route {
    query: &[LIMIT, CONTINUE],
    ..Route::read(
        Operation::SettingList,
        "List the settings",
        Resource::Setting,
        Answer::Ok(Body::of::<List<Setting>>()),
    )
};

pub(super) const SETTING_SHOW: Route = Route {
    path: &[KEY],
    errors: &[ErrorCode::NotFound],
    ..Route::read(
        Operation::SettingShow,
        "Show a setting",
        Resource::Setting,
        Answer::Ok(Body::of::<Setting>()),
    )
};

pub(super) const SETTING_SET: Route = Route {
    access: Access::Needs {
        resource: Resource::Setting,
        action: Action::Update,
    },
    path: &[KEY],
    body: Some(Body::of::<SettingSet>()),
    errors: &[
        ErrorCode::NotFound,
        ErrorCode::Conflict,
        ErrorCode::GenerationMismatch,
    ],
    ..Route::read(
        Operation::SettingSet,
        "Set a setting",
        Resource::Setting,
        Answer::Ok(Body::of::<Setting>()),
    )
};

pub(super) const SETTING_UNSET: Route = Route {
    access: Access::Needs {
        resource: Resource::Setting,
        action: Action::Delete,
    },
    path: &[KEY],
    query: &[EXPECTED_GENERATION],
    errors: &[
        ErrorCode::NotFound,
        ErrorCode::Conflict,
        ErrorCode::GenerationMismatch,
    ],
    ..Route::read(
        Operation::SettingUnset,
        "Return a setting to its default",
        Resource::Setting,
        Answer::Ok(Body::of::<Setting>()),
    )
};

pub(super) const TOKEN_CREATE: Route = Route {
    access: Access::Needs {
        resource: Resource::Cluster,
        action: Action::Create,
    },
    body: Some(Body::of::<TokenCreate>()),
    errors: &[ErrorCode::Conflict],
    ..Route::read(
        Operation::TokenCreate,
        "Create a join token",
        Resource::Cluster,
        Answer::Created(Body::of::<NewToken>()),
    )
};

pub(super) const TOKEN_LIST: Route = Route {
    query: &[LIMIT, CONTINUE],
    audit: Audit::Sensitive,
    ..Route::read(
        Operation::TokenList,
        "List the join tokens",
        Resource::Cluster,
        Answer::Ok(Body::of::<List<Token>>()),
    )
};

pub(super) const TOKEN_DELETE: Route = Route {
    access: Access::Needs {
        resource: Resource::Cluster,
        action: Action::Delete,
    },
    path: &[TOKEN_ID],
    errors: &[ErrorCode::NotFound, ErrorCode::Conflict],
    ..Route::read(
        Operation::TokenDelete,
        "Withdraw a join token",
        Resource::Cluster,
        Answer::Nothing,
    )
};

pub(super) const JOIN: Route = Route {
    access: Access::Open,
    body: Some(Body::of::<JoinRequest>()),
    errors: &[ErrorCode::Unauthenticated, ErrorCode::Conflict],
    ..Route::read(
        Operation::Join,
        "Join the cluster with a token",
        Resource::Node,
        Answer::Ok(Body::of::<JoinResponse>()),
    )
};

pub(super) const EVENT_LIST: Route = Route {
    query: &[NAMESPACE, LIMIT, CONTINUE],
    ..Route::read(
        Operation::EventList,
        "List what happened, oldest first",
        Resource::Event,
        Answer::Ok(Body::of::<List<Event>>()),
    )
};

pub(super) const NAMESPACE_LIST: Route = Route {
    query: &[LIMIT, CONTINUE],
    ..Route::read(
        Operation::NamespaceList,
        "List the namespaces",
        Resource::Cluster,
        Answer::Ok(Body::of::<List<Namespace>>()),
    )
};

pub(super) const WATCH: Route = Route {
    query: &[KINDS, FROM],
    errors: &[ErrorCode::Compacted],
    ..Route::read(
        Operation::Watch,
        "Follow the changes of the state",
        Resource::Cluster,
        Answer::Lines(Body::of::<WatchLine>()),
    )
};
