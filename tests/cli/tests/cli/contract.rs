//! What holds for every command: help, errors, exit codes, configuration, broken pipes.

use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;

use hm_api::ErrorCode;
use insta::assert_snapshot;

use crate::canned;
use crate::daemon::Reply;
use crate::stage::{COMMANDS, Stage};

#[test]
fn help_of_every_command() {
    let stage = Stage::new();
    for line in [
        "hivemind-admin --help",
        "hivemind-admin config --help",
        "hivemind-admin config set --help",
        "hivemind-admin config get --help",
        "hivemind-admin config ls --help",
        "hivemind-admin config unset --help",
        "hivemind-cluster --help",
        "hivemind-cluster status --help",
        "hivemind-cluster token --help",
        "hivemind-cluster token ls --help",
        "hivemind-cluster token revoke --help",
        "hivemind-health --help",
        "hivemind-node --help",
        "hivemind-node ls --help",
        "hivemind-node info --help",
    ] {
        let name = line.trim_end_matches(" --help").replace(' ', "_");
        assert_snapshot!(format!("help_{name}"), stage.transcript(&[line]));
    }
}

#[test]
fn versions_are_told_and_a_command_without_subcommand_shows_its_help() {
    let stage = Stage::new();
    for name in COMMANDS {
        let wanted = format!("{name} {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!(stage.run(&format!("{name} --version")).stdout, wanted);
    }
    for name in ["hivemind-admin", "hivemind-cluster", "hivemind-node"] {
        let finished = stage.run(name);
        assert_eq!(
            (finished.code(), finished.stdout.as_str()),
            (2, ""),
            "{name}"
        );
        assert!(
            finished.stderr.contains("Usage:"),
            "{name}: {}",
            finished.stderr
        );
    }
}

#[test]
fn no_daemon_says_so_in_one_line() {
    let stage = Stage::new();
    let missing = stage.transcript(&["hivemind-node ls", "hivemind-node ls --json"]);
    // A socket without a listener is what a killed daemon leaves behind.
    drop(UnixListener::bind(stage.socket()).expect("a socket"));
    let dead = stage.transcript(&["hivemind-health"]);
    assert_snapshot!(format!("{missing}{dead}"));
}

#[test]
fn every_code_of_the_api_has_its_exit_code() {
    let stage = Stage::new();
    for code in ErrorCode::ALL {
        let _daemon = stage.play(vec![("GET /api/nodes", Reply::problem(code, "because"))]);
        let finished = stage.run("hivemind-node ls");
        assert_eq!(
            (finished.code(), finished.stderr.as_str()),
            (i32::from(code.exit().code()), "error: because\n")
        );
    }
}

#[test]
fn a_socket_for_others_says_how_to_get_in() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![]);
    let closed = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(stage.socket(), closed).expect("our socket");
    let finished = if rustix::process::geteuid().is_root() {
        // Root may open anything: be somebody else.
        let everybody = std::fs::Permissions::from_mode(0o755);
        for folder in [stage.home.path(), stage.programs()] {
            std::fs::set_permissions(folder, everybody.clone()).expect("our folder");
        }
        let host = format!("unix://{}", stage.socket().display());
        let program = stage.programs().join("hivemind-node");
        let words = ["--reuid", "65534", "--regid", "65534", "--clear-groups"].map(Into::into);
        let words = words
            .into_iter()
            .chain([program.into_os_string(), "ls".into()]);
        hm_testkit::Run::new("setpriv")
            .args(words)
            .env("HIVEMIND_HOST", host)
            .finish()
            .expect("it runs")
    } else {
        stage.run("hivemind-node ls")
    };
    assert_eq!(
        (finished.code(), stage.tidy(&finished.stderr).as_str()),
        (
            5,
            "error: not allowed to use the daemon's socket SOCKET\n\
             hint: use sudo, or join the group: `sudo usermod -aG hivemind $USER` and log in again\n"
        )
    );
}

#[test]
fn a_daemon_that_misbehaves_is_told_from_one_that_is_away() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![
        ("GET /api/nodes", Reply::Hangup),
        (
            "GET /api/nodes",
            Reply::Whole {
                status: 200,
                body: "<html>".to_owned(),
            },
        ),
        (
            "GET /api/nodes",
            Reply::Whole {
                status: 502,
                body: "<html>".to_owned(),
            },
        ),
        ("GET /api/nodes", Reply::Silence),
    ]);
    assert_snapshot!(stage.transcript(&[
        "hivemind-node ls",
        "hivemind-node ls",
        "hivemind-node ls",
        "hivemind-node ls --timeout 50ms",
    ]));
}

#[test]
fn wrong_usage_is_two_in_words_and_in_json() {
    let stage = Stage::new();
    assert_snapshot!(stage.transcript(&[
        "hivemind-node lss",
        "hivemind-node ls --stat ready",
        "hivemind-node ls --json --stat ready",
        "hivemind-admin config set --json",
        "hivemind-node --json",
        "hivemind-node ls --timeout 0s",
        "hivemind-node ls --host node1",
    ]));
}

#[test]
fn hosts_that_need_another_program_are_refused_truthfully() {
    let stage = Stage::new();
    assert_snapshot!(stage.transcript(&[
        "hivemind-node ls --host https://node1:3000",
        "hivemind-node ls --host ssh://root@node1 --json",
    ]));
}

#[test]
fn the_configuration_names_the_daemon_and_its_mistakes_are_named() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![("GET /api/nodes", Reply::list(&canned::nodes()))]);
    let socket = stage.socket();
    let good = format!(
        "current_context = \"lab\"\n[context.lab]\nhost = \"unix://{}\"\n",
        socket.display()
    );
    let good = stage.home.write("good.toml", &good).expect("a file");
    let bad = stage
        .home
        .write("bad.toml", "[context.lab]\nhots = \"x\"\n")
        .expect("a file");
    let with = |line: &str, file: &std::path::Path| {
        let run = stage
            .line(line)
            .env("HIVEMIND_HOST", "")
            .env("HIVEMIND_CONFIG", file);
        run.finish().expect("it runs")
    };
    assert_eq!(with("hivemind-node ls -q", &good).code(), 0);
    assert_eq!(with("hivemind-node ls -q --context lab", &good).code(), 0);
    let other = with("hivemind-node ls --context prod", &good);
    assert_eq!(
        (other.code(), other.stderr.as_str()),
        (2, "error: no context `prod`; there are lab\n")
    );
    let variable = stage
        .line("hivemind-node ls")
        .env("HIVEMIND_HOST", "node1")
        .finish()
        .expect("it runs");
    assert_eq!(variable.code(), 2);
    assert!(
        variable
            .stderr
            .starts_with("error: HIVEMIND_HOST: `node1` is not a host: write "),
        "{}",
        variable.stderr
    );
    let wrong = with("hivemind-node ls", &bad);
    assert_eq!(
        (wrong.code(), stage.tidy(&wrong.stderr).as_str()),
        (
            2,
            "error: HOME/bad.toml:2: unknown key `hots`: did you mean `host`?\n"
        )
    );
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let stage = Stage::new();
    // More than a pipe holds.
    let many: Vec<_> = std::iter::repeat_n(canned::nodes(), 2000)
        .flatten()
        .collect();
    let _daemon = stage.play(vec![("GET /api/nodes", Reply::list(&many))]);
    let mut running = stage.start("hivemind-node ls");
    let mut first = [0; 4];
    let mut stdout = running.0.stdout.take().expect("a pipe");
    stdout.read_exact(&mut first).expect("a heading");
    drop(stdout);
    let mut said = String::new();
    running
        .0
        .stderr
        .take()
        .expect("a pipe")
        .read_to_string(&mut said)
        .expect("text");
    let status = running.0.wait().expect("an end");
    assert_eq!(
        (&first, said.as_str(), status.code()),
        (b"NAME", "", Some(141))
    );
}

#[test]
fn a_full_disk_is_an_error() {
    let stage = Stage::new();
    let _daemon = stage.play(vec![("GET /api/nodes", Reply::list(&canned::nodes()))]);
    let program = stage.programs().join("hivemind-node");
    let script = format!(
        "{} ls --host unix://{} > /dev/full",
        program.display(),
        stage.socket().display()
    );
    let finished = hm_testkit::Run::new("sh")
        .args(["-c", &script])
        .finish()
        .expect("it runs");
    assert_eq!(finished.code(), 1);
    assert!(
        finished
            .stderr
            .starts_with("error: cannot write to standard output: "),
        "{}",
        finished.stderr
    );
}
