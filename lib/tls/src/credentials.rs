//! A node's identity and trust as TLS uses them, exchangeable at run time.

use std::sync::{Arc, PoisonError, RwLock};

use hm_model::NodeId;
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::crypto::CryptoProvider;
use rustls::server::{ClientHello, NoServerSessionStorage, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ServerConfig, SignatureScheme, SupportedProtocolVersion};
use rustls_pki_types::{ServerName, UnixTime};

use crate::certificate::node_dns_name;
use crate::identity::Identity;
use crate::trust::{Trust, TrustError};
use crate::verify::{ChainVerifiers, NodeVerifier};

/// Node to node: HTTP/2 with CBOR, both sides with certificates.
pub const ALPN_NODE: &[u8] = b"hm-node/1";
pub const ALPN_HTTP1: &[u8] = b"http/1.1";

/// The TLS side of one node. Handshakes use what is current when they happen; connections that stand are not touched.
#[derive(Debug)]
pub struct Credentials {
    live: Arc<Live>,
    provider: Arc<CryptoProvider>,
    time: Arc<dyn TimeProvider>,
    for_nodes: Arc<ServerConfig>,
    for_api: Arc<ServerConfig>,
    to_nodes: Arc<ClientConfig>,
}

#[derive(Clone, Debug, thiserror::Error)]
pub enum CredentialsError {
    #[error("the new certificate is of node {new}; this is node {current}")]
    OtherNode { current: NodeId, new: NodeId },
    #[error("the CAs to trust")]
    Trust(#[source] TrustError),
    #[error("cannot set up TLS")]
    Tls(#[source] rustls::Error),
}

impl Credentials {
    pub fn new(
        identity: Identity,
        trust: Trust,
        time: Arc<dyn TimeProvider>,
    ) -> Result<Self, CredentialsError> {
        let provider = provider();
        let state = LiveState::new(Arc::new(identity), trust, &provider)?;
        let live = Arc::new(Live(RwLock::new(state)));
        let verifier = Arc::new(NodeVerifier::new(live.clone(), provider.clone()));
        let builder = |versions: &[&'static SupportedProtocolVersion]| {
            ServerConfig::builder_with_details(provider.clone(), time.clone())
                .with_protocol_versions(versions)
                .map_err(CredentialsError::Tls)
        };
        // Clients of the API are never asked for a certificate: a browser would show a puzzling choice.
        let for_api = builder(&[&TLS13, &TLS12])?
            .with_no_client_auth()
            .with_cert_resolver(live.clone());
        let for_nodes = builder(&[&TLS13])?
            .with_client_cert_verifier(verifier.clone())
            .with_cert_resolver(live.clone());
        let mut to_nodes = ClientConfig::builder_with_details(provider.clone(), time.clone())
            .with_protocol_versions(&[&TLS13])
            .map_err(CredentialsError::Tls)?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_client_cert_resolver(live.clone());
        to_nodes.alpn_protocols = vec![ALPN_NODE.to_vec()];
        // A resumed session would skip the check of the certificate, and with it expiry and a change of CA.
        to_nodes.resumption = Resumption::disabled();
        Ok(Self {
            for_nodes: Arc::new(without_sessions(for_nodes, &[ALPN_NODE])),
            for_api: Arc::new(without_sessions(for_api, &[ALPN_HTTP1])),
            to_nodes: Arc::new(to_nodes),
            live,
            provider,
            time,
        })
    }

    pub fn node(&self) -> NodeId {
        self.identity().node()
    }

    pub fn identity(&self) -> Arc<Identity> {
        self.live.read(|state| state.identity.clone())
    }

    pub fn trust(&self) -> Trust {
        self.live.read(|state| state.trust.clone())
    }

    /// The time that certificates are checked against; `None` when the source has none.
    pub fn now(&self) -> Option<UnixTime> {
        self.time.current_time()
    }

    /// From the next handshake on, this certificate is shown.
    pub fn replace_identity(&self, identity: Identity) -> Result<(), CredentialsError> {
        let (current, new) = (self.node(), identity.node());
        if current != new {
            return Err(CredentialsError::OtherNode { current, new });
        }
        let identity = Arc::new(identity);
        let shown = certified_key(&identity, &self.provider)?;
        self.live.write(|state| {
            state.identity = identity;
            state.shown = shown;
        });
        Ok(())
    }

    /// From the next handshake on, these CAs are believed.
    pub fn replace_trust(&self, trust: Trust) -> Result<(), CredentialsError> {
        let verifiers = chain_verifiers(&trust, &self.provider)?;
        self.live.write(|state| {
            state.trust = trust;
            state.verifiers = verifiers;
        });
        Ok(())
    }

    /// The configuration for a connection that begins like this: nodes must show a certificate, others are not asked.
    pub fn server_config(&self, hello: &ClientHello<'_>) -> Arc<ServerConfig> {
        let offers_node = hello
            .alpn()
            .is_some_and(|mut names| names.any(|name| name == ALPN_NODE));
        if offers_node {
            self.for_nodes.clone()
        } else {
            self.for_api.clone()
        }
    }

    /// For connections to nodes; the name to ask for is [`Credentials::server_name`], which says who must answer.
    pub fn node_client_config(&self) -> Arc<ClientConfig> {
        self.to_nodes.clone()
    }

    pub fn server_name(node: NodeId) -> ServerName<'static> {
        match ServerName::try_from(node_dns_name(node)) {
            Ok(name) => name,
            Err(_) => unreachable!("13 letters and digits are a DNS label"),
        }
    }
}

/// What may change while the program runs.
#[derive(Debug)]
pub(crate) struct Live(RwLock<LiveState>);

#[derive(Debug)]
struct LiveState {
    identity: Arc<Identity>,
    shown: Arc<CertifiedKey>,
    trust: Trust,
    verifiers: Arc<ChainVerifiers>,
}

impl LiveState {
    fn new(
        identity: Arc<Identity>,
        trust: Trust,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, CredentialsError> {
        Ok(Self {
            shown: certified_key(&identity, provider)?,
            verifiers: chain_verifiers(&trust, provider)?,
            identity,
            trust,
        })
    }
}

impl Live {
    pub(crate) fn verifiers(&self) -> Arc<ChainVerifiers> {
        self.read(|state| state.verifiers.clone())
    }

    // Whoever held the lock only moved Arcs: what a panic left behind is whole.
    fn read<T>(&self, look: impl FnOnce(&LiveState) -> T) -> T {
        look(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn write(&self, change: impl FnOnce(&mut LiveState)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }
}

impl ResolvesServerCert for Live {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.read(|state| state.shown.clone()))
    }
}

impl ResolvesClientCert for Live {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(self.read(|state| state.shown.clone()))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Ring, by name: nothing here depends on a default of the whole process.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn chain_verifiers(
    trust: &Trust,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<ChainVerifiers>, CredentialsError> {
    let roots = trust.roots().map_err(CredentialsError::Trust)?;
    let verifiers = ChainVerifiers::new(&roots, provider).map_err(CredentialsError::Tls)?;
    Ok(Arc::new(verifiers))
}

fn certified_key(
    identity: &Identity,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, CredentialsError> {
    let key = CertifiedKey::from_der(identity.chain(), identity.key().to_rustls(), provider)
        .map_err(CredentialsError::Tls)?;
    Ok(Arc::new(key))
}

fn without_sessions(mut config: ServerConfig, alpn: &[&[u8]]) -> ServerConfig {
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config
}
