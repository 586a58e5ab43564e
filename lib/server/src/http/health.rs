//! Health: what this node knows of itself and of the cluster, for everybody.

use hm_api::Problem;
use hm_api::health::{Health, HealthCheck, HealthStatus};
use hm_api::node::Role;

use super::answer::{Reply, to_json};
use super::place::Server;
use super::{Door, cluster};

pub(super) fn show(door: &Door, server: Option<&dyn Server>) -> Result<Reply, Problem> {
    let health = health(door, server);
    let body = to_json(&health)?;
    Ok(match health.status {
        HealthStatus::Ok | HealthStatus::Degraded => Reply::Json(body),
        HealthStatus::Down => Reply::Down(body),
    })
}

fn health(door: &Door, server: Option<&dyn Server>) -> Health {
    let (leader, quorum, role, mut checks) = match server {
        Some(server) => as_server(door, server),
        None => as_agent(door),
    };
    checks.extend(door.parts.place.checks());
    Health {
        status: checks
            .iter()
            .map(|check| check.status)
            .max()
            .unwrap_or(HealthStatus::Ok),
        node: door.parts.me.id,
        name: door.parts.me.name.clone(),
        version: door.parts.me.version.clone(),
        role,
        leader,
        quorum,
        checks,
    }
}

type View = (bool, bool, Role, Vec<HealthCheck>);

fn as_server(door: &Door, server: &dyn Server) -> View {
    let leadership = server.leadership();
    let quorum = cluster::quorum(door, server, &leadership);
    let leader = leadership.leader.is_some();
    let leads = check(
        "leader",
        if leader {
            HealthStatus::Ok
        } else {
            HealthStatus::Down
        },
        match leader {
            true => "a leader is known".to_owned(),
            false => "no leader is known: nothing can be changed".to_owned(),
        },
    );
    let (voters, alive, needed) = (quorum.voters, quorum.alive, quorum.needed);
    let servers = match (quorum.holds(), alive < voters) {
        (true, false) => check(
            "servers",
            HealthStatus::Ok,
            format!("{alive} of {voters} servers answer"),
        ),
        (true, true) => check(
            "servers",
            HealthStatus::Degraded,
            format!("only {alive} of {voters} servers answer"),
        ),
        (false, _) => check(
            "servers",
            HealthStatus::Down,
            format!("{alive} of {voters} servers answer, {needed} are needed"),
        ),
    };
    (
        leader,
        leader && quorum.holds(),
        Role::Server,
        vec![leads, servers],
    )
}

/// An agent knows what its stream tells it: with a stream there is a server to change things through.
fn as_agent(door: &Door) -> View {
    let linked = door.parts.place.linked();
    let link = match linked {
        true => check(
            "servers",
            HealthStatus::Ok,
            "a server answers this node".to_owned(),
        ),
        false => check(
            "servers",
            HealthStatus::Degraded,
            "no server answers this node; what runs here goes on".to_owned(),
        ),
    };
    (linked, linked, Role::Agent, vec![link])
}

fn check(name: &str, status: HealthStatus, message: String) -> HealthCheck {
    HealthCheck {
        name: name.to_owned(),
        status,
        message,
    }
}
