//! The tree as it would be committed: what git knows, and what it would take.

use crate::{Code, Manifest};
use std::path::{Path, PathBuf};
use std::process::Command;

/// All that the rules look at.
#[derive(Debug, Default)]
pub struct Tree {
    /// Text files and what they hold.
    pub files: Vec<(String, String)>,
    /// The manifests of all crates, and the workspace's own.
    pub manifests: Vec<Manifest>,
    /// All Rust files.
    pub code: Vec<Code>,
}

/// Reads the repository that this crate stands in.
///
/// # Panics
///
/// When git is missing or a file does not parse: no rule can be checked then.
#[must_use]
pub fn read_tree() -> Tree {
    let root = root();
    let mut tree = Tree::default();
    for file in list(&root) {
        // A file that is gone from the work tree, or is no text, says nothing.
        let Ok(text) = std::fs::read_to_string(root.join(&file)) else { continue };
        if file.ends_with("Cargo.toml") {
            tree.manifests.push(Manifest::read(&file, &text).unwrap_or_else(|error| panic!("{file}: {error}")));
        }
        if file.ends_with(".rs") {
            tree.code.push(Code::read(&file, &text).unwrap_or_else(|error| panic!("{error}")));
        }
        tree.files.push((file, text));
    }
    assert!(!tree.code.is_empty(), "git lists no Rust file in {}", root.display());
    tree
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("crates/house stands two below the root").into()
}

fn list(root: &Path) -> Vec<String> {
    let git = Command::new("git")
        // The clone may belong to another user than the one who tests it.
        .args([
            "-c",
            "safe.directory=*",
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard",
            "--deduplicate",
        ])
        .current_dir(root)
        .output()
        .expect("git lists the files");
    assert!(git.status.success(), "git ls-files: {}", String::from_utf8_lossy(&git.stderr));
    String::from_utf8_lossy(&git.stdout).split('\0').filter(|file| !file.is_empty()).map(str::to_owned).collect()
}
