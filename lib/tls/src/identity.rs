//! Who this node is towards others: its certificate, the CA that signed it, its private key.

use rustls_pki_types::CertificateDer;

use hm_model::NodeId;

use crate::certificate::{self, CaCertificate, CertificateError, NodeCertificate};
use crate::key::{KeyError, PrivateKey};
use crate::pem_file::{self, PemError, Tag};

/// A certificate, its issuer and its key, known to belong together.
#[derive(Debug)]
pub struct Identity {
    certificate: NodeCertificate,
    issuer: CaCertificate,
    key: PrivateKey,
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IdentityError {
    #[error("the certificate of node {node} and the private key do not belong together")]
    KeyMismatch { node: NodeId },
    #[error("the certificate of node {node} was not signed by the CA beside it")]
    WrongIssuer { node: NodeId },
    #[error("{count} certificates in the chain; the node's and its CA's are needed")]
    WrongLength { count: usize },
    #[error("cannot read the node's certificate chain")]
    Pem(#[source] PemError),
    #[error("the node's certificate chain")]
    Certificate(#[source] CertificateError),
    #[error("the node's key")]
    Key(#[source] KeyError),
}

impl Identity {
    pub fn new(
        certificate: NodeCertificate,
        issuer: CaCertificate,
        key: PrivateKey,
    ) -> Result<Self, IdentityError> {
        let node = certificate.node();
        let parsed = certificate::parse(certificate.der()).map_err(IdentityError::Certificate)?;
        if parsed.public_key().subject_public_key.data.as_ref() != key.public_point() {
            return Err(IdentityError::KeyMismatch { node });
        }
        let ca = certificate::parse(issuer.der()).map_err(IdentityError::Certificate)?;
        let signed = parsed.verify_signature(Some(ca.public_key())).is_ok();
        if parsed.issuer() != ca.subject() || !signed {
            return Err(IdentityError::WrongIssuer { node });
        }
        Ok(Self {
            certificate,
            issuer,
            key,
        })
    }

    /// From a `node.pem` (the node's certificate, then its CA's) and a `node.key`.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, IdentityError> {
        let ders = pem_file::decode_certificates(chain).map_err(IdentityError::Pem)?;
        let [certificate, issuer]: [CertificateDer<'static>; 2] = ders
            .try_into()
            .map_err(|ders: Vec<_>| IdentityError::WrongLength { count: ders.len() })?;
        let certificate =
            NodeCertificate::from_der(certificate).map_err(IdentityError::Certificate)?;
        let issuer = CaCertificate::from_der(issuer).map_err(IdentityError::Certificate)?;
        let key = PrivateKey::from_pem(key).map_err(IdentityError::Key)?;
        Self::new(certificate, issuer, key)
    }

    /// What goes into `node.pem`; `key().to_pem()` goes into `node.key`.
    pub fn chain_to_pem(&self) -> String {
        pem_file::encode(
            Tag::Certificate,
            &[self.certificate.der(), self.issuer.der()],
        )
    }

    pub const fn node(&self) -> NodeId {
        self.certificate.node()
    }

    pub const fn certificate(&self) -> &NodeCertificate {
        &self.certificate
    }

    pub const fn issuer(&self) -> &CaCertificate {
        &self.issuer
    }

    pub const fn key(&self) -> &PrivateKey {
        &self.key
    }

    /// The CA goes along although a root need not: a joining node has only its fingerprint and must see it to check it.
    pub(crate) fn chain(&self) -> Vec<CertificateDer<'static>> {
        vec![self.certificate.der().clone(), self.issuer.der().clone()]
    }
}
