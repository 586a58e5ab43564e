//! The daemon's entry: one line, the rest is in the library.

fn main() -> std::process::ExitCode {
    hivemind_daemon::main()
}
