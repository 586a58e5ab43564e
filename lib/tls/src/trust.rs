//! Which CAs a node believes: the cluster's own, and during a change of CA the old and the new one.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;

use crate::certificate::{CaCertificate, CertificateError};
use crate::fingerprint::Fingerprint;

/// One or more CA certificates; the order is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trust {
    cas: Vec<CaCertificate>,
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TrustError {
    #[error("no CA to trust")]
    Empty,
    #[error("CA certificate {fingerprint} cannot serve as a root: {reason}")]
    Unusable {
        fingerprint: Fingerprint,
        reason: String,
    },
    #[error("cannot read the CA certificates")]
    Certificate(#[source] CertificateError),
}

impl Trust {
    pub fn new(cas: Vec<CaCertificate>) -> Result<Self, TrustError> {
        if cas.is_empty() {
            return Err(TrustError::Empty);
        }
        let trust = Self { cas };
        trust.roots()?;
        Ok(trust)
    }

    /// From a `ca.pem`.
    pub fn from_pem(text: &[u8]) -> Result<Self, TrustError> {
        Self::new(CaCertificate::all_from_pem(text).map_err(TrustError::Certificate)?)
    }

    /// The one CA with this fingerprint in a chain: what a joining node, having proven the chain, believes from then on.
    pub fn from_chain(
        chain: &[CertificateDer<'_>],
        fingerprint: Fingerprint,
    ) -> Result<Self, TrustError> {
        let found = chain
            .iter()
            .find(|certificate| fingerprint.matches(certificate));
        let der = found.ok_or(TrustError::Empty)?.clone().into_owned();
        Self::new(vec![
            CaCertificate::from_der(der).map_err(TrustError::Certificate)?,
        ])
    }

    pub fn to_pem(&self) -> String {
        self.cas.iter().map(CaCertificate::to_pem).collect()
    }

    pub fn cas(&self) -> &[CaCertificate] {
        &self.cas
    }

    pub(crate) fn roots(&self) -> Result<Arc<RootCertStore>, TrustError> {
        let mut roots = RootCertStore::empty();
        for ca in &self.cas {
            roots
                .add(ca.der().clone())
                .map_err(|error| TrustError::Unusable {
                    fingerprint: ca.fingerprint(),
                    reason: error.to_string(),
                })?;
        }
        Ok(Arc::new(roots))
    }
}
