//! The files of the tree, as they lie on disk: without git, so that a release archive is checked the same way.

use std::fs;
use std::path::{Path, PathBuf};

/// What is not ours: built, or git's own.
const SKIPPED: [&str; 2] = ["target", ".git"];

/// One file, its path relative to the root, its bytes as they are.
#[derive(Debug)]
pub struct File {
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

impl File {
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    pub fn is_rust(&self) -> bool {
        self.path
            .extension()
            .is_some_and(|extension| extension == "rs")
    }
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .expect("this crate is at tests/meta")
        .to_owned()
}

/// Every file of the tree, in order.
pub fn files() -> Vec<File> {
    let root = root();
    let mut found = Vec::new();
    walk(&root, &root, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn walk(root: &Path, directory: &Path, found: &mut Vec<File>) {
    let entries = fs::read_dir(directory)
        .unwrap_or_else(|error| panic!("read {}: {error}", directory.display()));
    for entry in entries {
        let path = entry.expect("a readable entry").path();
        let name = path.file_name().expect("an entry has a name");
        if path.is_symlink() || SKIPPED.iter().any(|skipped| name == *skipped) {
            continue;
        }
        if path.is_dir() {
            walk(root, &path, found);
        } else {
            // A file may vanish while others work in the tree; what is gone needs no check.
            let Ok(bytes) = fs::read(&path) else { continue };
            let path = path.strip_prefix(root).expect("below the root").to_owned();
            found.push(File { path, bytes });
        }
    }
}
