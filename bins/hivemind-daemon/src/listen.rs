//! The doors: the unix socket for this machine, TLS for everyone else.

use std::fs::{self, Permissions};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hm_gossip::UdpDatagrams;
use hm_peer::{AcceptLimits, Accepted, Acceptor, serve_connection};
use hm_ports::Handler;
use hm_server::http::{Account, Door, Entrance};
use hm_tls::Credentials;
use tokio::net::{TcpListener, UnixListener, UnixStream};

use crate::error::{DaemonError, chain};

/// A TCP listener for both families where the machine has both.
pub(crate) async fn tcp(port: u16) -> Result<TcpListener, DaemonError> {
    let both = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port);
    match TcpListener::bind(both).await {
        Ok(listener) => Ok(listener),
        Err(source) if source.kind() == io::ErrorKind::AddrInUse => Err(DaemonError::Listen {
            address: both,
            source,
        }),
        Err(_) => {
            let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port);
            TcpListener::bind(address)
                .await
                .map_err(|source| DaemonError::Listen { address, source })
        }
    }
}

/// The socket that gossip goes over.
pub(crate) async fn udp(address: SocketAddr) -> Result<UdpDatagrams, DaemonError> {
    UdpDatagrams::bind(address)
        .await
        .map_err(|source| DaemonError::Listen { address, source })
}

/// The unix socket. Only root and the group `hivemind` can open it; removed again when dropped.
pub(crate) struct Socket {
    listener: UnixListener,
    path: PathBuf,
}

impl Socket {
    pub(crate) fn bind(path: &Path) -> Result<Self, DaemonError> {
        Self::try_bind(path).map_err(|source| DaemonError::Socket {
            path: path.to_owned(),
            source,
        })
    }

    fn try_bind(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::DirBuilder::new()
                .recursive(true)
                .mode(0o755)
                .create(folder)?;
        }
        // Under another name first: nobody can connect before the permissions are right, and a stale socket is replaced.
        let mut temporary = path.as_os_str().to_owned();
        temporary.push(".new");
        match fs::remove_file(&temporary) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(&temporary)?;
        if let Some(group) = administrators() {
            chown(&temporary, None, Some(group))?;
        }
        fs::set_permissions(
            &temporary,
            Permissions::from_mode(hm_paths::files::SOCKET_MODE),
        )?;
        fs::rename(&temporary, path)?;
        Ok(Self {
            listener,
            path: path.to_owned(),
        })
    }

    /// Accepts for as long as it is polled.
    pub(crate) async fn run(&self, door: Arc<Door>) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    if let Some(account) = account_of(&stream) {
                        tokio::spawn(door.clone().serve(stream, Entrance::Socket(account)));
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections on the socket at the moment");
                    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
                }
            }
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // The next start replaces it anyway.
        let _ = fs::remove_file(&self.path);
    }
}

fn account_of(stream: &UnixStream) -> Option<Account> {
    let credentials = stream.peer_cred().ok()?;
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    Some(Account::from_files(
        credentials.uid(),
        credentials.gid(),
        &read("/etc/passwd"),
        &read("/etc/group"),
    ))
}

/// The id of the group whose members administer the cluster from this machine.
pub(crate) fn administrators() -> Option<u32> {
    let groups = fs::read_to_string("/etc/group").ok()?;
    groups.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == hm_paths::files::SOCKET_GROUP).then(|| fields.nth(1)?.parse().ok())?
    })
}

/// Accepts TLS for as long as it is polled: nodes go to the handler, everyone else to the REST door.
pub(crate) async fn tls(
    listener: TcpListener,
    credentials: Arc<Credentials>,
    handler: Arc<dyn Handler>,
    door: Arc<Door>,
) {
    let take = move |accepted: Accepted| match accepted {
        Accepted::Node { id, stream, .. } => {
            let handler = handler.clone();
            tokio::spawn(async move {
                if let Err(error) = serve_connection(*stream, id, handler).await {
                    tracing::debug!(error = chain(&error), "a node's connection ended");
                }
            });
        }
        Accepted::Api { from, stream } => {
            tokio::spawn(door.clone().serve(*stream, Entrance::Https(from.ip())));
        }
    };
    Acceptor::new(credentials, AcceptLimits::default())
        .run(listener, take)
        .await;
}
