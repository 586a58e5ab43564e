//! `cargo run -p hm-gen`: writes completions and manual pages; with `--check` says which are stale.

use std::io::{self, Write as _};
use std::process::ExitCode;

use hm_gen::GenError;

fn main() -> ExitCode {
    let outcome = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => run(hm_gen::write),
        [flag] if flag == "--check" => run(hm_gen::check),
        _ => {
            let _ = writeln!(io::stderr(), "usage: hm-gen [--check]");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(
    what: impl Fn(&std::path::Path, &hm_gen::Files) -> Result<(), GenError>,
) -> Result<(), GenError> {
    what(&hm_gen::root(), &hm_gen::generate()?)
}
