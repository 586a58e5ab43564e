//! One life of the daemon: who this node is, its parts started in order, its doors open, until a signal or a failure.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use hm_gossip::UdpDatagrams;
use hm_model::NodeName;
use hm_node::{Node, Options, Origin, World};
use hm_peer::{ClockTime, PeerTransport};
use hm_raft::{ThreadDisk, Timings};
use hm_server::http::audit::AuditFile;
use hm_server::http::{Door, Me, Parts};
use hm_state::{FEATURE_LEVEL, NodeReport};
use hm_tls::Credentials;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::authority::TlsAuthority;
use crate::config::Config;
use crate::error::DaemonError;
use crate::home::Home;
use crate::identity::{Identity, Papers};
use crate::joining::{self, Membership};
use crate::listen::{self, Socket};
use crate::place::ThisNode;
use crate::relaying::Relaying;
use crate::world::{LogFile, SystemClock, SystemRandom, ViewFile};
use crate::{addresses, founding};

pub(crate) async fn run(config: Config) -> Result<(), DaemonError> {
    let mut terminated = signal(SignalKind::terminate()).map_err(DaemonError::Runtime)?;
    let mut interrupted = signal(SignalKind::interrupt()).map_err(DaemonError::Runtime)?;
    let home = Arc::new(Home::open(&config.arguments.data_dir)?);
    let address = config
        .arguments
        .advertise
        .unwrap_or_else(addresses::own_address);
    // Taken before anything is founded or joined: a port that is not free must not leave half a node behind.
    let listener = listen::tcp(config.arguments.web_port).await?;
    let datagrams = listen::udp(gossip_address(&config)).await?;
    let identity = who_am_i(&config, &home, address).await?;
    let credentials = Arc::new(credentials(&home)?);

    let world = world(&home, datagrams, &credentials)?;
    let options = Options {
        report: report(&config, &identity, address),
        origin: origin(&home)?,
        cluster: config.cluster.clone(),
        timings: Timings::default(),
    };
    let started = Node::start(options, world).await;
    let node = Arc::new(started.map_err(|error| DaemonError::Start(Box::new(error)))?);
    let audit = open_audit(&home)?;
    let door = door(&identity, &node, &credentials, &audit);
    let handler = Relaying {
        node: node.clone(),
        door: door.clone(),
    };

    let mut tasks = JoinSet::new();
    let socket = Socket::bind(&config.arguments.socket)?;
    let behind_socket = door.clone();
    tasks.spawn(async move { socket.run(behind_socket).await });
    tasks.spawn(listen::tls(
        listener,
        credentials,
        Arc::new(handler),
        door.clone(),
    ));
    tasks.spawn(founding::forget_when_known(home.clone(), node.view()));
    tracing::info!(node = %identity.id, name = %identity.name, %address, "this node runs");

    let mut failed = node.failed();
    let outcome = tokio::select! {
        _ = terminated.recv() => Ok(()),
        _ = interrupted.recv() => Ok(()),
        error = failure(&mut failed) => Err(error),
    };
    tracing::info!("this node stops; containers keep running");
    door.close();
    tasks.shutdown().await;
    node.shutdown().await;
    audit.close();
    outcome
}

fn credentials(home: &Home) -> Result<Credentials, DaemonError> {
    let papers = Papers::load(home)?;
    let time = Arc::new(ClockTime::new(Arc::new(SystemClock)));
    Credentials::new(papers.certified, papers.trust, time)
        .map_err(|error| DaemonError::Certificates(Box::new(error)))
}

fn world(
    home: &Home,
    datagrams: UdpDatagrams,
    credentials: &Arc<Credentials>,
) -> Result<World, DaemonError> {
    let disk =
        ThreadDisk::start().map_err(|error| DaemonError::Runtime(io::Error::other(error)))?;
    let disk = Arc::new(disk);
    Ok(World {
        transport: Arc::new(PeerTransport::new(credentials.clone())),
        datagrams: Arc::new(datagrams),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        log: Arc::new(LogFile(home.log())),
        keep: Arc::new(ViewFile {
            path: home.view(),
            disk: disk.clone(),
        }),
        disk,
    })
}

fn report(config: &Config, identity: &Identity, address: IpAddr) -> NodeReport {
    NodeReport {
        node: identity.id,
        addresses: vec![address],
        api_port: config.arguments.web_port,
        gossip_port: config.arguments.gossip_port,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        feature_level: FEATURE_LEVEL,
    }
}

fn open_audit(home: &Home) -> Result<Arc<AuditFile>, DaemonError> {
    let path = home.audit();
    let (audit, broken) =
        AuditFile::open(&path).map_err(|error| DaemonError::Audit(Box::new(error)))?;
    if let Some(broken) = broken {
        tracing::error!(%broken, path = %path.display(), "the audit log was changed by someone else");
    }
    Ok(Arc::new(audit))
}

fn door(
    identity: &Identity,
    node: &Arc<Node>,
    credentials: &Arc<Credentials>,
    audit: &Arc<AuditFile>,
) -> Arc<Door> {
    Door::new(Parts {
        me: Me {
            id: identity.id,
            name: identity.name.to_string(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        place: Arc::new(ThisNode {
            node: node.clone(),
            credentials: credentials.clone(),
        }),
        authority: Arc::new(TlsAuthority),
        audit: audit.clone(),
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
        administrators: listen::administrators(),
    })
}

/// Gossip goes over the family of the advertised address.
fn gossip_address(config: &Config) -> SocketAddr {
    let any = match config.arguments.advertise {
        Some(IpAddr::V6(_)) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        Some(IpAddr::V4(_)) | None => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
    };
    SocketAddr::new(any, config.arguments.gossip_port)
}

/// This node's identity: from before, or made now by joining or founding.
async fn who_am_i(config: &Config, home: &Home, address: IpAddr) -> Result<Identity, DaemonError> {
    let asked = &config.arguments.node_name;
    if let Some(identity) = Identity::load(home)? {
        return match asked {
            Some(asked) if *asked != identity.name => Err(DaemonError::Name {
                known: identity.name.to_string(),
                asked: asked.to_string(),
            }),
            Some(_) | None => Ok(identity),
        };
    }
    let name = match asked {
        Some(name) => name.clone(),
        None => host_name()?,
    };
    match &config.arguments.join {
        Some(host) => joining::join(config, home, (&name, address), host).await,
        None => founding::found(config, home, &name, address),
    }
}

fn host_name() -> Result<NodeName, DaemonError> {
    let uname = rustix::system::uname();
    let name = uname.nodename().to_string_lossy().to_lowercase();
    name.parse().map_err(|error| DaemonError::HostName {
        reason: crate::error::chain(&error),
    })
}

fn origin(home: &Home) -> Result<Origin, DaemonError> {
    if let Some(create) = founding::pending(home)? {
        return Ok(Origin::Create(Box::new(create)));
    }
    let (servers, gossip_keys) = Membership::load(home)?
        .map(Membership::into_parts)
        .unwrap_or_default();
    Ok(Origin::Member {
        servers,
        gossip_keys,
    })
}

async fn failure(failed: &mut watch::Receiver<Option<Arc<hm_node::RoleError>>>) -> DaemonError {
    match failed.wait_for(Option::is_some).await.as_deref() {
        Ok(Some(error)) => DaemonError::Failed(error.clone()),
        Ok(None) | Err(_) => std::future::pending().await,
    }
}
