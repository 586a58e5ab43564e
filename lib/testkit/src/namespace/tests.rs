//! For real, as root: a missing right is a failure.

use std::process::Child;
use std::time::Duration;

use super::*;
use crate::until_exit;

const SOON: Duration = Duration::from_secs(5);

fn sleeper(namespace: &Namespace) -> Child {
    Run::new("sleep")
        .args(["1000"])
        .inside(namespace)
        .command()
        .spawn()
        .expect("sleep starts")
}

/// A namespace with a name of someone who is no more.
fn orphan() -> Namespace {
    let mut child = std::process::Command::new("true")
        .spawn()
        .expect("true starts");
    let name = format!("hmt-{}-1-0", child.id());
    child.wait().expect("an end");
    Run::new("ip")
        .args(["netns", "add", &name])
        .ok()
        .expect("a namespace");
    Namespace { name }
}

#[test]
fn a_namespace_sees_only_its_own_loopback() {
    let namespace = Namespace::new().expect("a namespace");
    let links = namespace.ip(&["-brief", "link"]).expect("links");
    assert_eq!(links.lines().count(), 1, "{links}");
    assert!(
        links.starts_with("lo ") && links.contains(",UP,"),
        "{links}"
    );
}

#[test]
fn a_namespace_takes_its_processes_along() {
    let namespace = Namespace::new().expect("a namespace");
    let mut child = sleeper(&namespace);
    // It is inside once nsenter has become sleep.
    let comm = format!("/proc/{}/comm", child.id());
    let is_sleep = || {
        std::fs::read_to_string(&comm)
            .is_ok_and(|name| name == "sleep\n")
            .then_some(())
    };
    crate::until("sleep runs", SOON, is_sleep).expect("in time");
    let path = namespace.path();
    drop(namespace);
    assert!(!path.exists());
    assert!(
        until_exit(&mut child, SOON).expect("a wait").is_some(),
        "it still runs"
    );
}

#[test]
fn what_a_killed_test_left_is_swept_and_nothing_else() {
    let left = orphan();
    let mut child = sleeper(&left);
    let comm = format!("/proc/{}/comm", child.id());
    let is_sleep = || {
        std::fs::read_to_string(&comm)
            .is_ok_and(|name| name == "sleep\n")
            .then_some(())
    };
    crate::until("sleep runs", SOON, is_sleep).expect("in time");
    let mut beside = std::process::Command::new("sleep")
        .arg("1000")
        .spawn()
        .expect("sleep starts");

    let mine = Namespace::new().expect("a namespace");
    // Another test's sweep may have been faster, this process sweeps only once: ask for the state, not for who made it.
    sweep::remove_left_behind();

    assert!(!left.path().exists() && mine.path().exists());
    assert!(
        until_exit(&mut child, SOON).expect("a wait").is_some(),
        "what lived in it still runs"
    );
    assert!(
        beside.try_wait().expect("a look").is_none(),
        "a process outside was killed"
    );
    beside.kill().expect("a signal");
    beside.wait().expect("an end");
}

#[test]
fn packet_filters_load_inside() {
    let namespace = Namespace::new().expect("a namespace");
    namespace.nft("add table inet kit").expect("a table");
    let tables = Run::new("nft")
        .args(["list", "tables"])
        .inside(&namespace)
        .ok()
        .expect("nft runs")
        .stdout;
    assert_eq!(tables, "table inet kit\n");
    let outside = Run::new("nft")
        .args(["list", "tables"])
        .ok()
        .expect("nft runs")
        .stdout;
    assert!(!outside.contains("table inet kit"), "{outside}");
}
