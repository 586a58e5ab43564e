//! `hivemind`: finds commands and becomes them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use hm_testkit::Finished;
use insta::assert_snapshot;

use crate::canned;
use crate::daemon::Reply;
use crate::stage::Stage;

/// A folder with one plugin, `hivemind-greet`.
fn plugin(stage: &Stage, script: &str) -> PathBuf {
    let folder = stage.home.path().join("plugins");
    std::fs::create_dir(&folder).expect("a folder");
    let program = folder.join("hivemind-greet");
    std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).expect("a script");
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("our script");
    folder
}

fn run_with_path(stage: &Stage, line: &str, path: &std::path::Path) -> Finished {
    stage
        .line(line)
        .env("PATH", format!("{}:/usr/bin:/bin", path.display()))
        .finish()
        .expect("it runs")
}

#[test]
fn alone_it_lists_the_commands_that_are_there() {
    let stage = Stage::new();
    let folder = plugin(&stage, "");
    let run = |line: &str| {
        stage
            .line(line)
            .env("PATH", &folder)
            .finish()
            .expect("it runs")
    };
    let alone = run("hivemind");
    assert_eq!((alone.code(), alone.stderr.as_str()), (0, ""));
    assert_snapshot!(stage.tidy(&alone.stdout));
    for line in ["hivemind help", "hivemind --help", "hivemind -h"] {
        assert_eq!(run(line).stdout, alone.stdout, "{line}");
    }
}

#[test]
fn it_becomes_the_command_beside_it() {
    let stage = Stage::new();
    let daemon = stage.play(vec![("GET /api/nodes", Reply::list(&canned::nodes()))]);
    let direct = stage.run("hivemind-node ls --json").stdout;
    // Flags before the word are the command's.
    for line in [
        "hivemind node ls --json",
        "hivemind --json node ls",
        "hivemind node --json ls",
    ] {
        let finished = stage.run(line);
        assert_eq!(
            (
                finished.code(),
                finished.stdout.as_str(),
                finished.stderr.as_str()
            ),
            (0, direct.as_str(), "")
        );
    }
    assert_eq!(daemon.heard().len(), 4);
    let help = stage.run("hivemind-node ls --help").stdout;
    for line in [
        "hivemind help node ls",
        "hivemind --help node ls",
        "hivemind node ls --help",
    ] {
        assert_eq!(stage.run(line).stdout, help, "{line}");
    }
}

#[test]
fn a_command_of_another_place_wins_nothing() {
    let stage = Stage::new();
    let folder = plugin(&stage, "");
    std::fs::rename(folder.join("hivemind-greet"), folder.join("hivemind-node"))
        .expect("our script");
    let finished = run_with_path(&stage, "hivemind node --version", &folder);
    assert_eq!(
        finished.stdout,
        format!("hivemind-node {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn a_plugin_gets_its_arguments_and_keeps_its_exit_code_and_signals() {
    let stage = Stage::new();
    let script = "printf '[%s]' \"$@\"; echo; [ \"$1\" = signal ] && kill -TERM $$; exit 42";
    let folder = plugin(&stage, script);
    let finished = run_with_path(&stage, "hivemind greet --color x -- --json", &folder);
    assert_eq!(
        (finished.code(), finished.stdout.as_str()),
        (42, "[--color][x][--][--json]\n")
    );
    let finished = run_with_path(&stage, "hivemind greet signal", &folder);
    assert_eq!(finished.code(), 128 + 15);
}

#[test]
fn an_unknown_word_is_answered_with_the_nearest() {
    let stage = Stage::new();
    assert_snapshot!(stage.transcript(&[
        "hivemind noed ls",
        "hivemind clutser status --json",
        "hivemind xyzzy",
        "hivemind ../node ls",
        "hivemind --jsn node ls",
        "hivemind help noed",
    ]));
}

#[test]
fn a_command_of_another_version_warns() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![("GET /api/nodes", Reply::list(&canned::nodes()))]);
    let run = |line: &str| {
        stage
            .line(line)
            .env("HIVEMIND_VERSION", "9.9.9")
            .finish()
            .expect("it runs")
    };
    let warned = run("hivemind-node ls -q");
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        (warned.code(), warned.stderr),
        (
            0,
            format!(
                "warning: hivemind is version 9.9.9, this command is {version}: install both from one release\n"
            )
        )
    );
    // The dispatcher tells its own version, whatever it was told.
    assert_eq!(run("hivemind node ls -q").stderr, "");
}
