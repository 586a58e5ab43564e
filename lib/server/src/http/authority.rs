//! What joining needs of the cluster's certificate authority. The daemon wires `lib/tls`; tests have a simple one.

use std::net::IpAddr;

use hm_model::{NodeId, Timestamp, TokenId};
use hm_ports::Random;
use hm_state::{Cluster, Vault};

pub trait Authority: Send + Sync + 'static {
    /// A new join token for this cluster.
    fn new_token(&self, cluster: &Cluster, random: &dyn Random)
    -> Result<NewToken, AuthorityError>;

    /// Takes apart a token as a joining node shows it.
    fn read_token(&self, text: &str) -> Result<ShownToken, AuthorityError>;

    /// Signs a certificate for a node whose right to it has been proven.
    fn sign(
        &self,
        cluster: &Cluster,
        vault: &Vault,
        member: &NewMember<'_>,
    ) -> Result<Membership, AuthorityError>;
}

/// A new token: its text is shown once, its hash is kept.
pub struct NewToken {
    pub id: TokenId,
    pub text: String,
    pub secret_hash: Vec<u8>,
}

/// What a token that is shown claims to be.
pub struct ShownToken {
    pub id: TokenId,
    pub secret_hash: Vec<u8>,
}

/// Who is to get a certificate.
#[derive(Clone, Debug)]
pub struct NewMember<'a> {
    pub id: NodeId,
    pub name: &'a str,
    pub addresses: &'a [IpAddr],
    /// PEM.
    pub request: &'a str,
    pub now: Timestamp,
}

/// What a new member gets, in PEM.
pub struct Membership {
    pub certificate: String,
    pub authorities: Vec<String>,
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum AuthorityError {
    #[error("the join token cannot be read: {reason}")]
    Token { reason: String },
    #[error("the certificate request is refused: {reason}")]
    Request { reason: String },
    #[error("the cluster's certificate authority cannot be used: {reason}")]
    Authority { reason: String },
}
