//! Clients that write and remember what was acknowledged: the promise that the run is held to.

use std::sync::Arc;
use std::time::Duration;

use hm_model::{Actor, Namespace, RequestId, SettingKey, Via};
use hm_protocol::server::Proposal;
use hm_server::{Core, ProposeError};
use hm_state::{Done, Entry, Refused};
use tokio::time::sleep;

use crate::cluster::Cluster;

/// A client waits no longer than this for the machine it asked.
const PATIENCE: Duration = Duration::from_secs(12);
/// One setting for each writer, so that it knows what must be there.
const SETTINGS: [SettingKey; 3] = [
    SettingKey::RebalanceThreshold,
    SettingKey::SchedulingInterval,
    SettingKey::IoWeight,
];

pub(crate) const WRITERS: usize = SETTINGS.len();

/// One write, the same in every try.
struct Write {
    request: RequestId,
    what: What,
}

enum What {
    Create(Namespace),
    Set(SettingKey, String),
}

/// Writes for ever: each write goes to some server, and again with the same id to another one until it is answered.
pub(crate) async fn write(cluster: Arc<Cluster>, number: usize) {
    for count in 0u64.. {
        let Some(write) = next(&cluster, number, count) else {
            return;
        };
        if let What::Set(key, value) = &write.what {
            cluster.invariants().writes.setting_begins(*key, value);
        }
        while !try_once(&cluster, &write).await {
            cluster.trace().count("writes tried again");
            pause(&cluster, Duration::from_millis(400)).await;
        }
        cluster.trace().count("writes acknowledged");
        pause(&cluster, Duration::from_millis(300)).await;
    }
}

fn next(cluster: &Cluster, number: usize, count: u64) -> Option<Write> {
    let what = if cluster.chance().per_mille(250) {
        What::Set(*SETTINGS.get(number)?, (1 + count % 100).to_string())
    } else {
        What::Create(format!("w{number}-{count}").parse().ok()?)
    };
    let request = RequestId::from_u128((number as u128 + 1) << 64 | u128::from(count));
    Some(Write { request, what })
}

async fn pause(cluster: &Cluster, most: Duration) {
    sleep(cluster.chance().between(Duration::from_millis(1), most)).await;
}

/// Whether the write was answered.
async fn try_once(cluster: &Cluster, write: &Write) -> bool {
    let Some((core, scope)) = cluster.some_server() else {
        return false;
    };
    let proposal = Proposal {
        actor: Actor::Local(0),
        via: Via::Socket,
        request: Some(write.request),
        expected_generation: None,
        entry: match &write.what {
            What::Create(name) => Entry::CreateNamespace(name.clone()),
            What::Set(key, value) => Entry::SetSetting {
                key: *key,
                value: value.clone(),
            },
        },
    };
    // The client sits beside the server: when that machine dies, so does the wait for its answer.
    let at = core.clone();
    let asking = scope.enter(async move { at.propose(proposal).await });
    let Ok(answer) = tokio::time::timeout(PATIENCE, asking).await else {
        return false;
    };
    match answer {
        Ok(done) => {
            acknowledged(cluster, &core, write, done);
            true
        }
        Err(ProposeError::Refused(Refused::Exists { name, .. })) => {
            cluster
                .trace()
                .violated(format_args!("the write of {name} was done twice"));
            true
        }
        Err(ProposeError::Refused(refused)) => {
            cluster
                .trace()
                .violated(format_args!("a write was refused: {refused}"));
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

/// Who wrote can read it, there and at once.
fn acknowledged(cluster: &Cluster, core: &Core, write: &Write, done: Done) {
    let state = core.store().state();
    let writes = &cluster.invariants().writes;
    let (text, is_there) = match &write.what {
        What::Create(name) => {
            writes.created(name.clone(), done.revision);
            (name.to_string(), state.namespaces().contains(name))
        }
        What::Set(key, value) => {
            writes.setting_is_done(*key);
            let is_there = state.settings().value(key) == Some(value);
            (format!("{key} = {value}"), is_there)
        }
    };
    cluster
        .trace()
        .note(format_args!("wrote {text} at {}", done.revision));
    if !is_there {
        cluster.trace().violated(format_args!(
            "{text} was acknowledged by {} but cannot be read there",
            core.id()
        ));
    }
}
