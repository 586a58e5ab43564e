//! `hivemind cluster status`

use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use hm_api::Operation;
use hm_api::cluster::{Cluster, NodeCounts, Quorum};
use hm_api::node::{Node, NodeQuery};
use hm_cli::flags::WatchArgs;
use hm_cli::{Cell, CliError, Ctx, Exit, Format, Style, Table, words};
use hm_client::{Client, ClientError, PATIENCE};
use serde::Serialize;

/// Leader and quorum are measured, not state, so no watch tells of them: --watch asks again this often.
const PAUSE: Duration = Duration::from_secs(1);

/// Show the nodes with their roles and health, the leader, and what the cluster can survive
///
/// The JSON form is one object: id, name, version, feature_level, revision, leader, quorum (voters, alive, needed, survives),
/// nodes (how many are ready, suspect, down, left), servers, and members, the nodes as `hivemind node ls` shows them.
#[derive(Args, Debug)]
pub(crate) struct StatusArgs {
    #[command(flatten)]
    watch: WatchArgs,
}

/// The cluster and its nodes.
#[derive(Debug, PartialEq, Serialize)]
struct Status {
    #[serde(flatten)]
    cluster: Cluster,
    members: Vec<Node>,
}

pub(crate) fn run(ctx: &mut Ctx, args: &StatusArgs) -> Result<Exit, CliError> {
    let client = ctx.client()?;
    let mut status = fetch(&client)?;
    show(ctx, &status)?;
    if !args.watch.watch {
        return Ok(Exit::Done);
    }
    let mut answered = Instant::now();
    loop {
        thread::sleep(PAUSE);
        let now = match fetch(&client) {
            Ok(now) => now,
            // A restart or an upgrade of the daemon is no reason to stop watching.
            Err(error) if error.is_passing() && answered.elapsed() < PATIENCE => continue,
            Err(error) => return Err(error.into()),
        };
        answered = Instant::now();
        // Other people's changes move the revision; only what is shown counts.
        status.cluster.revision = now.cluster.revision;
        if now != status {
            show(ctx, &now)?;
            status = now;
        }
    }
}

fn fetch(client: &Client) -> Result<Status, ClientError> {
    let cluster = client.call(Operation::ClusterShow, &[])?;
    let members = client.list(Operation::NodeList, &NodeQuery::default())?;
    Ok(Status { cluster, members })
}

fn show(ctx: &mut Ctx, status: &Status) -> Result<(), CliError> {
    match ctx.format() {
        Format::Json | Format::Names => ctx.json(status)?,
        Format::Text => {
            let summary = ctx.render(&summary(&status.cluster));
            let members = ctx.render(&members(&status.members));
            ctx.redraw(&format!("{summary}\n{members}"))?;
        }
    }
    ctx.flush()
}

fn summary(cluster: &Cluster) -> Table {
    let mut table = Table::details();
    table.detail("cluster", format!("{} ({})", cluster.name, cluster.id));
    table.detail("version", &cluster.version);
    table.row([
        Cell::styled(Style::Faint, "leader"),
        match &cluster.leader {
            Some(leader) => Cell::from(&leader.name),
            None => Cell::styled(Style::Bad, "none known"),
        },
    ]);
    table.row([Cell::styled(Style::Faint, "quorum"), quorum(cluster.quorum)]);
    table.detail("nodes", counts(cluster.nodes));
    table
}

fn quorum(quorum: Quorum) -> Cell {
    let Quorum {
        voters,
        alive,
        needed,
        survives,
    } = quorum;
    let alive_of = format!(
        "{alive} of {voters} {} alive, {needed} needed",
        plural(voters, "server")
    );
    if !quorum.holds() {
        let missing = needed - alive;
        return Cell::styled(
            Style::Bad,
            format!("{alive_of}: nothing can change, {missing} more must come back"),
        );
    }
    let (style, outlook) = match survives {
        0 if voters == 1 => (Style::Plain, "the only one may not be lost".to_owned()),
        0 => (Style::Warning, "none may be lost".to_owned()),
        _ => (Style::Good, format!("{survives} may be lost")),
    };
    Cell::styled(style, format!("{alive_of}: {outlook}"))
}

fn counts(nodes: NodeCounts) -> String {
    let NodeCounts {
        total,
        ready,
        suspect,
        down,
        left,
    } = nodes;
    let states = [
        (ready, "ready"),
        (suspect, "suspect"),
        (down, "down"),
        (left, "left"),
    ];
    let states: Vec<String> = states
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, state)| format!("{count} {state}"))
        .collect();
    match states.as_slice() {
        [] => total.to_string(),
        states => format!("{total} ({})", states.join(", ")),
    }
}

fn plural(count: u32, word: &str) -> String {
    if count == 1 {
        word.to_owned()
    } else {
        format!("{word}s")
    }
}

fn members(nodes: &[Node]) -> Table {
    let mut table = Table::new(["NAME", "STATE", "ROLE", "ADDRESS"]);
    for node in nodes {
        table.row([
            Cell::from(&node.name),
            words::node_state(node),
            Cell::from(words::node_role(node)),
            Cell::from(node.address.to_string()),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(voters: u32, alive: u32) -> String {
        let mut table = Table::details();
        table.row([quorum(Quorum::of(voters, alive))]);
        table
            .render(hm_cli::Colors::Off, None)
            .trim_end()
            .to_owned()
    }

    #[test]
    fn quorum_says_what_the_cluster_survives() {
        assert_eq!(
            said(1, 1),
            "1 of 1 server alive, 1 needed: the only one may not be lost"
        );
        assert_eq!(said(3, 3), "3 of 3 servers alive, 2 needed: 1 may be lost");
        assert_eq!(
            said(3, 2),
            "2 of 3 servers alive, 2 needed: none may be lost"
        );
        assert_eq!(
            said(5, 2),
            "2 of 5 servers alive, 3 needed: nothing can change, 1 more must come back"
        );
    }

    #[test]
    fn only_states_that_occur_are_counted() {
        let nodes = NodeCounts {
            total: 5,
            ready: 4,
            down: 1,
            ..NodeCounts::default()
        };
        assert_eq!(counts(nodes), "5 (4 ready, 1 down)");
        assert_eq!(counts(NodeCounts::default()), "0");
    }
}
