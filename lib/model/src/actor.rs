//! Who did something, and through which door.

use std::fmt;
use std::str::FromStr;

use crate::parse_error::{Expected, ParseError, Reason};
use crate::text::{serde_as_text, words};
use crate::{Code, NodeId, UserName};

/// Who did something: `user/alice`, `local/0` (a user id on the node itself), `node/3v8qk2m7w0xth`, `system/scheduler`.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Actor {
    User(UserName),
    /// Someone on the node, known by the user id of the process at the socket.
    Local(u32),
    Node(NodeId),
    /// A part of the cluster itself.
    System(Code),
}

words! {
    /// The door a request came by.
    #[derive(Default, Hash)]
    pub enum Via("a door") {
        Socket = "socket",
        Https = "https",
        /// Node to node.
        Peer = "peer",
        /// Not a request: the cluster's own decision.
        #[default]
        Internal = "internal",
    }
}

const ACTOR: Expected = Expected {
    what: "an actor",
    example: "user/alice",
};

impl Actor {
    pub const CLUSTER: Self = Self::System(Code::new("cluster"));
}

impl Default for Actor {
    fn default() -> Self {
        Self::CLUSTER
    }
}

impl FromStr for Actor {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let rule = |rule| ACTOR.but(text, Reason::Rule(rule));
        let (kind, name) = text
            .split_once('/')
            .ok_or_else(|| rule("there is no `/` after its kind"))?;
        match kind {
            "user" => name
                .parse()
                .map(Self::User)
                .map_err(|e| ACTOR.because(text, e)),
            "node" => name
                .parse()
                .map(Self::Node)
                .map_err(|e| ACTOR.because(text, e)),
            "system" => name
                .parse()
                .map(Self::System)
                .map_err(|e| ACTOR.because(text, e)),
            "local" => name
                .parse::<u32>()
                .ok()
                .filter(|id| id.to_string() == name)
                .map(Self::Local)
                .ok_or_else(|| rule("what follows `local/` is not a user id")),
            _ => Err(ACTOR.but(
                text,
                Reason::Choice {
                    choices: "user/, local/, node/, system/".to_owned(),
                },
            )),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(name) => write!(f, "user/{name}"),
            Self::Local(id) => write!(f, "local/{id}"),
            Self::Node(id) => write!(f, "node/{id}"),
            Self::System(part) => write!(f, "system/{part}"),
        }
    }
}

serde_as_text!(Actor, "an actor such as `user/alice`");
