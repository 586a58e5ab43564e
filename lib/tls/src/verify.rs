//! How nodes verify each other: a chain to a trusted CA, and the node id in the certificate. Never an address.

use std::error::Error as StdError;
use std::sync::Arc;

use hm_model::NodeId;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    AlertDescription, CertificateError as TlsCertificateError, DigitallySignedStruct,
    DistinguishedName, Error, OtherError, RootCertStore, SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::certificate::{self, CertificateError, NODE_DOMAIN};
use crate::credentials::Live;

/// A certificate that is signed well but is not the one we want.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PeerRejected {
    #[error("this is node {found}, not node {expected}")]
    WrongNode { expected: NodeId, found: NodeId },
    #[error("`{0}` is not the name of a node: only nodes are called this way")]
    NotANodeName(String),
    #[error("no certificate was shown")]
    NoCertificate,
    #[error("its CA is not the one that the join token names")]
    WrongFingerprint,
    #[error("its certificate cannot be used")]
    Certificate(#[source] CertificateError),
}

/// The node at the other end of a connection that was verified.
pub fn peer_node(chain: Option<&[CertificateDer<'_>]>) -> Result<NodeId, PeerRejected> {
    let first = chain
        .and_then(<[_]>::first)
        .ok_or(PeerRejected::NoCertificate)?;
    let parsed = certificate::parse(first).map_err(PeerRejected::Certificate)?;
    certificate::node_in(&parsed).map_err(PeerRejected::Certificate)
}

/// A failed handshake in words for an operator.
pub fn explain(error: &Error) -> String {
    if let Error::InvalidCertificate(reason) = error {
        return explain_certificate(reason);
    }
    if let Error::AlertReceived(alert) = error {
        return explain_alert(*alert);
    }
    if let Error::NoCertificatesPresented = error {
        return "it shows no certificate".to_owned();
    }
    if let Error::Other(OtherError(other)) = error {
        return with_sources(other.as_ref());
    }
    error.to_string()
}

fn explain_certificate(error: &TlsCertificateError) -> String {
    if let TlsCertificateError::Expired | TlsCertificateError::ExpiredContext { .. } = error {
        return "its certificate has expired (or this node's clock is ahead)".to_owned();
    }
    if let TlsCertificateError::NotValidYet | TlsCertificateError::NotValidYetContext { .. } = error
    {
        return "its certificate is not valid yet (or this node's clock is behind)".to_owned();
    }
    if let TlsCertificateError::UnknownIssuer | TlsCertificateError::BadSignature = error {
        return "its certificate was not signed by this cluster's CA".to_owned();
    }
    format!("its certificate cannot be used: {error}")
}

fn explain_alert(alert: AlertDescription) -> String {
    if alert == AlertDescription::NoApplicationProtocol {
        return "it speaks no node protocol: not a node, or of another version".to_owned();
    }
    if alert == AlertDescription::CertificateExpired {
        return "it finds this node's certificate expired or not yet valid: compare the clocks"
            .to_owned();
    }
    let about_us = [
        AlertDescription::UnknownCA,
        AlertDescription::BadCertificate,
        AlertDescription::CertificateUnknown,
        AlertDescription::DecryptError,
        AlertDescription::AccessDenied,
    ];
    if about_us.contains(&alert) {
        return format!("it does not accept this node's certificate ({alert:?})");
    }
    format!("it ended the handshake ({alert:?})")
}

fn with_sources(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

/// The verifiers of one set of CAs; a new set gets new ones.
#[derive(Debug)]
pub(crate) struct ChainVerifiers {
    of_servers: Arc<WebPkiServerVerifier>,
    of_clients: Arc<dyn ClientCertVerifier>,
}

impl ChainVerifiers {
    pub(crate) fn new(
        roots: &Arc<RootCertStore>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let failed =
            |error: rustls::server::VerifierBuilderError| Error::General(error.to_string());
        Ok(Self {
            of_servers: server_verifier(roots, provider)?,
            of_clients: WebPkiClientVerifier::builder_with_provider(
                roots.clone(),
                provider.clone(),
            )
            .build()
            .map_err(failed)?,
        })
    }
}

pub(crate) fn server_verifier(
    roots: &Arc<RootCertStore>,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<WebPkiServerVerifier>, Error> {
    WebPkiServerVerifier::builder_with_provider(roots.clone(), provider.clone())
        .build()
        .map_err(|error| Error::General(error.to_string()))
}

/// Verifies nodes in both roles against whatever is trusted at the moment of the handshake.
#[derive(Debug)]
pub(crate) struct NodeVerifier {
    live: Arc<Live>,
    provider: Arc<CryptoProvider>,
}

impl NodeVerifier {
    pub(crate) fn new(live: Arc<Live>, provider: Arc<CryptoProvider>) -> Self {
        Self { live, provider }
    }
}

impl ServerCertVerifier for NodeVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let expected = expected_node(server_name).map_err(rejected)?;
        let result = self.live.verifiers().of_servers.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        // The chain is checked before the name: a certificate of another cluster never gets to tell its id.
        if is_wrong_name(&result) {
            let found = peer_node(Some(std::slice::from_ref(end_entity))).map_err(rejected)?;
            return Err(rejected(PeerRejected::WrongNode { expected, found }));
        }
        let verified = result?;
        let found = peer_node(Some(std::slice::from_ref(end_entity))).map_err(rejected)?;
        if found != expected {
            return Err(rejected(PeerRejected::WrongNode { expected, found }));
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

impl ClientCertVerifier for NodeVerifier {
    /// No hints: a node has one certificate, and the set of CAs may change while this is borrowed.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verifiers = self.live.verifiers();
        let verified = verifiers
            .of_clients
            .verify_client_cert(end_entity, intermediates, now)?;
        peer_node(Some(std::slice::from_ref(end_entity))).map_err(rejected)?;
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

pub(crate) fn rejected(reason: PeerRejected) -> Error {
    Error::Other(OtherError(Arc::new(reason)))
}

fn is_wrong_name(result: &Result<ServerCertVerified, Error>) -> bool {
    matches!(
        result,
        Err(Error::InvalidCertificate(
            TlsCertificateError::NotValidForName
                | TlsCertificateError::NotValidForNameContext { .. }
        ))
    )
}

fn expected_node(name: &ServerName<'_>) -> Result<NodeId, PeerRejected> {
    let text = name.to_str();
    text.strip_suffix(NODE_DOMAIN)
        .and_then(|label| label.parse().ok())
        .ok_or_else(|| PeerRejected::NotANodeName(text.to_string()))
}
