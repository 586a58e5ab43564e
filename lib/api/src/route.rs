//! The route table: what each operation takes, answers and demands. The server dispatches by it and the document is made from it.

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

pub use crate::schema::Body;

/// One operation in full.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    pub operation: Operation,
    pub summary: &'static str,
    pub access: Access,
    /// The parameters in the path, in order.
    pub path: &'static [Parameter],
    pub query: &'static [Parameter],
    pub body: Option<Body>,
    pub answer: Answer,
    /// What can go wrong here besides what can go wrong everywhere.
    pub errors: &'static [ErrorCode],
    pub audit: Audit,
}

/// Who may call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Access {
    Open,
    Needs { resource: Resource, action: Action },
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Resource {
    Cluster,
    Node,
    Setting,
    Token,
    Event,
    Namespace,
}

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Action {
    Read,
    Create,
    Update,
    Delete,
}

/// What success looks like.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// 200 and a body; with 503 instead, the same body.
    Report(Body),
    /// 200 and a body.
    Ok(Body),
    /// 201 and a body.
    Created(Body),
    /// 204 and nothing.
    Nothing,
    /// 200 and lines of JSON for as long as the caller listens.
    Lines(Body),
    /// 200 and a JSON object without a schema of its own.
    Document,
}

/// What the node writes down when the operation succeeds. Refusals are always written down, changes are by their log entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Audit {
    Quiet,
    /// A read of something that is nobody else's business.
    Sensitive,
}

impl Resource {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Node => "node",
            Self::Setting => "setting",
            Self::Token => "token",
            Self::Event => "event",
            Self::Namespace => "namespace",
        }
    }
}

impl Action {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

impl Answer {
    pub const fn status(self) -> u16 {
        match self {
            Self::Report(_) | Self::Ok(_) | Self::Lines(_) | Self::Document => 200,
            Self::Created(_) => 201,
            Self::Nothing => 204,
        }
    }

    pub const fn is_stream(self) -> bool {
        matches!(self, Self::Lines(_))
    }
}

impl Route {
    pub fn all() -> impl Iterator<Item = Self> {
        Operation::ALL.into_iter().map(Self::of)
    }

    pub const fn of(operation: Operation) -> Self {
        match operation {
            Operation::Health => HEALTH,
            Operation::OpenApi => OPENAPI,
            Operation::ClusterShow => CLUSTER_SHOW,
            Operation::NodeList => NODE_LIST,
            Operation::NodeShow => NODE_SHOW,
            Operation::SettingList => SETTING_LIST,
            Operation::SettingShow => SETTING_SHOW,
            Operation::SettingSet => SETTING_SET,
            Operation::SettingUnset => SETTING_UNSET,
            Operation::TokenCreate => TOKEN_CREATE,
            Operation::TokenList => TOKEN_LIST,
            Operation::TokenDelete => TOKEN_DELETE,
            Operation::Join => JOIN,
            Operation::EventList => EVENT_LIST,
            Operation::NamespaceList => NAMESPACE_LIST,
            Operation::Watch => WATCH,
        }
    }

    /// Everything this operation can answer instead of success.
    pub fn problems(&self) -> Vec<ErrorCode> {
        let mut codes = vec![
            ErrorCode::Invalid,
            ErrorCode::RateLimited,
            ErrorCode::Unavailable,
            ErrorCode::Timeout,
            ErrorCode::Internal,
        ];
        if self.access != Access::Open {
            codes.extend([ErrorCode::Unauthenticated, ErrorCode::Forbidden]);
        }
        codes.push(ErrorCode::TooLarge);
        if self.body.is_some() {
            codes.push(ErrorCode::UnsupportedMediaType);
        }
        if self.changes() {
            codes.push(ErrorCode::NoQuorum);
        }
        codes.extend(self.errors);
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Whether it proposes an entry to the log.
    pub const fn changes(&self) -> bool {
        !matches!(self.operation.method(), crate::Method::Get)
    }

    const fn read(
        operation: Operation,
        summary: &'static str,
        resource: Resource,
        answer: Answer,
    ) -> Self {
        Self {
            operation,
            summary,
            access: Access::Needs {
                resource,
                action: Action::Read,
            },
            path: &[],
            query: &[],
            body: None,
            answer,
            errors: &[],
            audit: Audit::Quiet,
        }
    }
}

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

const HEALTH: Route = Route {
    access: Access::Open,
    ..Route::read(
        Operation::Health,
        "Tell how this node is",
        Resource::Cluster,
        Answer::Report(Body::of::<Health>()),
    )
};

const OPENAPI: Route = Route {
    access: Access::Open,
    ..Route::read(
        Operation::OpenApi,
        "Describe this API",
        Resource::Cluster,
        Answer::Document,
    )
};

const CLUSTER_SHOW: Route = Route::read(
    Operation::ClusterShow,
    "Show the cluster",
    Resource::Cluster,
    Answer::Ok(Body::of::<Cluster>()),
);

const NODE_LIST: Route = Route {
    query: &[STATE, ROLE, LIMIT, CONTINUE],
    ..Route::read(
        Operation::NodeList,
        "List the nodes",
        Resource::Node,
        Answer::Ok(Body::of::<List<Node>>()),
    )
};

const NODE_SHOW: Route = Route {
    path: &[NODE],
    errors: &[ErrorCode::NotFound, ErrorCode::Conflict],
    ..Route::read(
        Operation::NodeShow,
        "Show a node",
        Resource::Node,
        Answer::Ok(Body::of::<NodeDetail>()),
    )
};

const SETTING_LIST: Route = Route {
    query: &[LIMIT, CONTINUE],
    ..Route::read(
        Operation::SettingList,
        "List the settings",
        Resource::Setting,
        Answer::Ok(Body::of::<List<Setting>>()),
    )
};

const SETTING_SHOW: Route = Route {
    path: &[KEY],
    errors: &[ErrorCode::NotFound],
    ..Route::read(
        Operation::SettingShow,
        "Show a setting",
        Resource::Setting,
        Answer::Ok(Body::of::<Setting>()),
    )
};

const SETTING_SET: Route = Route {
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

const SETTING_UNSET: Route = Route {
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

const TOKEN_CREATE: Route = Route {
    access: Access::Needs {
        resource: Resource::Token,
        action: Action::Create,
    },
    body: Some(Body::of::<TokenCreate>()),
    errors: &[ErrorCode::Conflict],
    ..Route::read(
        Operation::TokenCreate,
        "Create a join token",
        Resource::Token,
        Answer::Created(Body::of::<NewToken>()),
    )
};

const TOKEN_LIST: Route = Route {
    query: &[LIMIT, CONTINUE],
    audit: Audit::Sensitive,
    ..Route::read(
        Operation::TokenList,
        "List the join tokens",
        Resource::Token,
        Answer::Ok(Body::of::<List<Token>>()),
    )
};

const TOKEN_DELETE: Route = Route {
    access: Access::Needs {
        resource: Resource::Token,
        action: Action::Delete,
    },
    path: &[TOKEN_ID],
    errors: &[ErrorCode::NotFound, ErrorCode::Conflict],
    ..Route::read(
        Operation::TokenDelete,
        "Withdraw a join token",
        Resource::Token,
        Answer::Nothing,
    )
};

const JOIN: Route = Route {
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

const EVENT_LIST: Route = Route {
    query: &[NAMESPACE, LIMIT, CONTINUE],
    ..Route::read(
        Operation::EventList,
        "List what happened, oldest first",
        Resource::Event,
        Answer::Ok(Body::of::<List<Event>>()),
    )
};

const NAMESPACE_LIST: Route = Route {
    query: &[LIMIT, CONTINUE],
    ..Route::read(
        Operation::NamespaceList,
        "List the namespaces",
        Resource::Namespace,
        Answer::Ok(Body::of::<List<Namespace>>()),
    )
};

const WATCH: Route = Route {
    query: &[KINDS, FROM],
    errors: &[ErrorCode::Compacted],
    ..Route::read(
        Operation::Watch,
        "Follow the changes of the state",
        Resource::Cluster,
        Answer::Lines(Body::of::<WatchLine>()),
    )
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_paths_agree() {
        for route in Route::all() {
            let in_path: Vec<_> = route
                .operation
                .path()
                .split('/')
                .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
                .collect();
            let in_table: Vec<_> = route.path.iter().map(|p| p.name).collect();
            assert_eq!(in_path, in_table, "{:?}", route.operation);
            assert_eq!(Route::of(route.operation).operation, route.operation);
        }
    }

    #[test]
    fn only_these_are_open() {
        let open: Vec<_> = Route::all()
            .filter(|r| r.access == Access::Open)
            .map(|r| r.operation)
            .collect();
        assert_eq!(
            open,
            [Operation::Health, Operation::OpenApi, Operation::Join]
        );
    }
}
