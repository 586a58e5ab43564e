//! Who asks, and what they may: credentials to identities, identities to permissions.

use std::fmt;
use std::net::IpAddr;

use axum::http::{HeaderMap, header};
use hm_api::route::Access;
use hm_api::{ErrorCode, Problem};
use hm_model::{Actor, Code, NodeId, Via};
use serde::{Deserialize, Serialize};

use super::accounts::Account;

/// The door a connection came through, with what that door proves.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Entrance {
    /// The unix socket: the kernel says who is there.
    Socket(Account),
    /// HTTPS: anybody.
    Https(IpAddr),
    /// HTTPS with a certificate of the cluster.
    Node(NodeId),
}

/// Who asks, once that is established. Passed on to other nodes as it is.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    Stranger,
    /// May do everything: an account of the node it came by.
    Administrator {
        uid: u32,
        name: String,
    },
    Node(NodeId),
}

/// How the log would name one who has no name.
const STRANGER: Code = Code::new("stranger");

/// What a request shows besides its door.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Credential {
    None,
    /// A bearer token. None are given out yet, so none is known.
    Bearer,
    /// Something else in the `Authorization` header.
    Other,
}

/// The identity, and what is wrong with the credentials if that is why it is no better.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Authenticated {
    pub(super) identity: Identity,
    pub(super) refused: Option<&'static str>,
}

pub(super) fn authenticate(
    entrance: &Entrance,
    headers: &HeaderMap,
    administrators: Option<u32>,
) -> Authenticated {
    let stranger = |refused| Authenticated {
        identity: Identity::Stranger,
        refused,
    };
    match credential(headers) {
        Credential::Bearer => return stranger(Some("the token is not known here")),
        Credential::Other => return stranger(Some("only bearer tokens are understood")),
        Credential::None => {}
    }
    match entrance {
        Entrance::Socket(account) if administers(account, administrators) => Authenticated {
            identity: Identity::Administrator {
                uid: account.uid,
                name: account.name.clone(),
            },
            refused: None,
        },
        Entrance::Node(node) => Authenticated {
            identity: Identity::Node(*node),
            refused: None,
        },
        Entrance::Socket(_) => stranger(Some(
            "only root and the group `hivemind` may use this socket",
        )),
        Entrance::Https(_) => stranger(None),
    }
}

fn administers(account: &Account, administrators: Option<u32>) -> bool {
    account.is_root() || administrators.is_some_and(|group| account.groups.contains(&group))
}

fn credential(headers: &HeaderMap) -> Credential {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Credential::None;
    };
    let scheme = value
        .as_bytes()
        .split(|byte| *byte == b' ')
        .next()
        .unwrap_or_default();
    if scheme.eq_ignore_ascii_case(b"bearer") {
        Credential::Bearer
    } else {
        Credential::Other
    }
}

/// The one question every request has to pass.
pub(super) fn authorize(caller: &Authenticated, access: Access) -> Result<(), Problem> {
    match (&caller.identity, access) {
        (_, Access::Open) | (Identity::Administrator { .. }, Access::Needs { .. }) => Ok(()),
        (Identity::Stranger, Access::Needs { .. }) => Err(unauthenticated(caller)),
        (Identity::Node(node), Access::Needs { resource, action }) => Err(Problem::new(
            ErrorCode::Forbidden,
            format!(
                "node {node} may not {} {} here: nodes have a protocol of their own",
                action.as_str(),
                resource.as_str()
            ),
        )),
    }
}

pub(super) fn unauthenticated(caller: &Authenticated) -> Problem {
    let detail = caller.refused.unwrap_or("this needs a login");
    Problem::new(ErrorCode::Unauthenticated, detail)
        .with_hint("use the unix socket of a node as root or as a member of the group `hivemind`")
}

impl Identity {
    /// The name under which the log entry of a change remembers this caller.
    pub(super) fn actor(&self) -> Actor {
        match self {
            Self::Stranger => Actor::System(STRANGER),
            Self::Administrator { uid, .. } => Actor::Local(*uid),
            Self::Node(node) => Actor::Node(*node),
        }
    }
}

impl Entrance {
    pub(super) const fn via(&self) -> Via {
        match self {
            Self::Socket(_) => Via::Socket,
            Self::Https(_) => Via::Https,
            Self::Node(_) => Via::Peer,
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stranger => f.write_str("stranger"),
            Self::Administrator { name, .. } => f.write_str(name),
            Self::Node(node) => write!(f, "node {node}"),
        }
    }
}

impl fmt::Display for Entrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Socket(account) => write!(f, "socket uid {}", account.uid),
            Self::Https(address) => write!(f, "https {address}"),
            Self::Node(node) => write!(f, "node {node}"),
        }
    }
}
