//! A confirmed read is linearizable: what anybody was told before it began is in it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::cluster::Cluster;

/// A client waits no longer than this for the machine it asked.
const PATIENCE: Duration = Duration::from_secs(12);

/// Reads here and there for ever.
pub(crate) async fn read(cluster: Arc<Cluster>) {
    loop {
        let pause = cluster
            .chance()
            .between(Duration::from_millis(20), Duration::from_millis(300));
        sleep(pause).await;
        let Some((core, scope)) = cluster.some_server() else {
            continue;
        };
        let writes = &cluster.invariants().writes;
        let before = writes.mark();
        let asked = core.clone();
        let reading = scope.enter(async move {
            let confirmed = asked.confirm().await;
            confirmed.map(|()| asked.store().state())
        });
        if let Ok(Ok(state)) = timeout(PATIENCE, reading).await {
            cluster.trace().count("confirmed reads");
            if let Some(missing) = writes.missing(&state, before) {
                cluster.trace().violated(format_args!(
                    "a confirmed read on {} misses {missing}",
                    core.id()
                ));
            }
        }
    }
}
