//! The cluster's CA: made by the first daemon, held by servers, signs the certificates of nodes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use hm_model::NodeId;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose, PublicKeyData, SanType,
    SerialNumber,
};
use rustls_pki_types::{CertificateDer, CertificateSigningRequestDer, DnsName, UnixTime};

use crate::certificate::{
    self, CaCertificate, CertificateError, NODE_DOMAIN, NodeCertificate, node_dns_name,
};
use crate::fingerprint::{Fingerprint, sha256};
use crate::key::{KeyError, PrivateKey};
use crate::pem_file;
use crate::validity::{Validity, YEAR_10000};

/// A request is some 200 bytes; a longer one is not from us.
const MAX_REQUEST: usize = 4096;

/// The cluster's CA with its private key. Servers only.
#[derive(Debug)]
pub struct ClusterCa {
    certificate: CaCertificate,
    key: PrivateKey,
}

/// Whom a node certificate is for.
///
/// Other nodes look at the id alone. The names and addresses are for browsers and `curl --cacert ca.pem
/// https://10.0.0.1:3000/...`, which insist on finding what was typed: this node's name and the addresses it advertises, as
/// the server that signs knows them. `localhost` and the loopback addresses are always added.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NodeSubject {
    pub node: NodeId,
    pub names: Vec<String>,
    pub addresses: Vec<IpAddr>,
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CaError {
    #[error("`{0}` cannot stand in a CA's name: 1 to 64 printable characters")]
    BadClusterName(String),
    #[error("the certificate and the private key of the CA do not belong together")]
    KeyMismatch,
    #[error("the CA's certificate does not hold at the time of signing")]
    Expired,
    #[error("the clock says a time that no certificate can carry")]
    BadTime,
    #[error("`{0}` cannot stand in a certificate: not a DNS name")]
    BadName(String),
    #[error("`{0}` cannot stand in a certificate: names under {NODE_DOMAIN} are for node ids")]
    ReservedName(String),
    #[error("the certificate request cannot be accepted: {reason}")]
    BadRequest { reason: String },
    #[error("the CA's key")]
    Key(#[source] KeyError),
    #[error("the CA's certificate")]
    Certificate(#[source] CertificateError),
    #[error("cannot sign a certificate")]
    Sign(#[source] rcgen::Error),
}

impl ClusterCa {
    /// A new CA for ten years.
    pub fn create(cluster_name: &str, now: UnixTime) -> Result<Self, CaError> {
        let length = cluster_name.chars().count();
        if !(1..=64).contains(&length) || cluster_name.chars().any(char::is_control) {
            return Err(CaError::BadClusterName(
                cluster_name.chars().take(64).collect(),
            ));
        }
        let key = PrivateKey::generate().map_err(CaError::Key)?;
        let mut params = params_for(Validity::of_ca(now))?;
        params
            .distinguished_name
            .push(DnType::OrganizationName, "Hivemind");
        params
            .distinguished_name
            .push(DnType::CommonName, cluster_name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let signed = params.self_signed(&key).map_err(CaError::Sign)?;
        Self::from_parts(signed.into(), key)
    }

    /// The CA as it was stored.
    pub fn from_parts(
        certificate: CertificateDer<'static>,
        key: PrivateKey,
    ) -> Result<Self, CaError> {
        let certificate = CaCertificate::from_der(certificate).map_err(CaError::Certificate)?;
        let parsed = certificate::parse(certificate.der()).map_err(CaError::Certificate)?;
        if parsed.public_key().subject_public_key.data.as_ref() != key.public_point() {
            return Err(CaError::KeyMismatch);
        }
        Ok(Self { certificate, key })
    }

    pub const fn certificate(&self) -> &CaCertificate {
        &self.certificate
    }

    pub const fn key(&self) -> &PrivateKey {
        &self.key
    }

    pub const fn fingerprint(&self) -> Fingerprint {
        self.certificate.fingerprint()
    }

    /// Signs a request that came as PEM.
    pub fn sign_pem(
        &self,
        request: &str,
        subject: &NodeSubject,
        validity: Validity,
    ) -> Result<NodeCertificate, CaError> {
        let request =
            pem_file::decode_request(request.as_bytes()).map_err(|error| CaError::BadRequest {
                reason: error.to_string(),
            })?;
        self.sign(&request, subject, validity)
    }

    /// Signs a node's request. Only the public key is taken from it: who the node is, the caller has established.
    pub fn sign(
        &self,
        request: &[u8],
        subject: &NodeSubject,
        validity: Validity,
    ) -> Result<NodeCertificate, CaError> {
        let own = self.certificate.validity();
        if validity.not_before > own.not_after || own.not_before > validity.not_after {
            return Err(CaError::Expired);
        }
        let public_key = requested_key(request)?;
        let not_after = validity.not_after.min(own.not_after);
        let mut params = params_for(Validity {
            not_after,
            ..validity
        })?;
        params
            .distinguished_name
            .push(DnType::CommonName, subject.node.to_string());
        params.subject_alt_names = alternative_names(subject)?;
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        params.use_authority_key_identifier_extension = true;
        params.serial_number = Some(serial(&public_key, subject.node, validity));
        let issuer =
            Issuer::from_ca_cert_der(self.certificate.der(), &self.key).map_err(CaError::Sign)?;
        let signed = params
            .signed_by(&public_key, &issuer)
            .map_err(CaError::Sign)?;
        NodeCertificate::from_der(signed.into()).map_err(CaError::Certificate)
    }
}

fn requested_key(request: &[u8]) -> Result<rcgen::PublicKey, CaError> {
    if request.len() > MAX_REQUEST {
        let reason = format!(
            "it has {} bytes, at most {MAX_REQUEST} are read",
            request.len()
        );
        return Err(CaError::BadRequest { reason });
    }
    let request =
        CertificateSigningRequestParams::from_der(&CertificateSigningRequestDer::from(request))
            .map_err(|error| CaError::BadRequest {
                reason: error.to_string(),
            })?;
    if *request.public_key.algorithm() != rcgen::PKCS_ECDSA_P256_SHA256 {
        return Err(CaError::BadRequest {
            reason: "its key is not ECDSA P-256".to_owned(),
        });
    }
    Ok(request.public_key)
}

fn alternative_names(subject: &NodeSubject) -> Result<Vec<SanType>, CaError> {
    let mut names = vec![dns(&node_dns_name(subject.node))?, dns("localhost")?];
    for name in &subject.names {
        let lower = name.to_ascii_lowercase();
        if lower.trim_end_matches('.').ends_with(NODE_DOMAIN) {
            return Err(CaError::ReservedName(name.clone()));
        }
        if DnsName::try_from(lower.as_str()).is_err() {
            return Err(CaError::BadName(name.clone()));
        }
        names.push(dns(&lower)?);
    }
    let loopback = [
        IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(Ipv6Addr::LOCALHOST),
    ];
    names.extend(
        loopback
            .iter()
            .chain(&subject.addresses)
            .map(|ip| SanType::IpAddress(*ip)),
    );
    let mut unique: Vec<SanType> = Vec::with_capacity(names.len());
    for name in names {
        if !unique.contains(&name) {
            unique.push(name);
        }
    }
    Ok(unique)
}

fn dns(name: &str) -> Result<SanType, CaError> {
    let name = name
        .try_into()
        .map_err(|_| CaError::BadName(name.to_owned()))?;
    Ok(SanType::DnsName(name))
}

/// Differs for each key, node and renewal without asking for randomness; 16 bytes and positive, as the standard wants.
fn serial(key: &rcgen::PublicKey, node: NodeId, validity: Validity) -> SerialNumber {
    let mut bytes = [0; 16];
    let hash = sha256(&[
        key.der_bytes(),
        &node.as_u64().to_be_bytes(),
        &validity.not_before.as_secs().to_be_bytes(),
    ]);
    bytes.copy_from_slice(&hash[..16]);
    bytes[0] = (bytes[0] & 0x7f) | 0x40;
    SerialNumber::from_slice(&bytes)
}

fn params_for(validity: Validity) -> Result<CertificateParams, CaError> {
    if validity.not_after.as_secs() >= YEAR_10000 || validity.not_before > validity.not_after {
        return Err(CaError::BadTime);
    }
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.not_before = epoch + Duration::from_secs(validity.not_before.as_secs());
    params.not_after = epoch + Duration::from_secs(validity.not_after.as_secs());
    Ok(params)
}

#[cfg(test)]
mod tests;
