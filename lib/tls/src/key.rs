//! Private keys: ECDSA on P-256, which every TLS client understands, kept as PKCS#8 and wiped when dropped.

use std::fmt;

use rcgen::{CertificateParams, PublicKeyData, SignatureAlgorithm, SigningKey};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use crate::pem_file::{self, PemError, Tag};

/// A private key. It is never printed, and written only where the caller asks for its bytes.
pub struct PrivateKey {
    pkcs8: Zeroizing<Vec<u8>>,
    pair: EcdsaKeyPair,
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum KeyError {
    #[error("cannot generate a private key: the system gives no randomness")]
    NoRandomness,
    #[error("the private key is not an ECDSA P-256 key in PKCS#8 form: {reason}")]
    Rejected { reason: String },
    #[error("cannot read the private key")]
    Pem(#[source] PemError),
    #[error("cannot write the certificate request")]
    Request(#[source] rcgen::Error),
}

impl PrivateKey {
    pub fn generate() -> Result<Self, KeyError> {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &SystemRandom::new())
                .map_err(|_| KeyError::NoRandomness)?;
        Self::from_pkcs8_der(document.as_ref())
    }

    pub fn from_pkcs8_der(der: &[u8]) -> Result<Self, KeyError> {
        let pair =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, der, &SystemRandom::new())
                .map_err(|rejected| KeyError::Rejected {
                    reason: rejected.to_string(),
                })?;
        Ok(Self {
            pkcs8: Zeroizing::new(der.to_vec()),
            pair,
        })
    }

    pub fn from_pem(text: &[u8]) -> Result<Self, KeyError> {
        let der = pem_file::decode_key(text).map_err(KeyError::Pem)?;
        Self::from_pkcs8_der(&der)
    }

    pub fn pkcs8_der(&self) -> &[u8] {
        &self.pkcs8
    }

    pub fn to_pem(&self) -> Zeroizing<String> {
        Zeroizing::new(pem_file::encode(Tag::PrivateKey, &[&self.pkcs8]))
    }

    /// A request for a certificate on this key. It proves possession of the key and asks for no name: the CA decides those.
    pub fn certificate_request(&self) -> Result<Vec<u8>, KeyError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        let request = params.serialize_request(self).map_err(KeyError::Request)?;
        Ok(request.der().to_vec())
    }

    /// The request as PEM, as it travels to the CA.
    pub fn certificate_request_pem(&self) -> Result<String, KeyError> {
        Ok(pem_file::encode(
            Tag::Request,
            &[&self.certificate_request()?],
        ))
    }

    /// The public point, as it stands in a certificate.
    pub(crate) fn public_point(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    pub(crate) fn to_rustls(&self) -> PrivateKeyDer<'static> {
        PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.pkcs8.to_vec()))
    }
}

impl PublicKeyData for PrivateKey {
    fn der_bytes(&self) -> &[u8] {
        self.public_point()
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl SigningKey for PrivateKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let signature = self
            .pair
            .sign(&SystemRandom::new(), message)
            .map_err(|_| rcgen::Error::RingUnspecified)?;
        Ok(signature.as_ref().to_vec())
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(..)")
    }
}
