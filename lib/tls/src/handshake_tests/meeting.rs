//! A client and a server that meet in memory, with a clock that tests move.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hm_model::NodeId;
use rustls::server::{Acceptor, ClientHello};
use rustls::{ClientConfig, ClientConnection, Error, ServerConfig, ServerConnection};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use crate::validity::at;
use crate::{
    ClusterCa, Credentials, Identity, NodeSubject, PrivateKey, TimeProvider, Trust, Validity,
    explain, peer_node,
};

pub(super) const NOW: u64 = 1_800_000_000;
pub(super) const SERVER: NodeId = NodeId::from_u64(1);
pub(super) const CLIENT: NodeId = NodeId::from_u64(2);

/// A clock that tests move.
#[derive(Debug)]
pub(super) struct Hand(AtomicU64);

impl Hand {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicU64::new(NOW)))
    }

    pub(super) fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::Relaxed);
    }
}

impl TimeProvider for Hand {
    fn current_time(&self) -> Option<UnixTime> {
        Some(at(self.0.load(Ordering::Relaxed)))
    }
}

pub(super) fn ca() -> ClusterCa {
    ClusterCa::create("test", at(NOW)).unwrap()
}

pub(super) fn trust(cas: &[&ClusterCa]) -> Trust {
    Trust::new(cas.iter().map(|ca| ca.certificate().clone()).collect()).unwrap()
}

pub(super) fn identity_from(ca: &ClusterCa, node: NodeId, now: u64) -> Identity {
    let key = PrivateKey::generate().unwrap();
    let request = key.certificate_request().unwrap();
    let subject = NodeSubject {
        node,
        names: vec![],
        addresses: vec!["10.0.0.1".parse().unwrap()],
    };
    let certificate = ca
        .sign(&request, &subject, Validity::of_node(at(now)))
        .unwrap();
    Identity::new(certificate, ca.certificate().clone(), key).unwrap()
}

pub(super) fn credentials(ca: &ClusterCa, node: NodeId, time: &Arc<Hand>) -> Credentials {
    Credentials::new(identity_from(ca, node, NOW), trust(&[ca]), time.clone()).unwrap()
}

pub(super) struct Outcome {
    pub(super) client: Result<(), Error>,
    pub(super) server: Result<(), Error>,
    pub(super) server_saw: Option<NodeId>,
    pub(super) server_alpn: Option<Vec<u8>>,
    pub(super) shown: Vec<CertificateDer<'static>>,
}

pub(super) fn meet(
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    server: &Credentials,
) -> Outcome {
    meet_any(config, name, |hello| server.server_config(hello))
}

/// Carries bytes between the two until neither has anything to say, or one gives up.
pub(super) fn meet_any(
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    choose: impl FnOnce(&ClientHello<'_>) -> Arc<ServerConfig>,
) -> Outcome {
    let mut client = ClientConnection::new(config, name).unwrap();
    let mut acceptor = Acceptor::default();
    let mut wire = Vec::new();
    client.write_tls(&mut wire).unwrap();
    acceptor.read_tls(&mut wire.as_slice()).unwrap();
    let accepted = acceptor.accept().unwrap().unwrap();
    let config = choose(&accepted.client_hello());
    let mut outcome = Outcome {
        client: Ok(()),
        server: Ok(()),
        server_saw: None,
        server_alpn: None,
        shown: Vec::new(),
    };
    let mut server = match accepted.into_connection(config) {
        Ok(server) => server,
        Err((error, _alert)) => {
            outcome.server = Err(error);
            return outcome;
        }
    };
    for _ in 0..10 {
        let mut to_client = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut to_client).unwrap();
        }
        outcome.client = outcome
            .client
            .and_then(|()| hear_as_client(&mut client, &to_client));
        let mut to_server = Vec::new();
        while client.wants_write() {
            client.write_tls(&mut to_server).unwrap();
        }
        outcome.server = outcome
            .server
            .and_then(|()| hear_as_server(&mut server, &to_server));
    }
    outcome.server_saw = peer_node(server.peer_certificates()).ok();
    outcome.server_alpn = server.alpn_protocol().map(<[u8]>::to_vec);
    outcome.shown = client
        .peer_certificates()
        .map(<[_]>::to_vec)
        .unwrap_or_default();
    outcome
}

fn hear_as_client(client: &mut ClientConnection, mut bytes: &[u8]) -> Result<(), Error> {
    while !bytes.is_empty() {
        client.read_tls(&mut bytes).unwrap();
        client.process_new_packets()?;
    }
    Ok(())
}

fn hear_as_server(server: &mut ServerConnection, mut bytes: &[u8]) -> Result<(), Error> {
    while !bytes.is_empty() {
        server.read_tls(&mut bytes).unwrap();
        server.process_new_packets()?;
    }
    Ok(())
}

pub(super) fn call(client: &Credentials, expected: NodeId, server: &Credentials) -> Outcome {
    meet(
        client.node_client_config(),
        Credentials::server_name(expected),
        server,
    )
}

pub(super) fn said(result: Result<(), Error>) -> String {
    explain(&result.unwrap_err())
}
