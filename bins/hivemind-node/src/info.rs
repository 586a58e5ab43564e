//! `hivemind node info`

use clap::Args;
use hm_api::Operation;
use hm_api::node::{GossipState, NodeDetail, Taint, TaintEffect};
use hm_cli::{Cell, CliError, Ctx, Exit, Style, Table, words};
use hm_model::Timestamp;

/// Show one node in detail
///
/// The node is named by its name, its id, or the beginning of its id. The JSON form is one object with the fields of `node ls`
/// and more.
#[derive(Args, Debug)]
#[group(id = "which", required = true, multiple = false, args = ["name", "node"])]
pub(crate) struct InfoArgs {
    /// The node's name or id
    #[arg(value_name = "NODE")]
    name: Option<String>,

    /// The same, as a flag
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
}

pub(crate) fn run(ctx: &mut Ctx, args: &InfoArgs) -> Result<Exit, CliError> {
    let name = args
        .name
        .as_ref()
        .or(args.node.as_ref())
        .map(String::as_str)
        .unwrap_or_default();
    if name.is_empty() {
        return Err(CliError::usage("the node's name is empty").hint("hivemind node ls"));
    }
    let node: NodeDetail = ctx.client()?.call(Operation::NodeShow, &[name])?;
    let ages = Ages::of(ctx, &node);
    ctx.one(
        &node,
        |node| node.node.name.clone(),
        |node| table(node, &ages),
    )?;
    Ok(Exit::Done)
}

/// The moments of a node as ages.
struct Ages {
    joined: String,
    heard: String,
    certificate: String,
}

impl Ages {
    fn of(ctx: &Ctx, node: &NodeDetail) -> Self {
        let ago = |moment: Timestamp| {
            let age = ctx.age(moment);
            if age.starts_with("in ") {
                age
            } else {
                format!("{age} ago")
            }
        };
        Self {
            joined: ago(node.joined_at),
            heard: node
                .gossip
                .as_ref()
                .map(|gossip| ctx.age(gossip.since))
                .unwrap_or_default(),
            certificate: node.certificate_expires_at.map(ago).unwrap_or_default(),
        }
    }
}

fn table(detail: &NodeDetail, ages: &Ages) -> Table {
    let node = &detail.node;
    let list = |items: Vec<String>| items.join(", ");
    let mut table = Table::details();
    table.detail("name", &node.name);
    table.detail("id", node.id.to_string());
    table.row([Cell::styled(Style::Faint, "state"), words::node_state(node)]);
    table.detail("role", words::node_role(node));
    table.detail(
        "addresses",
        list(detail.addresses.iter().map(ToString::to_string).collect()),
    );
    table.detail(
        "ports",
        format!(
            "{} (API), {}/udp (gossip)",
            detail.api_port, detail.gossip_port
        ),
    );
    table.detail(
        "version",
        format!(
            "{} (feature level {})",
            detail.version, detail.feature_level
        ),
    );
    table.detail("replicas", node.replicas.to_string());
    table.detail("capacity", capacity(detail));
    table.detail("labels", words::labels(&node.labels));
    table.detail("taints", list(detail.taints.iter().map(taint).collect()));
    for (name, value) in [("zone", &detail.zone), ("region", &detail.region)] {
        if let Some(value) = value {
            table.detail(name, value);
        }
    }
    table.detail("joined", &ages.joined);
    if let Some(gossip) = &detail.gossip {
        let (style, word) = match gossip.state {
            GossipState::Alive => (Style::Good, "alive"),
            GossipState::Suspect => (Style::Warning, "suspect"),
            GossipState::Down => (Style::Bad, "down"),
            GossipState::Left => (Style::Faint, "left"),
        };
        let heard = format!("{word} for {}, says {}", ages.heard, gossip.seen_by);
        table.row([
            Cell::styled(Style::Faint, "gossip"),
            Cell::styled(style, heard),
        ]);
    }
    if detail.certificate_expires_at.is_some() {
        table.detail("certificate", format!("expires {}", ages.certificate));
    }
    table
}

fn capacity(detail: &NodeDetail) -> String {
    let capacity = &detail.capacity;
    let cores = capacity.cpu_millis as f64 / 1000.0;
    let size = hm_cli::text::size;
    format!(
        "{cores} cores, {} memory, {} storage",
        size(capacity.memory_bytes),
        size(capacity.storage_bytes)
    )
}

fn taint(taint: &Taint) -> String {
    let effect = match taint.effect {
        TaintEffect::NoSchedule => "no-schedule",
        TaintEffect::PreferNoSchedule => "prefer-no-schedule",
        TaintEffect::NoExecute => "no-execute",
    };
    format!("{}={}:{effect}", taint.key, taint.value)
}
