//! Certificates as this cluster writes and reads them: of a node, of a CA.

use hm_model::NodeId;
use rustls_pki_types::{CertificateDer, UnixTime};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use crate::fingerprint::Fingerprint;
use crate::pem_file::{self, PemError, Tag};
use crate::validity::{Validity, at};

/// Names under it say who a node is. Nothing else in a certificate does, and the CA signs no other names under it.
pub(crate) const NODE_DOMAIN: &str = ".node.hivemind";

/// The name that a node's certificate carries and that other nodes look for.
pub fn node_dns_name(node: NodeId) -> String {
    format!("{node}{NODE_DOMAIN}")
}

/// The certificate of a node, read but not yet verified against any CA.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NodeCertificate {
    der: CertificateDer<'static>,
    node: NodeId,
    validity: Validity,
}

/// The certificate of a cluster CA.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CaCertificate {
    der: CertificateDer<'static>,
    fingerprint: Fingerprint,
    validity: Validity,
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CertificateError {
    #[error("the certificate cannot be read: {reason}")]
    Unreadable { reason: String },
    #[error("the certificate is not a CA's")]
    NotACa,
    #[error("the certificate names no node: no `<id>{NODE_DOMAIN}` among its names")]
    NoNode,
    #[error("the certificate names more than one node")]
    ManyNodes,
    #[error("cannot read the certificates")]
    Pem(#[source] PemError),
}

impl NodeCertificate {
    pub fn from_der(der: CertificateDer<'static>) -> Result<Self, CertificateError> {
        let parsed = parse(&der)?;
        let node = node_in(&parsed)?;
        let validity = validity_of(&parsed);
        Ok(Self {
            node,
            validity,
            der,
        })
    }

    pub const fn node(&self) -> NodeId {
        self.node
    }

    pub const fn validity(&self) -> Validity {
        self.validity
    }

    pub const fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }

    /// The first certificate of a PEM text.
    pub fn from_pem(text: &[u8]) -> Result<Self, CertificateError> {
        let mut ders = pem_file::decode_certificates(text).map_err(CertificateError::Pem)?;
        Self::from_der(ders.swap_remove(0))
    }

    pub fn to_pem(&self) -> String {
        pem_file::encode(Tag::Certificate, &[&self.der])
    }

    /// Whether half of its life is over.
    pub fn renew_due(&self, now: UnixTime) -> bool {
        self.validity.renew_due(now)
    }
}

impl CaCertificate {
    pub fn from_der(der: CertificateDer<'static>) -> Result<Self, CertificateError> {
        let parsed = parse(&der)?;
        if !parsed.is_ca() {
            return Err(CertificateError::NotACa);
        }
        let validity = validity_of(&parsed);
        Ok(Self {
            fingerprint: Fingerprint::of(&der),
            validity,
            der,
        })
    }

    /// All CAs of a `ca.pem`; more than one while the CA is being changed.
    pub fn all_from_pem(text: &[u8]) -> Result<Vec<Self>, CertificateError> {
        let ders = pem_file::decode_certificates(text).map_err(CertificateError::Pem)?;
        ders.into_iter().map(Self::from_der).collect()
    }

    pub fn to_pem(&self) -> String {
        pem_file::encode(Tag::Certificate, &[&self.der])
    }

    pub const fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub const fn validity(&self) -> Validity {
        self.validity
    }

    pub const fn der(&self) -> &CertificateDer<'static> {
        &self.der
    }
}

pub(crate) fn parse<'a>(
    der: &'a CertificateDer<'_>,
) -> Result<X509Certificate<'a>, CertificateError> {
    let (rest, parsed) =
        X509Certificate::from_der(der).map_err(|error| CertificateError::Unreadable {
            reason: error.to_string(),
        })?;
    if !rest.is_empty() {
        let reason = format!("{} bytes follow it", rest.len());
        return Err(CertificateError::Unreadable { reason });
    }
    Ok(parsed)
}

/// The node that a certificate names: exactly one, or it is nobody's.
pub(crate) fn node_in(certificate: &X509Certificate<'_>) -> Result<NodeId, CertificateError> {
    let names = certificate
        .subject_alternative_name()
        .map_err(|error| CertificateError::Unreadable {
            reason: error.to_string(),
        })?
        .ok_or(CertificateError::NoNode)?;
    let mut node = None;
    for name in &names.value.general_names {
        let GeneralName::DNSName(name) = name else {
            continue;
        };
        let Some(label) = name.strip_suffix(NODE_DOMAIN) else {
            continue;
        };
        let id = label.parse().map_err(|_| CertificateError::NoNode)?;
        if node.replace(id).is_some() {
            return Err(CertificateError::ManyNodes);
        }
    }
    node.ok_or(CertificateError::NoNode)
}

fn validity_of(certificate: &X509Certificate<'_>) -> Validity {
    let seconds = |time: ASN1Time| at(u64::try_from(time.timestamp()).unwrap_or_default());
    let validity = certificate.validity();
    Validity {
        not_before: seconds(validity.not_before),
        not_after: seconds(validity.not_after),
    }
}
