//! Calls: answers, refusals, limits, broken connections.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use hm_model::NodeId;
use hm_ports::{CallError, Peer, Refusal, Transport};
use tokio::net::TcpListener;

use super::fixture::{
    CLIENT, Relay, SERVER, Server, client, credentials, peer, soon, stray_credentials,
};
use crate::wire::{CALL_TYPE, whole};
use crate::{AcceptLimits, MAX_CALL_BODY, PeerTimeouts, PeerTransport};

fn reason(error: CallError) -> String {
    match error {
        CallError::Unreachable { node, reason } => {
            assert_eq!(node, SERVER);
            reason
        }
        CallError::Refused { refusal, .. } => panic!("refused: {refusal}"),
    }
}

fn refusal(error: CallError) -> Refusal {
    match error {
        CallError::Refused { refusal, .. } => refusal,
        CallError::Unreachable { reason, .. } => panic!("unreachable: {reason}"),
    }
}

#[tokio::test]
async fn a_call_is_answered_and_the_caller_is_known() {
    let (server, client) = (Server::start(), client());
    let answer = soon(client.call(server.peer(), "test/echo", Bytes::from_static(b"hello"))).await;
    assert_eq!(answer, Ok(Bytes::from_static(b"hello")));
    let answer = soon(client.call(server.peer(), "test/echo", Bytes::new())).await;
    assert_eq!(answer, Ok(Bytes::new()));
    let answer = soon(client.call(server.peer(), "test/who", Bytes::new())).await;
    assert_eq!(answer, Ok(CLIENT.to_string().into()));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_refusal_arrives_with_code_and_message() {
    let (server, client) = (Server::start(), client());
    let error = soon(client.call(server.peer(), "test/nothing", Bytes::new()))
        .await
        .unwrap_err();
    let expected = Refusal::new("unknown_method", "no method test/nothing");
    assert_eq!(
        error,
        CallError::Refused {
            node: SERVER,
            refusal: expected
        }
    );
    let error = soon(client.call(server.peer(), "not a path", Bytes::new()))
        .await
        .unwrap_err();
    assert_eq!(refusal(error).code, "bad_method");
}

#[tokio::test]
async fn a_thousand_calls_share_one_connection() {
    let (server, client) = (Server::start(), client());
    let calls = (0..1000u32).map(|number| {
        let body = Bytes::from(number.to_be_bytes().repeat(20));
        let call = client.call(server.peer(), "test/echo", body.clone());
        async move { assert_eq!(call.await, Ok(body)) }
    });
    soon(join_all(calls)).await;
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn bodies_of_16_mib_pass_and_longer_ones_are_refused() {
    let (server, client) = (Server::start(), client());
    let body = Bytes::from(vec![7; MAX_CALL_BODY]);
    assert_eq!(
        soon(client.call(server.peer(), "test/echo", body.clone())).await,
        Ok(body)
    );

    let long = Bytes::from(vec![7; MAX_CALL_BODY + 1]);
    let error = soon(client.call(server.peer(), "test/echo", long.clone()))
        .await
        .unwrap_err();
    assert_eq!(
        refusal(error).message,
        "the request has 16777217 bytes; at most 16777216 are allowed"
    );
    let size = Bytes::from((MAX_CALL_BODY + 1).to_string());
    let error = soon(client.call(server.peer(), "test/size", size))
        .await
        .unwrap_err();
    assert_eq!(refusal(error).code, "too_large");

    // A caller that does not check finds that the called side does.
    let connection = soon(client.connection(&server.peer())).await;
    let request = hyper::Request::post("https://x/test/echo")
        .header(hyper::header::CONTENT_TYPE, CALL_TYPE)
        .body(whole(long))
        .unwrap();
    let response = soon(connection.requests.clone().send_request(request))
        .await
        .unwrap();
    assert_eq!(response.status(), hyper::StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_server_that_comes_back_is_dialled_again() {
    let (server, client) = (Server::start(), client());
    let call = |to: Peer| client.call(to, "test/echo", Bytes::from_static(b"x"));
    assert!(soon(call(server.peer())).await.is_ok());
    let address = server.kill();
    // A call may still be sent into the dying connection; then the door is seen to be closed.
    let refused = async {
        while !reason(call(peer(address)).await.unwrap_err()).contains("Connection refused") {}
    };
    soon(refused).await;
    let server = Server::start_at(address, AcceptLimits::default());
    assert!(soon(call(server.peer())).await.is_ok());
}

#[tokio::test]
async fn a_restart_between_two_calls_is_not_noticed() {
    let (mut server, client) = (Server::start(), client());
    for _ in 0..10 {
        assert!(
            soon(client.call(server.peer(), "test/echo", Bytes::new()))
                .await
                .is_ok()
        );
        let connection = client.connection(&server.peer()).await;
        let address = server.kill();
        server = Server::start_at(address, AcceptLimits::default());
        let closed = async {
            while connection.is_open() {
                tokio::task::yield_now().await
            }
        };
        soon(closed).await;
    }
}

#[tokio::test]
async fn a_call_under_way_fails_when_the_server_dies() {
    let (server, client) = (Server::start(), client());
    let hanging = tokio::spawn(client.call(server.peer(), "test/hang", Bytes::new()));
    soon(
        server
            .seen
            .hanging
            .subscribe()
            .wait_for(|count| *count == 1),
    )
    .await
    .unwrap();
    let killed = Instant::now();
    server.kill();
    let error = soon(hanging).await.unwrap().unwrap_err();
    assert!(!reason(error).is_empty());
    assert!(killed.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_handler_that_panics_fails_its_own_call_only() {
    let (server, client) = (Server::start(), client());
    let hanging = tokio::spawn(client.call(server.peer(), "test/hang", Bytes::new()));
    soon(
        server
            .seen
            .hanging
            .subscribe()
            .wait_for(|count| *count == 1),
    )
    .await
    .unwrap();
    let error = soon(client.call(server.peer(), "test/panic", Bytes::new()))
        .await
        .unwrap_err();
    assert!(!reason(error).is_empty());
    assert!(
        soon(client.call(server.peer(), "test/echo", Bytes::new()))
            .await
            .is_ok()
    );
    assert!(!hanging.is_finished());
}

#[tokio::test]
async fn a_dropped_call_is_dropped_on_the_other_side() {
    let (server, client) = (Server::start(), client());
    let mut hanging = server.seen.hanging.subscribe();
    let calls: Vec<_> = (0..300)
        .map(|_| tokio::spawn(client.call(server.peer(), "test/hang", Bytes::new())))
        .collect();
    soon(hanging.wait_for(|count| *count == 300)).await.unwrap();
    for call in &calls {
        call.abort();
    }
    soon(hanging.wait_for(|count| *count == 0)).await.unwrap();
    assert!(
        soon(client.call(server.peer(), "test/echo", Bytes::new()))
            .await
            .is_ok()
    );
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn another_node_at_the_address_is_named() {
    let (server, client) = (Server::start(), client());
    let wanted = NodeId::from_u64(99);
    let to = Peer {
        id: wanted,
        addresses: vec![server.address],
    };
    let error = soon(client.call(to, "test/echo", Bytes::new()))
        .await
        .unwrap_err();
    let reason = format!(
        "{}: this is node {SERVER}, not node {wanted}",
        server.address
    );
    assert_eq!(
        error,
        CallError::Unreachable {
            node: wanted,
            reason
        }
    );
}

#[tokio::test]
async fn a_certificate_that_is_not_accepted_is_named() {
    let server = Server::start();
    let stray = PeerTransport::new(stray_credentials(CLIENT));
    let error = soon(stray.call(server.peer(), "test/echo", Bytes::new()))
        .await
        .unwrap_err();
    let expected = format!(
        "{}: it does not accept this node's certificate (UnknownCA)",
        server.address
    );
    assert_eq!(reason(error), expected);
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn addresses_are_tried_in_order_and_all_reasons_told() {
    let server = Server::start();
    let timeouts = PeerTimeouts {
        handshake: Duration::from_millis(100),
        ..PeerTimeouts::default()
    };
    let client = PeerTransport::with_timeouts(credentials(CLIENT), timeouts);
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addresses = vec![closed, silent.local_addr().unwrap(), server.address];
    let to = Peer {
        id: SERVER,
        addresses: addresses.clone(),
    };
    assert!(
        soon(client.call(to, "test/echo", Bytes::new()))
            .await
            .is_ok()
    );

    client.forget(SERVER);
    let to = Peer {
        id: SERVER,
        addresses: addresses[..2].to_vec(),
    };
    let reason = reason(
        soon(client.call(to, "test/echo", Bytes::new()))
            .await
            .unwrap_err(),
    );
    assert!(
        reason.starts_with(&format!("{closed}: Connection refused")),
        "{reason}"
    );
    assert!(
        reason.ends_with("connected, but no TLS handshake within 100ms"),
        "{reason}"
    );

    let nowhere = Peer {
        id: SERVER,
        addresses: vec![],
    };
    let error = soon(client.call(nowhere, "test/echo", Bytes::new()))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("node {SERVER} cannot be reached: no address of it is known")
    );
}

#[tokio::test]
async fn callers_who_give_up_do_not_stop_the_dial() {
    let server = Server::start();
    let timeouts = PeerTimeouts {
        handshake: Duration::from_millis(300),
        ..PeerTimeouts::default()
    };
    let client = PeerTransport::with_timeouts(credentials(CLIENT), timeouts);
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let to = Peer {
        id: SERVER,
        addresses: vec![silent.local_addr().unwrap(), server.address],
    };
    // Each caller is far less patient than the first address is slow.
    let short = Duration::from_millis(50);
    let answered = async {
        while tokio::time::timeout(short, client.call(to.clone(), "test/echo", Bytes::new()))
            .await
            .is_err()
        {}
    };
    soon(answered).await;
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn a_connection_gone_silent_is_replaced() {
    let (server, client) = (Server::start(), client());
    let relay = Relay::start(server.address).await;
    let call = || client.call(peer(relay.address), "test/echo", Bytes::new());
    assert!(soon(call()).await.is_ok());
    relay.cut();
    let cut = Instant::now();
    let short = Duration::from_millis(200);
    let answered =
        async { while !matches!(tokio::time::timeout(short, call()).await, Ok(Ok(_))) {} };
    soon(answered).await;
    assert!(
        cut.elapsed() < Duration::from_millis(1500),
        "{:?}",
        cut.elapsed()
    );
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_slow_handler_does_not_cost_the_connection() {
    let (server, client) = (Server::start(), client());
    assert!(
        soon(client.call(server.peer(), "test/echo", Bytes::new()))
            .await
            .is_ok()
    );
    let hanging = client.call(server.peer(), "test/hang", Bytes::new());
    let chatting = async {
        // Others are answered meanwhile, so the peer is known to live.
        for _ in 0..20 {
            client
                .call(server.peer(), "test/echo", Bytes::new())
                .await
                .unwrap();
            tokio::time::sleep(Duration::from_millis(40)).await;
        }
    };
    tokio::select! {
        _ = hanging => panic!("it hangs"),
        () = chatting => (),
    }
    assert!(
        soon(client.call(server.peer(), "test/echo", Bytes::new()))
            .await
            .is_ok()
    );
    assert_eq!(server.connections(), 1);
}
