//! Whole handshakes in memory: who is let in, and what is said to those who are not.

mod meeting;

use std::sync::Arc;

use hm_model::NodeId;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_pki_types::ServerName;

use self::meeting::{
    CLIENT, Hand, NOW, SERVER, ca, call, credentials, identity_from, meet, meet_any, said, trust,
};
use crate::validity::at;
use crate::{
    ALPN_NODE, ClusterCa, Credentials, CredentialsError, Fingerprint, Trust, join_client_config,
};

const DAY: u64 = 24 * 3600;

#[test]
fn two_nodes_of_a_cluster_meet() {
    let (ca, time) = (ca(), Hand::new());
    let met = call(
        &credentials(&ca, CLIENT, &time),
        SERVER,
        &credentials(&ca, SERVER, &time),
    );
    assert_eq!((met.client, met.server), (Ok(()), Ok(())));
    assert_eq!(met.server_saw, Some(CLIENT));
    assert_eq!(met.server_alpn.as_deref(), Some(ALPN_NODE));
}

#[test]
fn another_node_at_that_address_is_named() {
    let (ca, time) = (ca(), Hand::new());
    let wanted = NodeId::from_u64(99);
    let met = call(
        &credentials(&ca, CLIENT, &time),
        wanted,
        &credentials(&ca, SERVER, &time),
    );
    assert_eq!(
        said(met.client),
        format!("this is node {SERVER}, not node {wanted}")
    );
    assert!(met.server.is_err());
}

#[test]
fn an_address_is_no_name_for_a_node() {
    let (ca, time) = (ca(), Hand::new());
    let client = credentials(&ca, CLIENT, &time);
    // The address is in the certificate, for curl; between nodes it counts for nothing.
    let name = ServerName::try_from("10.0.0.1").unwrap();
    let met = meet(
        client.node_client_config(),
        name,
        &credentials(&ca, SERVER, &time),
    );
    assert!(said(met.client).starts_with("`10.0.0.1` is not the name of a node"));
}

#[test]
fn another_clusters_ca_is_refused_on_both_sides() {
    let (ours, time) = (ca(), Hand::new());
    // Also when the other cluster has the same name.
    for (name, alert) in [("test", "DecryptError"), ("other", "UnknownCA")] {
        let theirs = ClusterCa::create(name, at(NOW)).unwrap();
        let server = credentials(&theirs, SERVER, &time);
        let met = call(&credentials(&ours, CLIENT, &time), SERVER, &server);
        assert_eq!(
            said(met.client),
            "its certificate was not signed by this cluster's CA"
        );

        // A client that believes the server, but is not believed.
        let stray = Credentials::new(
            identity_from(&ours, CLIENT, NOW),
            trust(&[&theirs]),
            time.clone(),
        )
        .unwrap();
        let met = call(&stray, SERVER, &server);
        assert_eq!(
            said(met.server),
            "its certificate was not signed by this cluster's CA"
        );
        assert_eq!(
            said(met.client),
            format!("it does not accept this node's certificate ({alert})")
        );
    }
}

#[test]
fn time_counts_on_both_sides() {
    let ca = ca();
    let (client_time, server_time) = (Hand::new(), Hand::new());
    let client = credentials(&ca, CLIENT, &client_time);
    let server = credentials(&ca, SERVER, &server_time);
    for (seconds, ours, theirs) in [
        (
            NOW + 31 * DAY,
            "its certificate has expired (or this node's clock is ahead)",
            "finds",
        ),
        (
            NOW - DAY,
            "its certificate is not valid yet (or this node's clock is behind)",
            "finds",
        ),
    ] {
        client_time.set(seconds);
        server_time.set(NOW);
        assert_eq!(said(call(&client, SERVER, &server).client), ours);
        client_time.set(NOW);
        server_time.set(seconds);
        let met = call(&client, SERVER, &server);
        assert_eq!(said(met.server), ours);
        assert!(said(met.client).contains(theirs));
    }
    server_time.set(NOW + 29 * DAY);
    client_time.set(NOW + 29 * DAY);
    assert_eq!(call(&client, SERVER, &server).client, Ok(()));
}

#[test]
fn nobody_speaks_the_node_protocol_without_a_certificate() {
    let (ca, time) = (ca(), Hand::new());
    let server = credentials(&ca, SERVER, &time);
    let mut config = api_client(&ca, &time);
    config.alpn_protocols = vec![b"http/1.1".to_vec(), ALPN_NODE.to_vec()];
    let met = meet(Arc::new(config), Credentials::server_name(SERVER), &server);
    assert_eq!(said(met.server), "it shows no certificate");
    assert_eq!(met.server_saw, None);
}

#[test]
fn the_api_is_open_by_address_and_name_without_a_certificate() {
    let (ca, time) = (ca(), Hand::new());
    let server = credentials(&ca, SERVER, &time);
    for (name, alpn) in [
        ("10.0.0.1", "http/1.1"),
        ("127.0.0.1", "http/1.1"),
        ("localhost", ""),
        ("::1", "http/1.1"),
    ] {
        let mut config = api_client(&ca, &time);
        config.alpn_protocols = if alpn.is_empty() {
            vec![]
        } else {
            vec![alpn.as_bytes().to_vec()]
        };
        let met = meet(
            Arc::new(config),
            ServerName::try_from(name).unwrap(),
            &server,
        );
        assert_eq!((met.client, met.server), (Ok(()), Ok(())), "{name}");
        assert_eq!(met.server_alpn.unwrap_or_default(), alpn.as_bytes());
        assert_eq!(met.server_saw, None);
    }
}

/// What curl with `--cacert` does.
fn api_client(ca: &ClusterCa, time: &Arc<Hand>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(ca.certificate().der().clone()).unwrap();
    ClientConfig::builder_with_details(crate::credentials::provider(), time.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[test]
fn a_joining_node_believes_the_fingerprint_alone() {
    let (ours, time) = (ca(), Hand::new());
    let server = credentials(&ours, SERVER, &time);
    let anywhere = || ServerName::try_from("203.0.113.9").unwrap();
    let met = meet(
        join_client_config(ours.fingerprint(), time.clone()).unwrap(),
        anywhere(),
        &server,
    );
    assert_eq!((met.client, met.server), (Ok(()), Ok(())));
    assert_eq!(met.server_alpn.as_deref(), Some(&b"http/1.1"[..]));
    assert_eq!(
        Trust::from_chain(&met.shown, ours.fingerprint()),
        Ok(trust(&[&ours]))
    );

    let theirs = ca();
    let met = meet(
        join_client_config(theirs.fingerprint(), time.clone()).unwrap(),
        anywhere(),
        &server,
    );
    assert_eq!(
        said(met.client),
        "its CA is not the one that the join token names"
    );
    // The right CA, but beside a certificate that it did not sign.
    let forger = identity_from(&theirs, SERVER, NOW);
    let chain = vec![
        forger.certificate().der().clone(),
        ours.certificate().der().clone(),
    ];
    let forged = ServerConfig::builder_with_details(crate::credentials::provider(), time.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, forger.key().to_rustls())
        .unwrap();
    let join = join_client_config(ours.fingerprint(), time.clone()).unwrap();
    let met = meet_any(join, anywhere(), |_| Arc::new(forged));
    assert_eq!(
        said(met.client),
        "its certificate was not signed by this cluster's CA"
    );

    time.set(NOW + 31 * DAY);
    let met = meet(
        join_client_config(ours.fingerprint(), time.clone()).unwrap(),
        anywhere(),
        &server,
    );
    assert!(said(met.client).contains("has expired"));
}

#[test]
fn a_renewed_certificate_is_shown_at_once() {
    let (ca, time) = (ca(), Hand::new());
    let client = credentials(&ca, CLIENT, &time);
    let server = credentials(&ca, SERVER, &time);
    time.set(NOW + 31 * DAY);
    assert!(call(&client, SERVER, &server).client.is_err());
    client
        .replace_identity(identity_from(&ca, CLIENT, NOW + 31 * DAY))
        .unwrap();
    assert!(call(&client, SERVER, &server).client.is_err());
    server
        .replace_identity(identity_from(&ca, SERVER, NOW + 31 * DAY))
        .unwrap();
    assert_eq!(call(&client, SERVER, &server).client, Ok(()));

    let error = server
        .replace_identity(identity_from(&ca, CLIENT, NOW))
        .unwrap_err();
    assert!(matches!(
        error,
        CredentialsError::OtherNode {
            current: SERVER,
            new: CLIENT
        }
    ));
}

#[test]
fn a_cluster_changes_its_ca_in_steps() {
    let (old, new, time) = (ca(), ca(), Hand::new());
    let client = credentials(&old, CLIENT, &time);
    let server = credentials(&old, SERVER, &time);
    // First all believe both, then certificates change one by one, then the old CA is dropped.
    client.replace_trust(trust(&[&old, &new])).unwrap();
    server.replace_trust(trust(&[&old, &new])).unwrap();
    server
        .replace_identity(identity_from(&new, SERVER, NOW))
        .unwrap();
    let met = call(&client, SERVER, &server);
    assert_eq!((met.client, met.server), (Ok(()), Ok(())));
    server.replace_trust(trust(&[&new])).unwrap();
    assert!(call(&client, SERVER, &server).server.is_err());
    client
        .replace_identity(identity_from(&new, CLIENT, NOW))
        .unwrap();
    let met = call(&client, SERVER, &server);
    assert_eq!((met.client, met.server), (Ok(()), Ok(())));
}

#[test]
fn a_fingerprint_is_what_openssl_prints() {
    let ca = ca();
    let digest = ring::digest::digest(&ring::digest::SHA256, ca.certificate().der());
    assert_eq!(ca.fingerprint().as_bytes(), digest.as_ref());
    assert_eq!(ca.fingerprint().to_string().parse(), Ok(ca.fingerprint()));
    assert!("short".parse::<Fingerprint>().is_err());
}
