use hm_model::{RequestId, Timestamp};
use tempfile::TempDir;

use super::*;

fn event(number: u64) -> AuditEvent {
    AuditEvent {
        time: Timestamp::from_micros(1_700_000_000_000_000),
        request: RequestId::from_u128(number.into()),
        actor: "stranger".to_owned(),
        via: "https 10.0.0.9".to_owned(),
        operation: "node_list".to_owned(),
        target: format!("/api/nodes/\"{number}\"\n"),
        outcome: "unauthenticated".to_owned(),
    }
}

/// A log with three lines, written in two lives of the daemon.
fn written() -> (TempDir, PathBuf) {
    let dir = TempDir::new().expect("a directory");
    let path = dir.path().join("audit.log");
    for numbers in [&[1, 2][..], &[3][..]] {
        let (log, broken) = AuditFile::open(&path).expect("opens");
        assert_eq!(broken, None);
        for number in numbers {
            log.record(event(*number)).expect("room");
        }
        log.close();
    }
    (dir, path)
}

fn check(path: &Path) -> Result<Verified, Broken> {
    verify(fs::read(path).expect("the log").as_slice())
}

#[test]
fn the_chain_goes_on_over_restarts() {
    let (_dir, path) = written();
    let chain = check(&path).expect("whole");
    assert_eq!((chain.lines, chain.last), (3, 3));
    let text = fs::read_to_string(&path).expect("text");
    let first: serde_json::Value =
        serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
    assert_eq!(first["outcome"], "unauthenticated");
    assert_eq!(first["time"], "2023-11-14T22:13:20Z");
}

#[test]
fn every_changed_byte_shows() {
    let (_dir, path) = written();
    let good = fs::read(&path).expect("the log");
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 1;
        assert!(
            verify(bad.as_slice()).is_err(),
            "byte {at} of {}",
            String::from_utf8_lossy(&bad)
        );
    }
}

#[test]
fn lines_that_are_gone_doubled_or_swapped_show() {
    let (_dir, path) = written();
    let text = fs::read_to_string(&path).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    let told = |lines: &[&str]| {
        verify(lines.join("\n").as_bytes())
            .expect_err("broken")
            .line
    };
    assert_eq!(told(&[lines[0], lines[2]]), 2);
    assert_eq!(told(&[lines[0], lines[0], lines[1]]), 2);
    assert_eq!(told(&[lines[1], lines[0], lines[2]]), 2);
}

#[test]
fn half_a_line_is_cut_off_and_an_edit_is_told_and_gone_on_with() {
    let (_dir, path) = written();
    let mut bytes = fs::read(&path).expect("the log");
    bytes.extend(b"{\"number\":4,\"ti");
    fs::write(&path, &bytes).expect("written");
    let (log, broken) = AuditFile::open(&path).expect("opens");
    assert_eq!(broken, None);
    log.record(event(4)).expect("room");
    log.close();
    assert_eq!(check(&path).expect("whole").last, 4);

    let edited = fs::read_to_string(&path)
        .expect("text")
        .replacen("stranger", "somebody", 1);
    fs::write(&path, edited).expect("written");
    let (log, broken) = AuditFile::open(&path).expect("opens");
    assert_eq!(
        broken.map(|broken| (broken.line, broken.reason)),
        Some((1, "was changed"))
    );
    log.record(event(5)).expect("room");
    log.close();
    assert_eq!(check(&path).expect_err("still broken").line, 1);
    let last = fs::read_to_string(&path)
        .expect("text")
        .lines()
        .last()
        .map(str::to_owned)
        .expect("a line");
    assert!(last.contains("\"number\":5"), "{last}");
}

#[test]
fn a_full_file_is_put_aside_and_the_chain_goes_on() {
    let dir = TempDir::new().expect("a directory");
    let path = dir.path().join("audit.log");
    let (mut writer, _) = Writer::open(&path).expect("opens");
    for number in 1..=6 {
        writer.append(&event(number)).expect("written");
        writer.size = FILE_LIMIT;
    }
    let (newest, before) = (
        check(&path).expect("whole"),
        check(&aside(&path, 1)).expect("whole"),
    );
    assert_eq!((newest.last, before.last), (6, 5));
    assert!(
        fs::read_to_string(&path)
            .expect("text")
            .contains(&before.hash)
    );
    assert!(aside(&path, FILES_KEPT).exists() && !aside(&path, FILES_KEPT + 1).exists());

    fs::remove_file(&path).expect("removed");
    let (writer, _) = Writer::open(&path).expect("opens");
    assert_eq!(
        writer.chain.last, 5,
        "an empty file goes on after the one put aside"
    );
}

#[test]
fn what_cannot_be_written_is_counted() {
    let dir = TempDir::new().expect("a directory");
    let path = dir.path().join("audit.log");
    let (log, _) = AuditFile::open(&path).expect("opens");
    log.close();
    assert_eq!(log.record(event(1)), Err(Full));
    let (mut writer, _) = Writer::open(&path).expect("opens");
    writer.lost.store(7, Ordering::Relaxed);
    writer.append(&event(2)).expect("written");
    assert!(
        fs::read_to_string(&path)
            .expect("text")
            .contains("\"lost\":7")
    );
}
