//! Trust: the cluster's CA, node certificates, join tokens, TLS configurations.
//!
//! No socket, no file, no clock: time comes in as [`UnixTime`] or a [`TimeProvider`], and only key generation asks the system
//! for randomness, because ring accepts no other source.

mod base32;
mod ca;
mod certificate;
mod credentials;
mod fingerprint;
mod identity;
mod join;
mod key;
mod pem_file;
mod token;
mod trust;
mod validity;
mod verify;

#[cfg(test)]
mod handshake_tests;

pub use ca::{CaError, ClusterCa, NodeSubject};
pub use certificate::{CaCertificate, CertificateError, NodeCertificate, node_dns_name};
pub use credentials::{ALPN_HTTP1, ALPN_NODE, Credentials, CredentialsError};
pub use fingerprint::{Fingerprint, ParseFingerprintError};
pub use identity::{Identity, IdentityError};
pub use join::{JoinConfigError, join_client_config};
pub use key::{KeyError, PrivateKey};
pub use pem_file::PemError;
pub use token::{JoinToken, ParseTokenError, TokenHash};
pub use trust::{Trust, TrustError};
pub use validity::Validity;
pub use verify::{PeerRejected, explain, peer_node};

pub use rustls::time_provider::TimeProvider;
pub use rustls_pki_types::UnixTime;
