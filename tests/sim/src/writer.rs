//! Clients that write and remember what was acknowledged: the promise that the end of the run is held to.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hm_model::{Actor, Namespace, RequestId, Via};
use hm_protocol::server::Proposal;
use hm_server::{Core, ProposeError};
use hm_state::{Entry, Refused};
use tokio::time::sleep;

use crate::cluster::Cluster;
use crate::trace::Trace;

/// What was acknowledged, with the revision it was acknowledged at.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<Mutex<BTreeMap<Namespace, u64>>>);

impl Ledger {
    pub(crate) fn acknowledged(&self) -> BTreeMap<Namespace, u64> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn note(&self, name: Namespace, revision: u64) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(name, revision);
    }
}

/// Writes for ever: each write goes to some server, and again with the same id to another one until it is answered.
pub(crate) async fn write(number: usize, cluster: Arc<Cluster>, ledger: Ledger, trace: Trace) {
    for count in 0u64.. {
        let Ok(name) = format!("w{number}-{count}").parse::<Namespace>() else {
            return;
        };
        let request = RequestId::from_u128((number as u128) << 64 | u128::from(count));
        let mut tries = 0;
        while !try_once(&cluster, &ledger, &trace, (name.clone(), request, tries)).await {
            tries += 1;
            sleep(
                cluster
                    .chance()
                    .between(Duration::from_millis(20), Duration::from_millis(400)),
            )
            .await;
        }
        sleep(
            cluster
                .chance()
                .between(Duration::from_millis(1), Duration::from_millis(300)),
        )
        .await;
    }
}

/// Whether the write was answered.
async fn try_once(
    cluster: &Cluster,
    ledger: &Ledger,
    trace: &Trace,
    write: (Namespace, RequestId, u32),
) -> bool {
    let (name, request, tries) = write;
    let Some((core, scope)) = cluster.some_server() else {
        return false;
    };
    let proposal = Proposal {
        actor: Actor::Local(0),
        via: Via::Socket,
        request: Some(request),
        expected_generation: None,
        entry: Entry::CreateNamespace(name.clone()),
    };
    // The client sits beside the server: when that machine dies, so does the wait for its answer.
    let at = core.clone();
    let asking = scope.enter(async move { at.propose(proposal).await });
    let Ok(answer) = tokio::time::timeout(Duration::from_secs(12), asking).await else {
        return false;
    };
    match answer {
        Ok(done) => {
            trace.note(format_args!(
                "wrote {name} at {} after {tries} retries",
                done.revision
            ));
            check_read_your_write(&core, &name, trace);
            ledger.note(name, done.revision);
            true
        }
        Err(ProposeError::Refused(Refused::Exists { .. })) => {
            trace.violated(format_args!("the write of {name} was done twice"));
            true
        }
        Err(ProposeError::Refused(refused)) => {
            trace.violated(format_args!("the write of {name} was refused: {refused}"));
            true
        }
        Err(
            ProposeError::NoQuorum { .. }
            | ProposeError::FeatureLevel { .. }
            | ProposeError::Stopped { .. }
            | ProposeError::TooLarge { .. }
            | ProposeError::Unreadable { .. },
        ) => false,
    }
}

fn check_read_your_write(core: &Core, name: &Namespace, trace: &Trace) {
    if !core.store().state().namespaces().contains(name) {
        trace.violated(format_args!(
            "{name} was acknowledged by {} but cannot be read there",
            core.id()
        ));
    }
}
