//! The cluster's CA as the REST door uses it: tokens made and read, certificates signed.

use hm_ports::Random;
use hm_server::http::{Authority, AuthorityError, Membership, NewMember, NewToken, ShownToken};
use hm_state::{Cluster, Vault};
use hm_tls::{CaCertificate, ClusterCa, JoinToken, NodeSubject, PrivateKey, Validity};

use crate::error::chain;
use crate::founding::unix_time;

pub(crate) struct TlsAuthority;

impl Authority for TlsAuthority {
    fn new_token(
        &self,
        cluster: &Cluster,
        random: &dyn Random,
    ) -> Result<NewToken, AuthorityError> {
        let mut bits = [0; JoinToken::RANDOM_BYTES];
        random.fill(&mut bits);
        let token = JoinToken::new(bits, newest(cluster)?.fingerprint());
        Ok(NewToken {
            id: token.id(),
            text: token.to_text().to_string(),
            secret_hash: token.hash().as_bytes().to_vec(),
        })
    }

    fn read_token(&self, text: &str) -> Result<ShownToken, AuthorityError> {
        let token: JoinToken = text.parse().map_err(|error| AuthorityError::Token {
            reason: chain(&error),
        })?;
        Ok(ShownToken {
            id: token.id(),
            secret_hash: token.hash().as_bytes().to_vec(),
        })
    }

    fn sign(
        &self,
        cluster: &Cluster,
        vault: &Vault,
        member: &NewMember<'_>,
    ) -> Result<Membership, AuthorityError> {
        let certificate = newest(cluster)?;
        let ca = PrivateKey::from_pkcs8_der(&vault.ca_key)
            .map_err(|error| unusable(&error))
            .and_then(|key| {
                ClusterCa::from_parts(certificate.der().clone(), key)
                    .map_err(|error| unusable(&error))
            })?;
        let subject = NodeSubject {
            node: member.id,
            names: vec![member.name.to_owned()],
            addresses: member.addresses.to_vec(),
        };
        let validity = Validity::of_node(unix_time(member.now.as_micros()));
        let signed = ca
            .sign_pem(member.request, &subject, validity)
            .map_err(|error| AuthorityError::Request {
                reason: chain(&error),
            })?;
        let authorities = authorities(cluster)?
            .iter()
            .map(CaCertificate::to_pem)
            .collect();
        Ok(Membership {
            certificate: signed.to_pem(),
            authorities,
        })
    }
}

/// The CA that signs is the last of the list; those before it are only still trusted.
fn newest(cluster: &Cluster) -> Result<CaCertificate, AuthorityError> {
    let reason = "the cluster has none".to_owned();
    authorities(cluster)?
        .pop()
        .ok_or(AuthorityError::Authority { reason })
}

fn authorities(cluster: &Cluster) -> Result<Vec<CaCertificate>, AuthorityError> {
    let read = |der: &Vec<u8>| {
        CaCertificate::from_der(der.clone().into()).map_err(|error| unusable(&error))
    };
    cluster.ca_certificates.iter().map(read).collect()
}

fn unusable(error: &dyn std::error::Error) -> AuthorityError {
    AuthorityError::Authority {
        reason: chain(error),
    }
}
