//! Streams and connections: watches, slow and vanished callers, closing the door.

use std::time::Duration;

use axum::body::BodyDataStream;
use futures_util::StreamExt;
use hm_api::watch::{Kind, WatchLine};
use hm_model::SettingKey;
use hm_state::Entry;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::conform::Document;
use super::home::{Home, request, root, token_entry};

/// A watch, line by line.
struct Lines {
    body: BodyDataStream,
    buffer: Vec<u8>,
}

impl Lines {
    async fn open(home: &Home, query: &str) -> Self {
        let request = request("GET", &format!("/api/watch{query}"))
            .body(axum::body::Body::empty())
            .expect("a request");
        let response = home.door.answer(&root(), request).await;
        assert_eq!(response.status(), 200);
        Self {
            body: response.into_body().into_data_stream(),
            buffer: Vec::new(),
        }
    }

    async fn next(&mut self) -> Option<WatchLine> {
        loop {
            if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                let value: serde_json::Value = serde_json::from_slice(&line).expect("JSON");
                Document::new()
                    .fits_named("WatchLine", &value)
                    .expect("as documented");
                return Some(serde_json::from_value(value).expect("a line"));
            }
            self.buffer
                .extend(self.body.next().await?.expect("never fails"));
        }
    }

    /// Up to the next bookmark, whose revision is answered too.
    async fn step(&mut self) -> (Vec<WatchLine>, u64) {
        let mut lines = Vec::new();
        loop {
            match self.next().await.expect("more lines") {
                WatchLine::Bookmark { revision } => return (lines, revision),
                line @ (WatchLine::Put { .. }
                | WatchLine::Delete { .. }
                | WatchLine::Error { .. }) => lines.push(line),
            }
        }
    }
}

fn set(value: u32) -> Entry {
    Entry::SetSetting {
        key: SettingKey::RebalanceThreshold,
        value: value.to_string(),
    }
}

#[tokio::test]
async fn a_watch_lists_then_follows_and_resumes() {
    let home = Home::new();
    let mut lines = Lines::open(&home, "").await;
    let (list, listed) = lines.step().await;
    assert!(
        list.iter().any(|line| matches!(
            line,
            WatchLine::Put {
                kind: Kind::Node,
                revision: 0,
                ..
            }
        )),
        "{list:?}"
    );
    assert!(!format!("{list:?}").contains("ca_key"));

    home.change(set(31));
    let (changes, at) = lines.step().await;
    let [
        WatchLine::Put {
            kind: Kind::Setting,
            key,
            object,
            revision,
        },
    ] = &changes[..]
    else {
        panic!("{changes:?}")
    };
    assert_eq!(
        (key.as_str(), &object["value"], *revision),
        (
            "scheduler.rebalance_threshold",
            &serde_json::json!(31),
            listed
        )
    );
    assert_eq!(at, listed + 1);

    home.change(Entry::UnsetSetting(SettingKey::RebalanceThreshold));
    let mut resumed = Lines::open(&home, &format!("?from={at}")).await;
    assert_eq!(
        resumed.step().await,
        (Vec::new(), at),
        "it begins by saying from where it goes on"
    );
    for watch in [&mut lines, &mut resumed] {
        let (changes, _) = watch.step().await;
        assert!(
            matches!(
                &changes[..],
                [WatchLine::Delete {
                    kind: Kind::Setting,
                    ..
                }]
            ),
            "{changes:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn only_the_wanted_kinds_are_told_and_bookmarks_go_on() {
    let home = Home::new();
    let mut lines = Lines::open(&home, "?kinds=token").await;
    assert_eq!(lines.step().await.0, []);
    let revision = home.change(set(31)).revision;
    let (nothing, at) = lines.step().await;
    assert_eq!(
        (nothing.len(), at),
        (0, revision),
        "the heartbeat tells how far it has come"
    );
    home.change(token_entry());
    let (tokens, _) = lines.step().await;
    assert!(matches!(
        &tokens[..],
        [WatchLine::Put {
            kind: Kind::Token,
            ..
        }]
    ));
    assert!(!format!("{tokens:?}").contains("hash"));
}

#[tokio::test]
async fn a_revision_that_is_no_longer_kept_is_410() {
    let home = Home::new();
    let answer = home.get("/api/watch?from=999999").await;
    assert_eq!((answer.status, answer.code().as_str()), (410, "compacted"));
}

#[tokio::test]
async fn a_watch_that_is_not_read_costs_nothing_and_catches_up_in_one_step() {
    let home = Home::new();
    let mut lines = Lines::open(&home, "?kinds=setting").await;
    lines.step().await;
    for value in 1..=90 {
        home.change(set(value));
    }
    let (changes, _) = lines.step().await;
    assert_eq!(
        changes.len(),
        1,
        "many changes of one object are one: {changes:?}"
    );
}

#[tokio::test]
async fn a_watch_that_fell_too_far_behind_is_told_and_ended() {
    let home = Home::new();
    let mut lines = Lines::open(&home, "?kinds=setting").await;
    lines.step().await;
    for value in 0..17_000 {
        home.change(set(1 + value % 90));
    }
    let WatchLine::Error { problem } = lines.next().await.expect("a line") else {
        panic!("not an error")
    };
    assert_eq!(problem.code.name(), "compacted");
    assert_eq!(lines.next().await, None);
}

fn connect(home: &Home) -> (DuplexStream, tokio::task::JoinHandle<()>) {
    let (here, there) = duplex(64 * 1024);
    (here, tokio::spawn(home.door.clone().serve(there, root())))
}

async fn read_until(stream: &mut DuplexStream, text: &str) -> String {
    let mut all = Vec::new();
    while !String::from_utf8_lossy(&all).contains(text) {
        let read = stream.read_buf(&mut all).await.expect("reads");
        assert!(
            read > 0,
            "ended before `{text}`: {}",
            String::from_utf8_lossy(&all)
        );
    }
    String::from_utf8_lossy(&all).into_owned()
}

#[tokio::test(start_paused = true)]
async fn a_connection_serves_many_requests_and_closes_with_the_door() {
    let home = Home::new();
    let (mut stream, served) = connect(&home);
    for _ in 0..3 {
        stream
            .write_all(b"GET /api/health HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await
            .expect("writes");
        let text = read_until(&mut stream, "\"checks\"").await;
        assert!(
            text.starts_with("HTTP/1.1 200") && text.contains("hivemind-api: 1"),
            "{text}"
        );
    }
    home.door.close();
    served.await.expect("ends");
}

#[tokio::test(start_paused = true)]
async fn closing_the_door_ends_a_watch_with_a_word() {
    let home = Home::new();
    let (mut stream, served) = connect(&home);
    stream
        .write_all(b"GET /api/watch HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .expect("writes");
    read_until(&mut stream, "bookmark").await;
    home.door.close();
    let text = read_until(&mut stream, "0\r\n\r\n").await;
    assert!(text.contains("this node stops"), "{text}");
    served.await.expect("ends");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_vanishes_ends_its_stream() {
    let home = Home::new();
    let (mut stream, served) = connect(&home);
    stream
        .write_all(b"GET /api/watch HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .expect("writes");
    read_until(&mut stream, "bookmark").await;
    drop(stream);
    tokio::time::timeout(Duration::from_secs(60), served)
        .await
        .expect("in time")
        .expect("ends");
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_says_nothing_is_cut_off() {
    let home = Home::new();
    let (mut stream, served) = connect(&home);
    stream
        .write_all(b"GET /api/health HT")
        .await
        .expect("writes");
    tokio::time::timeout(Duration::from_secs(120), served)
        .await
        .expect("in time")
        .expect("ends");
}
