//! TLS for a node that is about to join: it knows the fingerprint of the CA, and nothing else.

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::certificate::node_dns_name;
use crate::credentials::{ALPN_HTTP1, provider};
use crate::fingerprint::Fingerprint;
use crate::trust::Trust;
use crate::verify::{PeerRejected, peer_node, rejected, server_verifier};

#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot set up TLS for joining")]
pub struct JoinConfigError(#[source] Error);

/// Accepts exactly the servers whose chain ends in the CA with this fingerprint; the address they were reached at says nothing.
/// Afterwards [`Trust::from_chain`] takes the CA out of the chain that was shown. No client certificate, the API's protocols.
pub fn join_client_config(
    fingerprint: Fingerprint,
    time: Arc<dyn TimeProvider>,
) -> Result<Arc<ClientConfig>, JoinConfigError> {
    let provider = provider();
    let verifier = JoinVerifier {
        fingerprint,
        provider: provider.clone(),
    };
    let mut config = ClientConfig::builder_with_details(provider, time)
        .with_protocol_versions(&[&TLS13])
        .map_err(JoinConfigError)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![ALPN_HTTP1.to_vec()];
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

#[derive(Debug)]
struct JoinVerifier {
    fingerprint: Fingerprint,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for JoinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let wrong = |_| rejected(PeerRejected::WrongFingerprint);
        let trust = Trust::from_chain(intermediates, self.fingerprint).map_err(wrong)?;
        let roots = trust.roots().map_err(wrong)?;
        // Any node of the cluster may answer: the name to verify is the one that the certificate itself claims.
        let node = peer_node(Some(std::slice::from_ref(end_entity))).map_err(rejected)?;
        let name =
            ServerName::try_from(node_dns_name(node)).map_err(|_| Error::UnsupportedNameType)?;
        server_verifier(&roots, &self.provider)?.verify_server_cert(
            end_entity,
            intermediates,
            &name,
            ocsp_response,
            now,
        )
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
