//! One node with a real file, a real thread and real time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hm_raft::{OpenError, Options, Raft, Role, Running, Storage, StoreError, ThreadDisk, Timings};

use crate::world::{Journal, id, nobody};

async fn open(path: &std::path::Path, journal: Journal) -> Result<Raft, OpenError> {
    let (transport, addresses) = nobody();
    let disk = Arc::new(ThreadDisk::start().expect("a thread"));
    let options = Options {
        id: id(1),
        timings: Timings::default(),
        transport,
        addresses,
        disk,
    };
    Raft::open(options, Storage::file(path)?, Box::new(journal)).await
}

async fn lead(raft: &Raft) {
    let mut status = raft.status();
    let leads = status.wait_for(|status| status.role == Role::Leader);
    tokio::time::timeout(Duration::from_secs(5), leads)
        .await
        .expect("in time")
        .expect("running");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_of_one_writes_stops_and_goes_on() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let path = folder.path().join("raft.redb");
    let raft = open(&path, Journal::default()).await.expect("a new store");
    raft.initialize().await.expect("a new node");
    lead(&raft).await;

    let start = Instant::now();
    for number in 0..50u32 {
        raft.propose(Bytes::copy_from_slice(&number.to_le_bytes()))
            .await
            .expect("agreed");
    }
    println!("one after the other: {:?} an entry", start.elapsed() / 50);

    let start = Instant::now();
    let writers: Vec<_> = (0..64)
        .map(|_| {
            let raft = raft.clone();
            tokio::spawn(async move {
                for _ in 0..40 {
                    raft.propose(Bytes::from_static(&[7; 200]))
                        .await
                        .expect("agreed");
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("written");
    }
    println!(
        "64 writers: {:.0} entries/s",
        64.0 * 40.0 / start.elapsed().as_secs_f64()
    );

    let again = open(&path, Journal::default())
        .await
        .err()
        .expect("one process at a time");
    assert!(
        matches!(again, OpenError::Store(StoreError::InUse { .. })),
        "{again}"
    );
    raft.snapshot_now().await.expect("running");
    raft.shutdown().await;
    assert_eq!(raft.status().borrow().running, Running::Stopped);

    let start = Instant::now();
    let journal = Journal::default();
    let raft = open(&path, journal.clone()).await.expect("a sound store");
    lead(&raft).await;
    assert_eq!(raft.confirm_leadership().await, Ok(50 + 64 * 40));
    println!("open and lead again: {:?}", start.elapsed());
    assert_eq!(journal.entries().len(), 50 + 64 * 40);
    for _ in 0..3 {
        raft.propose(Bytes::from_static(b"more"))
            .await
            .expect("agreed");
    }
    let held = raft.retire().await.expect("a sound store");
    assert_eq!(held, 50 + 64 * 40 + 3, "in the snapshot and in the log");
}
