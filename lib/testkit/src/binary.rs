//! Finds the programs of the workspace: beside the test that runs, built when they are missing or older than their sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use crate::KitError;

/// Set to the folder of an installed suite, the tests run that one instead.
const INSTALLED: &str = "HIVEMIND_TEST_BIN_DIR";

/// The path of a program, ready to run.
pub fn binary(name: &str) -> Result<PathBuf, KitError> {
    if let Some(folder) = std::env::var_os(INSTALLED) {
        return Ok(PathBuf::from(folder).join(name));
    }
    let folder = output_folder()?;
    let program = folder.join(name);
    if !is_fresh(&program) {
        build(&folder)?;
    }
    if program.is_file() {
        Ok(program)
    } else {
        Err(KitError::NoProgram { path: program })
    }
}

/// `target/debug` or its like: test programs lie in its `deps`.
fn output_folder() -> Result<PathBuf, KitError> {
    let me = std::env::current_exe().map_err(KitError::file("find", "/proc/self/exe"))?;
    let folder = me
        .parent()
        .filter(|deps| deps.ends_with("deps"))
        .and_then(Path::parent);
    folder
        .map(Path::to_owned)
        .ok_or(KitError::NoProgram { path: me })
}

/// Whether no source listed in the file that cargo keeps beside the program is newer than it.
fn is_fresh(program: &Path) -> bool {
    let Some(built) = changed(program) else {
        return false;
    };
    let Ok(listed) = fs::read_to_string(program.with_extension("d")) else {
        return false;
    };
    let sources = listed.split_once(": ").map_or("", |(_, sources)| sources);
    sources
        .split_whitespace()
        .all(|source| changed(Path::new(source)).is_some_and(|change| change <= built))
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

/// Always the whole workspace: with fewer crates, cargo would choose other features and build everything again.
fn build(folder: &Path) -> Result<(), KitError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        None | Some("debug") => "dev",
        Some(name) => name,
    };
    let mut command = Command::new(&cargo);
    command.args([
        "build",
        "--quiet",
        "--offline",
        "--workspace",
        "--bins",
        "--profile",
        profile,
    ]);
    let output = command
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .map_err(|source| KitError::Start {
            program: cargo.into(),
            source,
        })?;
    if output.status.success() {
        return Ok(());
    }
    Err(KitError::Tool {
        command: "cargo build --workspace --bins".to_owned(),
        status: output.status.to_string(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::TempHome;

    #[test]
    fn a_program_older_than_one_of_its_sources_is_not_fresh() {
        let home = TempHome::new().expect("a home");
        let source = home.write("main.rs", "").expect("a source");
        let program = home.write("program", "").expect("a program");
        let list = format!(
            "{}: {} {}\n",
            program.display(),
            source.display(),
            source.display()
        );
        home.write("program.d", &list).expect("a list");
        assert!(is_fresh(&program));

        let later = SystemTime::now() + Duration::from_secs(60);
        fs::File::open(&source)
            .and_then(|file| file.set_modified(later))
            .expect("a new time");
        assert!(!is_fresh(&program));
        assert!(!is_fresh(&home.path().join("missing")));
    }
}
