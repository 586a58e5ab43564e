//! The first start of a node that joins: the token proves the cluster to us and us to the cluster.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hm_api::Problem;
use hm_api::join::{JoinRequest, JoinResponse};
use hm_model::{NodeId, NodeName, Timestamp};
use hm_peer::ClockTime;
use hm_ports::{Clock, Peer, Random};
use hm_state::{FEATURE_LEVEL, GossipKeys};
use hm_tls::{
    CaCertificate, Identity as Certified, JoinToken, NodeCertificate, PrivateKey, Trust,
    join_client_config,
};
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::config::Config;
use crate::error::{DaemonError, chain};
use crate::files::{self, Readers};
use crate::home::Home;
use crate::identity::{Identity, Papers};
use crate::world::{SystemClock, SystemRandom};

const LARGEST_ANSWER: usize = 1 << 20;

#[derive(Debug, thiserror::Error)]
pub(crate) enum JoinError {
    #[error(
        "no join token: --join needs --token-file, or {} in the environment",
        hm_paths::environment::JOIN_TOKEN
    )]
    NoToken,
    #[error("cannot read the token file {path}")]
    TokenFile { path: PathBuf, source: io::Error },
    #[error("the join token is not one: {reason}")]
    Token { reason: String },
    #[error("`{address}` is not HOST:PORT")]
    Address { address: String },
    #[error("cannot find the address of {host}")]
    Resolve { host: String, source: io::Error },
    #[error("cannot reach {address}")]
    Connect {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("{host} is not a server of the cluster that made the token: {reason}")]
    WrongCluster { host: String, reason: String },
    #[error("{host} did not answer: {reason}")]
    NoAnswer { host: String, reason: String },
    #[error("{host} refused: {reason}")]
    Refused {
        host: String,
        reason: String,
        hint: Option<String>,
    },
    #[error("{host} did not let this node in within {limit:?}")]
    TooSlow { host: String, limit: Duration },
    #[error("what {host} answered cannot be used: {reason}")]
    BadAnswer { host: String, reason: String },
}

impl JoinError {
    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::NoToken
            | Self::Token { .. }
            | Self::TokenFile { .. }
            | Self::WrongCluster { .. } => {
                Some("make a token on a member of the cluster: `hivemind cluster token`")
            }
            Self::Connect { .. } | Self::Resolve { .. } => {
                Some("is the daemon there running, and does a firewall let us through?")
            }
            Self::Refused { hint, .. } => hint.as_deref(),
            Self::Address { .. }
            | Self::NoAnswer { .. }
            | Self::TooSlow { .. }
            | Self::BadAnswer { .. } => None,
        }
    }
}

/// What joining told this node, kept until it knows more.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Membership {
    format: u16,
    servers: Vec<(NodeId, Vec<SocketAddr>)>,
    gossip_keys: GossipKeys,
}

impl Membership {
    pub(crate) fn load(home: &Home) -> Result<Option<Self>, DaemonError> {
        let path = home.membership();
        let Some(content) = files::read(&path)? else {
            return Ok(None);
        };
        hm_protocol::decode(&content)
            .map(Some)
            .map_err(|error| DaemonError::Damaged {
                path,
                reason: error.to_string(),
            })
    }

    pub(crate) fn into_parts(self) -> (Vec<Peer>, GossipKeys) {
        let peers = self
            .servers
            .into_iter()
            .map(|(id, addresses)| Peer { id, addresses })
            .collect();
        (peers, self.gossip_keys)
    }
}

/// Joins, and writes down what makes this node a member. Nothing counts before the identity is written, which is last.
pub(crate) async fn join(
    config: &Config,
    home: &Home,
    (name, address): (&NodeName, IpAddr),
    host: &str,
) -> Result<Identity, DaemonError> {
    let id = NodeId::from_u64(SystemRandom.next_u64());
    let key = PrivateKey::generate().map_err(|error| DaemonError::Certificates(Box::new(error)))?;
    let csr = key
        .certificate_request_pem()
        .map_err(|error| DaemonError::Certificates(Box::new(error)))?;
    let text = read_token(config).map_err(refused)?;
    let token: JoinToken = text.parse().map_err(|error| {
        refused(JoinError::Token {
            reason: chain(&error),
        })
    })?;
    let request = JoinRequest {
        token: text,
        node: id,
        name: name.to_string(),
        csr,
        addresses: vec![address],
        api_port: config.arguments.web_port,
        gossip_port: config.arguments.gossip_port,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        feature_level: FEATURE_LEVEL.get(),
        time: Timestamp::from_micros(SystemClock.now_micros()),
    };
    let limit = config.cluster.join_timeout.as_duration();
    let asking = ask(host, &token, &request);
    let answer = tokio::time::timeout(limit, asking)
        .await
        .unwrap_or_else(|_| {
            Err(JoinError::TooSlow {
                host: host.to_owned(),
                limit,
            })
        })
        .map_err(refused)?;
    let (papers, membership) = read_answer(host, key, &answer).map_err(refused)?;
    papers.save(home)?;
    files::replace(
        &home.membership(),
        &hm_protocol::encode(&membership),
        Readers::Owner,
    )?;
    let identity = Identity::new(id, name.clone());
    identity.save(home)?;
    Ok(identity)
}

fn refused(error: JoinError) -> DaemonError {
    DaemonError::Join(Box::new(error))
}

fn read_token(config: &Config) -> Result<String, JoinError> {
    let text = match &config.arguments.token_file {
        Some(path) => std::fs::read_to_string(path).map_err(|source| JoinError::TokenFile {
            path: path.clone(),
            source,
        })?,
        None => std::env::var(hm_paths::environment::JOIN_TOKEN).map_err(|_| JoinError::NoToken)?,
    };
    Ok(text.trim().to_owned())
}

async fn ask(
    host: &str,
    token: &JoinToken,
    request: &JoinRequest,
) -> Result<JoinResponse, JoinError> {
    let mut last = JoinError::Address {
        address: host.to_owned(),
    };
    if host
        .rsplit_once(':')
        .is_none_or(|(_, port)| port.parse::<u16>().is_err())
    {
        return Err(last);
    }
    let addresses = tokio::net::lookup_host(host)
        .await
        .map_err(|source| JoinError::Resolve {
            host: host.to_owned(),
            source,
        })?;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return ask_over(stream, host, token, request).await,
            Err(source) => last = JoinError::Connect { address, source },
        }
    }
    Err(last)
}

async fn ask_over(
    stream: TcpStream,
    host: &str,
    token: &JoinToken,
    request: &JoinRequest,
) -> Result<JoinResponse, JoinError> {
    let no_answer = |reason: String| JoinError::NoAnswer {
        host: host.to_owned(),
        reason,
    };
    let time = Arc::new(ClockTime::new(Arc::new(SystemClock)));
    let config = join_client_config(token.ca(), time).map_err(|error| no_answer(chain(&error)))?;
    // The name is not looked at: the token's fingerprint says who may answer.
    let server = "hivemind"
        .try_into()
        .map_err(|_| no_answer("no server name".to_owned()))?;
    let stream = TlsConnector::from(config)
        .connect(server, stream)
        .await
        .map_err(|error| JoinError::WrongCluster {
            host: host.to_owned(),
            reason: error.to_string(),
        })?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| no_answer(chain(&error)))?;
    let connection = tokio::spawn(connection);
    let body = serde_json::to_vec(request).map_err(|error| no_answer(error.to_string()))?;
    let post = Request::post(hm_api::Operation::Join.path())
        .header("host", host)
        .header("content-type", "application/json")
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| no_answer(error.to_string()))?;
    let response = sender
        .send_request(post)
        .await
        .map_err(|error| no_answer(chain(&error)))?;
    let status = response.status();
    let answer = Limited::new(response.into_body(), LARGEST_ANSWER)
        .collect()
        .await
        .map_err(|error| no_answer(error.to_string()))?
        .to_bytes();
    connection.abort();
    let unusable = |error: serde_json::Error| JoinError::BadAnswer {
        host: host.to_owned(),
        reason: error.to_string(),
    };
    if status.is_success() {
        return serde_json::from_slice(&answer).map_err(unusable);
    }
    let problem: Problem = serde_json::from_slice(&answer).map_err(unusable)?;
    Err(JoinError::Refused {
        host: host.to_owned(),
        reason: problem.detail,
        hint: problem.hint,
    })
}

fn read_answer(
    host: &str,
    key: PrivateKey,
    answer: &JoinResponse,
) -> Result<(Papers, Membership), JoinError> {
    let unusable = |reason: String| JoinError::BadAnswer {
        host: host.to_owned(),
        reason,
    };
    let mut authorities = Vec::new();
    for pem in &answer.authorities {
        authorities.extend(
            CaCertificate::all_from_pem(pem.as_bytes()).map_err(|error| unusable(chain(&error)))?,
        );
    }
    let issuer = authorities
        .last()
        .cloned()
        .ok_or_else(|| unusable("no CA".to_owned()))?;
    let certificate = NodeCertificate::from_pem(answer.certificate.as_bytes())
        .map_err(|error| unusable(chain(&error)))?;
    let certified =
        Certified::new(certificate, issuer, key).map_err(|error| unusable(chain(&error)))?;
    let trust = Trust::new(authorities).map_err(|error| unusable(chain(&error)))?;
    let keys = answer
        .gossip_keys
        .iter()
        .map(|hex| read_key(hex))
        .collect::<Option<Vec<_>>>();
    let keys =
        keys.ok_or_else(|| unusable("a gossip key is not 64 hexadecimal digits".to_owned()))?;
    let servers = answer
        .peers
        .iter()
        .map(|peer| {
            (
                peer.id,
                peer.addresses
                    .iter()
                    .map(|ip| SocketAddr::new(*ip, peer.api_port))
                    .collect(),
            )
        })
        .collect();
    Ok((
        Papers { certified, trust },
        Membership {
            format: 1,
            servers,
            gossip_keys: GossipKeys { keys },
        },
    ))
}

fn read_key(hex: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    if hex.len() != 64 || !hex.is_ascii() {
        return None;
    }
    for (slot, digits) in key.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *slot = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(key)
}
