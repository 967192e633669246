//! Files that one can keep in view, and that say nothing of the machine they were written on.

use crate::{Exception, Tree, Violation};

/// The longest a source file may be, in lines.
pub const MAX_LINES: usize = 500;

/// What people write by hand. Data, locks and expected outputs may be as long as they are.
const SOURCES: &[&str] = &[".rs", ".py", ".js", ".mjs", ".css", ".html", ".sql", ".sh"];

/// No source file beyond `MAX_LINES` but the excepted ones, and no exception without need.
#[must_use]
pub fn short_files(tree: &Tree, excepted: &[Exception]) -> Vec<Violation> {
    let is_source = |file: &str| SOURCES.iter().any(|end| file.ends_with(end)) || file.starts_with("tools/");
    let mut found = Vec::new();
    for (file, text) in tree.files.iter().filter(|(file, _)| is_source(file)) {
        let lines = text.lines().count();
        if lines > MAX_LINES {
            found.push(Violation {
                file: file.clone(),
                line: lines,
                rule: "a source file holds one idea",
                found: format!("{lines} lines, where {MAX_LINES} is the most"),
                instead: "find the second idea inside it; a long table of cases may be an exception".to_owned(),
            });
        }
    }
    Exception::apply(excepted, found)
}

/// No path of one machine and no host of a package registry in a committed file.
#[must_use]
pub fn no_machine(tree: &Tree) -> Vec<Violation> {
    let (hosts, folders) = (package_hosts(), home_folders());
    let mut found = Vec::new();
    for (file, text) in &tree.files {
        // Cargo writes the name of its registry into its own lock, on every machine the same.
        let hosts = if file == "Cargo.lock" { &[][..] } else { &hosts };
        for (at, line) in text.lines().enumerate() {
            let mut refuse = |rule, what: &str, instead: &str| {
                let (file, instead) = (file.clone(), instead.to_owned());
                found.push(Violation { file, line: at + 1, rule, found: format!("`{what}`"), instead });
            };
            if let Some(host) = hosts.iter().find(|host| line.contains(host.as_str())) {
                refuse("no host of a package registry", host, "name the package; its client knows where to look");
            }
            if let Some(folder) = folders.iter().find(|folder| has_path(line, folder)) {
                refuse("no path of one machine", folder, "a path from the root of the repository, or a temporary one");
            }
        }
    }
    found
}

/// In parts, so that this file passes its own check.
fn package_hosts() -> Vec<String> {
    let parts = [
        ["crates", "io"],
        ["pypi", "org"],
        ["pythonhosted", "org"],
        ["npmjs", "org"],
        ["npmjs", "com"],
        ["deb.debian", "org"],
        ["security.debian", "org"],
        ["proxy.golang", "org"],
    ];
    parts.iter().map(|parts| parts.join(".")).collect()
}

fn home_folders() -> Vec<String> {
    ["root", "home", "work", "Users"].iter().map(|name| format!("/{name}/")).collect()
}

/// Whether the path begins here, rather than going on from another: `/v1/work/` is no place on a machine.
fn has_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|before| before.is_alphanumeric() || "._-}$)*".contains(before))
    })
}
