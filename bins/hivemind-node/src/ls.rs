//! `hivemind node ls`

use std::collections::BTreeMap;

use clap::Args;
use clap::builder::PossibleValuesParser;
use hm_api::Operation;
use hm_api::node::{Node, NodeQuery};
use hm_api::watch::Kind;
use hm_cli::flags::{QuietArgs, WatchArgs};
use hm_cli::words::{self, NODE_STATES};
use hm_cli::{Cell, CliError, Ctx, Exit, Format, Style, Table, Update};
use hm_client::Client;
use hm_model::NodeId;
use serde::Serialize;

/// List the nodes of the cluster
///
/// One line a node: its name, state, role, address, how many replicas are placed on it, and its labels. The JSON form is an
/// array of objects with the fields id, name, address, state (ready, suspect, down or left), role (server or agent), leader,
/// schedulable, labels and replicas. With --watch, JSON is one object a line, and a node that is gone is an object with id,
/// name and "removed": true.
#[derive(Args, Debug)]
pub(crate) struct LsArgs {
    /// Only nodes in this state
    #[arg(long, value_name = "STATE", value_parser = PossibleValuesParser::new(NODE_STATES))]
    state: Option<String>,

    #[command(flatten)]
    quiet: QuietArgs,

    #[command(flatten)]
    watch: WatchArgs,
}

impl LsArgs {
    fn query(&self) -> NodeQuery {
        let state = self.state.as_deref().and_then(words::parse_node_state);
        NodeQuery {
            state,
            ..NodeQuery::default()
        }
    }
}

pub(crate) fn run(ctx: &mut Ctx, args: &LsArgs) -> Result<Exit, CliError> {
    let client = ctx.client()?;
    let query = args.query();
    if args.watch.watch {
        return watch(ctx, &client, &query);
    }
    let mut nodes: Vec<Node> = client.list(Operation::NodeList, &query)?;
    nodes.sort_by(|a, b| a.name.cmp(&b.name));
    ctx.list(&nodes, |node| node.name.clone(), |nodes| table(nodes))?;
    Ok(Exit::Done)
}

fn table<'a>(nodes: impl IntoIterator<Item = &'a Node>) -> Table {
    let mut table = Table::new(["NAME", "STATE", "ROLE", "ADDRESS", "REPLICAS", "LABELS"]);
    for node in nodes {
        table.row([
            Cell::from(&node.name),
            words::node_state(node),
            Cell::from(words::node_role(node)),
            Cell::from(node.address.to_string()),
            Cell::from(node.replicas.to_string()),
            Cell::from(words::labels(&node.labels)),
        ]);
    }
    table
}

/// A node that is no longer there, in JSON.
#[derive(Serialize)]
struct Removed<'a> {
    id: NodeId,
    name: &'a str,
    removed: bool,
}

fn watch(ctx: &mut Ctx, client: &Client, query: &NodeQuery) -> Result<Exit, CliError> {
    let wanted = |node: &Node| query.state.is_none_or(|state| node.state == state);
    hm_cli::follow::<Node>(client, Kind::Node, |nodes, update| {
        let shown = || nodes.values().filter(|node| wanted(node));
        if ctx.redraws() {
            let screen = ctx.render(&table(shown()));
            return ctx.redraw(&screen);
        }
        match update {
            Update::Current => match ctx.format() {
                Format::Text => ctx.table(&table(shown()))?,
                Format::Json | Format::Names => {
                    shown().try_for_each(|node| tell(ctx, node, nodes))?
                }
            },
            // A node that has just left the wanted state is told once more, with its new state.
            Update::Changed { key, before } => {
                if let Some(node) = nodes.get(key)
                    && (wanted(node) || before.as_ref().is_some_and(wanted))
                {
                    tell(ctx, node, nodes)?;
                }
            }
            Update::Removed { before } if wanted(&before) => match ctx.format() {
                Format::Json => ctx.json(&Removed {
                    id: before.id,
                    name: &before.name,
                    removed: true,
                })?,
                Format::Names => ctx.line(&before.name)?,
                Format::Text => {
                    let mut row = Table::details();
                    row.row([
                        Cell::from(&before.name),
                        Cell::styled(Style::Faint, "removed"),
                    ]);
                    ctx.table(&row)?;
                }
            },
            Update::Removed { .. } => {}
        }
        ctx.flush()
    })
}

/// One node on a line of its own, lined up as if it stood in the whole table.
fn tell(ctx: &mut Ctx, node: &Node, nodes: &BTreeMap<String, Node>) -> Result<(), CliError> {
    match ctx.format() {
        Format::Json => ctx.json(node),
        Format::Names => ctx.line(&node.name),
        Format::Text => {
            let others = nodes.values().filter(|other| other.id != node.id);
            let whole = ctx.render(&table([node].into_iter().chain(others)));
            let line = whole.lines().nth(1).unwrap_or_default();
            ctx.write(&format!("{line}\n"))
        }
    }
}
