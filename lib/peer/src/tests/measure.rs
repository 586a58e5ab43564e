//! What a call and a connection cost. Printed, not asserted: `cargo nextest run -p hm-peer --run-ignored only --no-capture`.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use hm_ports::Transport;

use super::fixture::{Server, client, soon};

fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn resident_kib() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse::<u64>()
        .unwrap()
        * 4
}

#[tokio::test]
#[ignore = "a measurement"]
async fn small_calls() {
    let (server, client) = (Server::start(), client());
    let body = Bytes::from(vec![5; 200]);
    let call = || client.call(server.peer(), "test/echo", body.clone());
    soon(call()).await.unwrap();
    let mut took = Vec::new();
    let (began, cpu_before) = (Instant::now(), cpu());
    for _ in 0..5000 {
        let one = Instant::now();
        call().await.unwrap();
        took.push(one.elapsed());
    }
    took.sort();
    println!(
        "one after another: median {:?}, p99 {:?}",
        took[2500], took[4950]
    );
    println!(
        "  wall {:?} each, processor (both sides) {:?} each",
        began.elapsed() / 5000,
        (cpu() - cpu_before) / 5000
    );
    let (began, cpu_before) = (Instant::now(), cpu());
    for _ in 0..50 {
        join_all((0..100).map(|_| call())).await;
    }
    println!(
        "100 at a time: wall {:?} each, processor {:?} each",
        began.elapsed() / 5000,
        (cpu() - cpu_before) / 5000
    );
}

#[tokio::test]
#[ignore = "a measurement"]
async fn connections() {
    let server = Server::start();
    let before = resident_kib();
    let mut clients = Vec::new();
    let (began, cpu_before) = (Instant::now(), cpu());
    for _ in 0..200 {
        let client = client();
        client
            .call(server.peer(), "test/echo", Bytes::new())
            .await
            .unwrap();
        clients.push(client);
    }
    println!(
        "dial and one call: wall {:?}, processor {:?}",
        began.elapsed() / 200,
        (cpu() - cpu_before) / 200
    );
    println!(
        "one idle connection, both ends: {} KiB",
        (resident_kib() - before) / 200
    );
}
