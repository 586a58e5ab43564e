//! The server's end of the agents' streams: beats and reports come up, the node's part of the state goes down.

use std::sync::Arc;

use bytes::Bytes;
use hm_model::NodeId;
use hm_ports::{Link, Refusal};
use hm_protocol::agent::{Down, Hello, Item, PROTOCOL, Up};
use hm_protocol::server::Proposal;
use hm_protocol::{decode, encode};
use hm_state::{Entry, Seen, Sight};
use tokio::sync::mpsc;

use crate::core::Core;
use crate::watch::{Step, Watcher};

/// An agent of a server that is cut off would learn nothing, and nobody would hear of it: it is better served elsewhere.
const OUT_OF_TOUCH: &str = "this server has no contact to the leader";

/// Serves one agent until its link ends. The agent is what its certificate says, not what it claims.
pub(crate) async fn serve(
    core: Arc<Core>,
    from: NodeId,
    hello: Hello,
    link: Link,
) -> Result<(), Refusal> {
    if hello.protocol > PROTOCOL {
        let reason = format!(
            "the agent speaks protocol {}, this server up to {PROTOCOL}",
            hello.protocol
        );
        return Err(Refusal::new("newer_protocol", reason));
    }
    if hello.node != from || hello.report.node != from {
        return Err(Refusal::new(
            "not_yours",
            "a node may report only as itself",
        ));
    }
    if !core.store.state().nodes().contains(&from) {
        return Err(Refusal::new(
            "unknown_node",
            format!("node {from} is not part of this cluster"),
        ));
    }
    if !core.is_in_touch() {
        return Err(Refusal::new("out_of_touch", OUT_OF_TOUCH));
    }
    let Link {
        outgoing,
        mut incoming,
    } = link;
    core.sightings.heard(from, 0);
    let told = async {
        // An agent that knows more than this server must not be told less.
        core.store.reached(hello.revision.unwrap_or_default()).await;
        report_node(&core, from, &hello).await;
        send_state(&core, Sight::Agent(from), hello.revision, &outgoing).await;
    };
    let heard = listen(&core, from, &mut incoming, &outgoing);
    tokio::select! {
        biased;
        () = heard => {}
        () = told => {}
    }
    Ok(())
}

/// Writes what the node says of itself, if that is news.
async fn report_node(core: &Core, from: NodeId, hello: &Hello) {
    let known = core.store.state().nodes().value(&from).is_some_and(|node| {
        let report = &hello.report;
        node.addresses == report.addresses
            && node.api_port == report.api_port
            && node.gossip_port == report.gossip_port
            && node.version == report.version
            && node.feature_level == report.feature_level
    });
    if known {
        return;
    }
    let report = Proposal::report(from, Entry::ReportNode(Box::new(hello.report.clone())));
    if let Err(error) = core.propose(report).await {
        tracing::warn!(node = %from, %error, "what the node says of itself could not be written");
    }
}

/// Sends the list, or what changed since the agent's revision, and then every change. Ends when the agent is gone.
async fn send_state(
    core: &Core,
    sight: Sight,
    revision: Option<u64>,
    outgoing: &mpsc::Sender<Bytes>,
) {
    let resumed =
        revision.and_then(|revision| Watcher::resume(core.store.clone(), sight, revision).ok());
    let mut watcher = match resumed {
        Some(watcher) => watcher,
        None => match send_list(core, sight, outgoing).await {
            Some(watcher) => watcher,
            None => return,
        },
    };
    loop {
        let sent = match watcher.next().await {
            Ok(step) => {
                let Step { revision, seen } = step;
                send(
                    outgoing,
                    &Down::Changes {
                        revision,
                        objects: items(seen),
                    },
                )
                .await
            }
            // The agent fell behind what is kept: it gets the whole list anew.
            Err(_) => match send_list(core, sight, outgoing).await {
                Some(anew) => {
                    watcher = anew;
                    Some(())
                }
                None => None,
            },
        };
        if sent.is_none() {
            return;
        }
    }
}

async fn send_list(core: &Core, sight: Sight, outgoing: &mpsc::Sender<Bytes>) -> Option<Watcher> {
    let (Step { revision, seen }, watcher) = Watcher::list(core.store.clone(), sight);
    send(
        outgoing,
        &Down::List {
            revision,
            objects: items(seen),
        },
    )
    .await?;
    Some(watcher)
}

fn items(seen: Vec<Seen>) -> Vec<Item> {
    seen.into_iter()
        .map(|Seen { key, object }| Item { key, object })
        .collect()
}

/// `None` when the agent is gone.
async fn send(outgoing: &mpsc::Sender<Bytes>, down: &Down) -> Option<()> {
    outgoing.send(Bytes::from(encode(down))).await.ok()
}

async fn listen(
    core: &Core,
    from: NodeId,
    incoming: &mut mpsc::Receiver<Bytes>,
    outgoing: &mpsc::Sender<Bytes>,
) {
    while let Some(message) = incoming.recv().await {
        match decode::<Up>(&message) {
            Ok(Up::Beat { applied_revision }) => {
                if !core.is_in_touch() {
                    tracing::info!(node = %from, "{OUT_OF_TOUCH}");
                    return;
                }
                core.sightings.heard(from, applied_revision);
                // A full queue means that the agent has other news to read, which tells it as much as the acknowledgement.
                let _ = outgoing.try_send(Bytes::from(encode(&Down::Heard)));
            }
            Ok(Up::Replicas(reports)) => {
                let entry = Entry::ReportReplicas {
                    node: from,
                    reports,
                };
                if let Err(error) = core.propose(Proposal::report(from, entry)).await {
                    tracing::warn!(node = %from, %error, "a report of replicas could not be written");
                    return;
                }
            }
            Err(error) => {
                tracing::warn!(node = %from, %error, "the agent's stream is ended");
                return;
            }
        }
    }
}
