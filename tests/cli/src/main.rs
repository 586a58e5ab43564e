//! All commands in one program, chosen by the name it is called by: the tests link it as `hivemind`, `hivemind-node`, ...
//!
//! Cargo builds a package's own programs before its tests, but not those of other packages: this way the commands under test
//! are always the ones that were just compiled.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let called = std::env::args_os().next().unwrap_or_default();
    match Path::new(&called)
        .file_name()
        .and_then(|name| name.to_str())
    {
        Some("hivemind") => hm_cli::start(hivemind::command(), hivemind::run),
        Some("hivemind-admin") => hm_cli::start(hivemind_admin::command(), hivemind_admin::run),
        Some("hivemind-cluster") => {
            hm_cli::start(hivemind_cluster::command(), hivemind_cluster::run)
        }
        Some("hivemind-health") => hm_cli::start(hivemind_health::command(), hivemind_health::run),
        Some("hivemind-node") => hm_cli::start(hivemind_node::command(), hivemind_node::run),
        _ => ExitCode::from(127),
    }
}
