//! Our packages as `cargo metadata` tells them.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::tree::root;

/// One package of the workspace.
#[derive(Debug)]
pub struct Package {
    pub name: String,
    pub version: String,
    pub description: String,
    /// Its folder, relative to the root.
    pub folder: PathBuf,
    /// The packages it names outside its tests.
    pub uses: Vec<String>,
    /// The packages only its own tests name.
    pub tests_use: Vec<String>,
    /// The source files of its library and programs, relative to the root.
    pub library: Option<PathBuf>,
    pub programs: Vec<PathBuf>,
}

impl Package {
    /// The name of its folder: what people call it.
    pub fn short(&self) -> &str {
        self.folder
            .file_name()
            .and_then(|name| name.to_str())
            .expect("a folder has a name")
    }

    pub fn is_in(&self, folder: &str) -> bool {
        self.folder.starts_with(folder)
    }
}

/// One package from outside.
#[derive(Debug)]
pub struct Foreign {
    pub name: String,
    pub version: String,
    pub license: String,
    pub source: String,
}

/// All packages of the workspace, as the manifests have them now.
pub fn packages() -> Vec<Package> {
    let metadata = metadata(&["--no-deps"]);
    list(&metadata).iter().map(read).collect()
}

/// All packages that this machine's build takes from outside.
pub fn foreign() -> Vec<Foreign> {
    let metadata = metadata(&["--filter-platform", &platform()]);
    let from_outside = list(&metadata)
        .iter()
        .filter(|package| !package["source"].is_null());
    from_outside
        .map(|package| Foreign {
            name: text(&package["name"]),
            version: text(&package["version"]),
            license: text(&package["license"]),
            source: text(&package["source"]),
        })
        .collect()
}

fn metadata(options: &[&str]) -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--offline", "--format-version", "1"])
        .args(options)
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(
        output.status.success(),
        "cargo metadata: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo prints JSON")
}

/// Other platforms' crates were never fetched, and nothing is fetched here.
fn platform() -> String {
    let output = Command::new("rustc")
        .arg("-vV")
        .current_dir(root())
        .output()
        .expect("rustc runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.lines()
        .find_map(|line| line.strip_prefix("host: "))
        .expect("rustc names its host")
        .to_owned()
}

fn list(metadata: &Value) -> &[Value] {
    metadata["packages"]
        .as_array()
        .expect("cargo lists packages")
}

fn read(package: &Value) -> Package {
    let manifest = relative(&package["manifest_path"]);
    let dependencies = package["dependencies"]
        .as_array()
        .expect("a list of dependencies");
    let named = |tests: bool| {
        dependencies
            .iter()
            .filter(|dependency| (dependency["kind"] == "dev") == tests)
            .map(|dependency| text(&dependency["name"]))
            .collect()
    };
    let targets = package["targets"].as_array().expect("a list of targets");
    let sources = |kind: &str| {
        targets
            .iter()
            .filter(|target| {
                target["kind"]
                    .as_array()
                    .is_some_and(|kinds| kinds.iter().any(|k| k == kind))
            })
            .map(|target| relative(&target["src_path"]))
            .collect::<Vec<_>>()
    };
    Package {
        name: text(&package["name"]),
        version: text(&package["version"]),
        description: text(&package["description"]),
        folder: manifest.parent().unwrap_or(Path::new("")).to_owned(),
        uses: named(false),
        tests_use: named(true),
        library: sources("lib").into_iter().next(),
        programs: sources("bin"),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn relative(path: &Value) -> PathBuf {
    let path = PathBuf::from(text(path));
    path.strip_prefix(root()).unwrap_or(&path).to_owned()
}
