//! Joining: the token is proven, the certificate signed, and the node becomes a member with one entry.

use std::fmt::Write as _;

use hm_api::join::{JoinPeer, JoinRequest, JoinResponse};
use hm_api::{ErrorCode, Problem};
use hm_model::{Actor, FeatureLevel, Node, NodeName, NodeState, Span, Timestamp, TokenId};
use hm_state::{Cluster, Entry, GossipKeys, JoinNode, State, Vault};

use super::Door;
use super::answer::Reply;
use super::authority::{AuthorityError, NewMember};
use super::call::{Call, propose};
use super::cluster::level;
use super::place::Server;

/// Certificates, leases and expiries need clocks that roughly agree.
const CLOCKS_WITHIN: Span = Span::from_secs(5);
const ADDRESSES: std::ops::RangeInclusive<usize> = 1..=16;

pub(super) async fn join(
    door: &Door,
    server: &dyn Server,
    state: &State,
    call: &Call,
) -> Result<Reply, Problem> {
    let request: JoinRequest = call.body()?;
    let (Some(cluster), Some(vault)) = (state.cluster(), state.vault()) else {
        return Err(Problem::new(
            ErrorCode::Unavailable,
            "this node does not belong to a cluster yet",
        ));
    };
    let token = prove(door, state, &request.token, server.now())?;
    let name = check(&request, state, server.now())?;
    let membership = sign(door, (cluster, vault), &request, server.now())?;

    let node = new_node(&request, name, server.now());
    let mut proposal = call.proposal(Entry::JoinNode(Box::new(JoinNode { node, token })));
    // From here on it is who it says: the token gave it the right to choose its id.
    proposal.actor = Actor::Node(request.node);
    let done = propose(server, proposal).await?;

    let state = server.store().state();
    Reply::json(&JoinResponse {
        cluster_id: cluster.id.clone(),
        cluster_name: cluster.options.name.to_string(),
        certificate: membership.certificate,
        authorities: membership.authorities,
        gossip_keys: hex_keys(state.gossip_keys()),
        peers: peers(&state, &request),
        feature_level: level(&state),
        revision: done.revision,
    })
}

/// The id of the token, if it is one of ours. Whether it still holds, the entry decides; asked here too, before any work.
fn prove(door: &Door, state: &State, text: &str, now: Timestamp) -> Result<TokenId, Problem> {
    let shown = door
        .parts
        .authority
        .read_token(text)
        .map_err(|error| problem_of(&error))?;
    // Of hashes of random secrets a difference in timing tells nothing that helps to find one.
    let holds = state.tokens().value(&shown.id).is_some_and(|token| {
        token.secret_hash == shown.secret_hash
            && token.expires_at > now
            && token.uses_left != Some(0)
    });
    if holds {
        return Ok(shown.id);
    }
    Err(Problem::new(
        ErrorCode::Unauthenticated,
        "the join token is unknown, used up, expired or withdrawn",
    )
    .with_hint("make a new one on a member of the cluster: `hivemind cluster token`"))
}

fn check(request: &JoinRequest, state: &State, now: Timestamp) -> Result<NodeName, Problem> {
    let name = request
        .name
        .parse()
        .map_err(|error| Problem::new(ErrorCode::Invalid, format!("`name`: {error}")))?;
    if !ADDRESSES.contains(&request.addresses.len()) {
        let (least, most) = (ADDRESSES.start(), ADDRESSES.end());
        return Err(Problem::new(
            ErrorCode::Invalid,
            format!("`addresses`: {least} to {most} are needed"),
        ));
    }
    if request.api_port == 0 || request.gossip_port == 0 {
        return Err(Problem::new(
            ErrorCode::Invalid,
            "`api_port` and `gossip_port` cannot be 0",
        ));
    }
    let apart = now.since(request.time).max(request.time.since(now));
    if apart > CLOCKS_WITHIN {
        let detail = format!(
            "the clocks are {apart} apart, at most {CLOCKS_WITHIN} is allowed: it is {now} here"
        );
        return Err(Problem::new(ErrorCode::Conflict, detail)
            .with_hint("set the clock of the new node, with NTP for example"));
    }
    if request.feature_level < level(state) {
        let detail = format!(
            "the new node understands feature level {}, the cluster is at {}",
            request.feature_level,
            level(state)
        );
        return Err(
            Problem::new(ErrorCode::Conflict, detail).with_hint("upgrade the new node first")
        );
    }
    Ok(name)
}

fn sign(
    door: &Door,
    (cluster, vault): (&Cluster, &Vault),
    request: &JoinRequest,
    now: Timestamp,
) -> Result<super::Membership, Problem> {
    let member = NewMember {
        id: request.node,
        name: &request.name,
        addresses: &request.addresses,
        request: &request.csr,
        now,
    };
    door.parts
        .authority
        .sign(cluster, vault, &member)
        .map_err(|error| problem_of(&error))
}

fn new_node(request: &JoinRequest, name: NodeName, now: Timestamp) -> Node {
    Node {
        addresses: request.addresses.clone(),
        api_port: request.api_port,
        gossip_port: request.gossip_port,
        version: request.version.clone(),
        feature_level: FeatureLevel::new(request.feature_level),
        joined_at: now,
        state_since: now,
        ..Node::new(request.node, name)
    }
}

/// The members to talk to, servers first.
fn peers(state: &State, request: &JoinRequest) -> Vec<JoinPeer> {
    let mut members: Vec<&Node> = state
        .nodes()
        .values()
        .filter(|node| node.id != request.node && node.state != NodeState::Left)
        .collect();
    members.sort_by_key(|node| !state.servers().voters.contains(&node.id));
    members
        .into_iter()
        .map(|node| JoinPeer {
            id: node.id,
            addresses: node.addresses.clone(),
            api_port: node.api_port,
            gossip_port: node.gossip_port,
        })
        .collect()
}

fn hex_keys(keys: &GossipKeys) -> Vec<String> {
    let hex = |key: &[u8; 32]| {
        key.iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    };
    keys.keys.iter().map(hex).collect()
}

pub(super) fn problem_of(error: &AuthorityError) -> Problem {
    let code = match error {
        AuthorityError::Token { .. } => ErrorCode::Unauthenticated,
        AuthorityError::Request { .. } => ErrorCode::Invalid,
        AuthorityError::Authority { .. } => ErrorCode::Internal,
    };
    Problem::new(code, error.to_string())
}
