//! On a terminal, which util-linux's `script` plays: colours, width, redrawing, progress.

use hm_api::health::HealthStatus;
use hm_testkit::Run;

use crate::canned;
use crate::daemon::Reply;
use crate::stage::Stage;

/// What a command line writes to a terminal of 40 columns.
fn on_terminal(stage: &Stage, line: &str, variables: &[(&str, &str)]) -> String {
    let words = format!("stty cols 40; exec {}/{line}", stage.programs().display());
    let mut run = Run::new("script")
        .args(["-qec", &words, "/dev/null"])
        .home(&stage.home)
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm")
        .env(
            "HIVEMIND_HOST",
            format!("unix://{}", stage.socket().display()),
        );
    for (name, value) in variables {
        run = run.env(*name, *value);
    }
    run.finish().expect("it runs").stdout.replace("\r\n", "\n")
}

#[test]
fn colours_unless_the_environment_or_the_flag_says_no() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![("GET /api/nodes", Reply::list(&canned::nodes()))]);
    let colored = |line: &str, variables: &[(&str, &str)]| {
        on_terminal(&stage, line, variables).contains("\u{1b}[3")
    };
    assert!(colored("hivemind-node ls", &[]));
    assert!(!colored("hivemind-node ls", &[("NO_COLOR", "1")]));
    assert!(!colored("hivemind-node ls", &[("TERM", "dumb")]));
    assert!(!colored("hivemind-node ls --color never", &[]));
    assert!(colored(
        "hivemind-node ls --color always",
        &[("NO_COLOR", "1")]
    ));
}

#[test]
fn a_table_fits_the_terminal_and_is_never_cut_off_one() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![("GET /api/nodes", Reply::list(&canned::nodes()))]);
    let narrow = on_terminal(&stage, "hivemind-node ls --color never", &[]);
    assert!(narrow.contains("node-3.…"), "{narrow}");
    assert!(
        stage
            .run("hivemind-node ls")
            .stdout
            .contains("node-3.example.com")
    );
}

#[test]
fn progress_is_one_line_that_is_wiped() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![
        (
            "GET /api/health",
            Reply::status(503, &canned::health(HealthStatus::Down)),
        ),
        (
            "GET /api/health",
            Reply::json(&canned::health(HealthStatus::Ok)),
        ),
    ]);
    let printed = on_terminal(&stage, "hivemind-health --wait --color never", &[]);
    assert!(
        printed.starts_with("\r\u{1b}[K| quorum: 1 of 3 servers alive, 2 ne"),
        "{printed:?}"
    );
    assert!(printed.contains("\r\u{1b}[Knode-1 is ok\n"), "{printed:?}");
}
