//! The first start of the first node: a cluster's CA, its keys, its first entry, all on disk before anything runs.

use std::error::Error;
use std::net::IpAddr;
use std::sync::Arc;

use hm_agent::View;
use hm_model::{Node, NodeId, Timestamp};
use hm_ports::{Clock, Random};
use hm_state::{Cluster, CreateCluster, FEATURE_LEVEL, GossipKeys, Vault};
use hm_tls::{
    ClusterCa, Identity as Certified, NodeSubject, PrivateKey, Trust, UnixTime, Validity,
};
use tokio::sync::watch;

use crate::config::Config;
use crate::error::DaemonError;
use crate::files::{self, Readers};
use crate::home::Home;
use crate::identity::{Identity, Papers};
use crate::world::{SystemClock, SystemRandom};

/// Makes a new cluster's papers and entry. Nothing counts before the identity is written, which is last.
pub(crate) fn found(
    config: &Config,
    home: &Home,
    name: &hm_model::NodeName,
    address: IpAddr,
) -> Result<Identity, DaemonError> {
    let now = SystemClock.now_micros();
    let id = NodeId::from_u64(SystemRandom.next_u64());
    let identity = Identity::new(id, name.clone());
    let (ca, papers) = make_papers(config, &identity, address, unix_time(now))
        .map_err(DaemonError::Certificates)?;
    papers.save(home)?;

    let mut key = [0; 32];
    SystemRandom.fill(&mut key);
    let mut cluster_id = [0; 16];
    SystemRandom.fill(&mut cluster_id);
    let time = Timestamp::from_micros(now);
    let node = Node {
        addresses: vec![address],
        api_port: config.arguments.web_port,
        gossip_port: config.arguments.gossip_port,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        feature_level: FEATURE_LEVEL,
        joined_at: time,
        state_since: time,
        ..Node::new(id, name.clone())
    };
    let create = CreateCluster {
        cluster: Cluster {
            id: format!("{:032x}", u128::from_be_bytes(cluster_id)),
            options: config.cluster.clone(),
            created_at: time,
            ca_certificates: vec![ca.certificate().der().to_vec()],
        },
        vault: Vault {
            ca_key: ca.key().pkcs8_der().to_vec(),
        },
        gossip_keys: GossipKeys { keys: vec![key] },
        node,
    };
    files::replace(
        &home.founding(),
        &hm_protocol::encode(&create),
        Readers::Owner,
    )?;
    identity.save(home)?;
    Ok(identity)
}

fn make_papers(
    config: &Config,
    identity: &Identity,
    address: IpAddr,
    now: UnixTime,
) -> Result<(ClusterCa, Papers), Box<dyn Error + Send + Sync>> {
    let ca = ClusterCa::create(config.cluster.name.as_str(), now)?;
    let key = PrivateKey::generate()?;
    let subject = NodeSubject {
        node: identity.id,
        names: vec![identity.name.to_string()],
        addresses: vec![address],
    };
    let certificate = ca.sign(
        &key.certificate_request()?,
        &subject,
        Validity::of_node(now),
    )?;
    let certified = Certified::new(certificate, ca.certificate().clone(), key)?;
    let trust = Trust::new(vec![ca.certificate().clone()])?;
    Ok((ca, Papers { certified, trust }))
}

/// The first entry, as long as it is not known to be agreed on.
pub(crate) fn pending(home: &Home) -> Result<Option<CreateCluster>, DaemonError> {
    let path = home.founding();
    let Some(content) = files::read(&path)? else {
        return Ok(None);
    };
    let create = hm_protocol::decode(&content).map_err(|error| DaemonError::Damaged {
        path,
        reason: error.to_string(),
    })?;
    Ok(Some(create))
}

pub(crate) fn unix_time(micros: i64) -> UnixTime {
    UnixTime::since_unix_epoch(std::time::Duration::from_micros(
        u64::try_from(micros).unwrap_or(0),
    ))
}

/// Once the agent has the cluster's keys on disk, the first entry is agreed on and need not be proposed again.
pub(crate) async fn forget_when_known(home: Arc<Home>, mut view: watch::Receiver<Arc<View>>) {
    if view
        .wait_for(|view| view.cluster.is_some() && !view.gossip_keys.keys.is_empty())
        .await
        .is_err()
    {
        return;
    }
    if let Err(error) = files::remove(&home.founding()) {
        tracing::warn!(%error, "the first entry could not be removed from the data directory");
    }
}
