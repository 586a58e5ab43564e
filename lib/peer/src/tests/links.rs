//! Links: both directions, back-pressure, and how each side learns of the other's end.

use std::time::{Duration, Instant};

use bytes::Bytes;
use hm_ports::{CallError, Link, Refusal, Transport};
use tokio::time::timeout;

use super::fixture::{CLIENT, Relay, SERVER, Server, client, credentials, peer, soon};
use crate::{MAX_LINKS, MAX_MESSAGE, PeerTimeouts, PeerTransport};

const PIECE: usize = 64 * 1024;
/// A queue that has not moved for so long is full.
const STILL: Duration = Duration::from_millis(300);

async fn open(client: &PeerTransport, server: &Server, method: &'static str) -> Link {
    soon(client.link(server.peer(), method, Bytes::from_static(b"hello")))
        .await
        .unwrap()
}

#[tokio::test]
async fn messages_pass_both_ways_whole_and_in_order() {
    let (server, client) = (Server::start(), client());
    let mut link = open(&client, &server, "test/echo").await;
    assert_eq!(
        soon(link.incoming.recv()).await,
        Some(Bytes::from_static(b"hello"))
    );
    let sizes = [0, 1, 100, 4096, 4097, 16 * 1024, 1_000_000, MAX_MESSAGE, 3];
    let outgoing = link.outgoing.clone();
    let sending = async {
        for size in sizes {
            outgoing.send(vec![size as u8; size].into()).await.unwrap();
        }
    };
    let receiving = async {
        for size in sizes {
            assert_eq!(
                link.incoming.recv().await,
                Some(Bytes::from(vec![size as u8; size]))
            );
        }
    };
    soon(async { tokio::join!(sending, receiving) }).await;
}

#[tokio::test]
async fn many_small_messages_pass() {
    let (server, client) = (Server::start(), client());
    let mut link = open(&client, &server, "test/echo").await;
    soon(link.incoming.recv()).await;
    let outgoing = link.outgoing.clone();
    let sending = async {
        for number in 0..10_000u32 {
            outgoing
                .send(number.to_be_bytes().to_vec().into())
                .await
                .unwrap();
        }
    };
    let receiving = async {
        for number in 0..10_000u32 {
            assert_eq!(
                link.incoming.recv().await.as_deref(),
                Some(&number.to_be_bytes()[..])
            );
        }
    };
    soon(async { tokio::join!(sending, receiving) }).await;
}

#[tokio::test]
async fn a_link_can_be_refused() {
    let (server, client) = (Server::start(), client());
    let error = soon(client.link(server.peer(), "test/nothing", Bytes::new()))
        .await
        .unwrap_err();
    let refusal = Refusal::new("unknown_method", format!("{CLIENT} wants test/nothing"));
    assert_eq!(
        error,
        CallError::Refused {
            node: SERVER,
            refusal
        }
    );
}

#[tokio::test]
async fn a_link_nobody_sends_on_is_open_all_the_same() {
    let (server, client) = (Server::start(), client());
    let link = open(&client, &server, "test/wait").await;
    assert!(!link.outgoing.is_closed());
    assert_eq!(*server.seen.hanging.borrow(), 1);
}

#[tokio::test]
async fn what_was_sent_before_the_handler_returned_arrives_and_then_the_end() {
    let (server, client) = (Server::start(), client());
    let mut link = open(&client, &server, "test/leave").await;
    for number in 0..3u8 {
        assert_eq!(
            soon(link.incoming.recv()).await,
            Some(Bytes::from(vec![number]))
        );
    }
    assert_eq!(soon(link.incoming.recv()).await, None);
    soon(link.outgoing.closed()).await;
    // The handler has gone, even if something of it still holds the queue.
    let mut link = open(&client, &server, "test/leak").await;
    assert_eq!(soon(link.incoming.recv()).await, None);
    soon(link.outgoing.closed()).await;
}

#[tokio::test]
async fn a_dropped_link_ends_at_the_handler() {
    let (server, client) = (Server::start(), client());
    let mut hanging = server.seen.hanging.subscribe();
    let link = open(&client, &server, "test/wait").await;
    soon(hanging.wait_for(|count| *count == 1)).await.unwrap();
    let dropped = Instant::now();
    drop(link);
    soon(hanging.wait_for(|count| *count == 0)).await.unwrap();
    assert!(dropped.elapsed() < Duration::from_secs(1));
    assert!(
        soon(client.call(server.peer(), "test/echo", Bytes::new()))
            .await
            .is_ok()
    );
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn one_direction_may_end_before_the_other() {
    let (server, client) = (Server::start(), client());
    let Link {
        outgoing,
        mut incoming,
    } = open(&client, &server, "test/echo").await;
    outgoing.send(Bytes::from_static(b"last")).await.unwrap();
    drop(outgoing);
    assert_eq!(
        soon(incoming.recv()).await,
        Some(Bytes::from_static(b"hello"))
    );
    assert_eq!(
        soon(incoming.recv()).await,
        Some(Bytes::from_static(b"last"))
    );
    assert_eq!(soon(incoming.recv()).await, None);

    let Link { outgoing, incoming } = open(&client, &server, "test/hold").await;
    drop(incoming);
    server.seen.go.notify_one();
    for _ in 0..100 {
        soon(outgoing.send(vec![0; PIECE].into())).await.unwrap();
    }
    soon(
        server
            .seen
            .moved
            .subscribe()
            .wait_for(|count| *count == 100),
    )
    .await
    .unwrap();
}

#[tokio::test]
async fn a_link_ends_when_the_other_process_dies() {
    let (server, client) = (Server::start(), client());
    let mut link = open(&client, &server, "test/wait").await;
    let killed = Instant::now();
    server.kill();
    assert_eq!(soon(link.incoming.recv()).await, None);
    soon(link.outgoing.closed()).await;
    assert!(killed.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn a_handler_learns_that_the_callers_process_died() {
    let server = Server::start();
    let mut hanging = server.seen.hanging.subscribe();
    let to = server.peer();
    let caller = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let opened = caller.spawn(async move { client().link(to, "test/wait", Bytes::new()).await });
    let link = soon(opened).await.unwrap().unwrap();
    soon(hanging.wait_for(|count| *count == 1)).await.unwrap();
    caller.shutdown_background();
    soon(hanging.wait_for(|count| *count == 0)).await.unwrap();
    soon(link.outgoing.closed()).await;
}

#[tokio::test]
async fn a_link_on_a_cut_cable_ends() {
    let server = Server::start();
    let quick = Duration::from_millis(150);
    let timeouts = PeerTimeouts {
        ping_after: quick,
        ping_answer: quick,
        ..PeerTimeouts::default()
    };
    let client = PeerTransport::with_timeouts(credentials(CLIENT), timeouts);
    let relay = Relay::start(server.address).await;
    let mut link = soon(client.link(peer(relay.address), "test/wait", Bytes::new()))
        .await
        .unwrap();
    // It lives through many silences as long as the other side answers.
    assert!(timeout(quick * 4, link.incoming.recv()).await.is_err());
    relay.cut();
    assert_eq!(soon(link.incoming.recv()).await, None);
    soon(link.outgoing.closed()).await;
}

#[tokio::test]
async fn a_receiver_that_does_not_read_holds_the_sender_back() {
    let (server, client) = (Server::start(), client());
    let link = open(&client, &server, "test/hold").await;
    let mut sent = 0;
    while let Ok(result) = timeout(STILL, link.outgoing.send(vec![2; PIECE].into())).await {
        result.unwrap();
        sent += 1;
        assert!(sent < 100, "nothing holds the sender back");
    }
    assert_eq!(*server.seen.moved.borrow(), 0);
    server.seen.go.notify_one();
    soon(
        server
            .seen
            .moved
            .subscribe()
            .wait_for(|count| *count == sent),
    )
    .await
    .unwrap();
    soon(link.outgoing.send(Bytes::new())).await.unwrap();
}

#[tokio::test]
async fn stalled_links_hold_back_their_senders_and_no_calls() {
    let (server, client) = (Server::start(), client());
    let mut moved = server.seen.moved.subscribe();
    let mut links = Vec::new();
    for _ in 0..MAX_LINKS {
        links.push(open(&client, &server, "test/flood").await);
    }
    while timeout(STILL, moved.changed()).await.is_ok() {}
    let stalled = *moved.borrow();
    assert!(stalled < 100 * MAX_LINKS, "{stalled}");

    let body = Bytes::from(vec![9; 1024 * 1024]);
    assert_eq!(
        soon(client.call(server.peer(), "test/echo", body.clone())).await,
        Ok(body)
    );
    let error = soon(client.link(server.peer(), "test/echo", Bytes::new()))
        .await
        .unwrap_err();
    let CallError::Refused { refusal, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(refusal.code, "too_many_links");

    for link in &mut links {
        soon(link.incoming.recv()).await.unwrap();
    }
    soon(moved.wait_for(|count| *count > stalled))
        .await
        .unwrap();
    links.clear();
    // The room of a link is free again soon after it has ended.
    let reopened = async {
        while client
            .link(server.peer(), "test/echo", Bytes::new())
            .await
            .is_err()
        {
            tokio::task::yield_now().await;
        }
    };
    soon(reopened).await;
}

#[tokio::test]
async fn a_message_that_is_too_long_ends_the_link() {
    let (server, client) = (Server::start(), client());
    let mut link = open(&client, &server, "test/echo").await;
    soon(link.incoming.recv()).await.unwrap();
    link.outgoing
        .send(vec![0; MAX_MESSAGE + 1].into())
        .await
        .unwrap();
    assert_eq!(soon(link.incoming.recv()).await, None);
    let long = vec![0; MAX_MESSAGE + 1].into();
    assert!(
        soon(client.link(server.peer(), "test/echo", long))
            .await
            .is_err()
    );
}
