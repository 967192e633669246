//! Imports run one way: each manifest is compared with the table of rooms.

use crate::{Code, Dependency, Kind, Manifest, OUTSIDE, ROOMS, Room, Seen, Tree, Violation, Wall};

/// Each dependency of a room is allowed by the table, and each room is in it.
#[must_use]
pub fn imports(manifests: &[Manifest]) -> Vec<Violation> {
    let mut found = Vec::new();
    for manifest in manifests.iter().filter(|manifest| !manifest.name.is_empty()) {
        match ROOMS.iter().find(|room| room.name == manifest.name) {
            Some(room) => found.extend(manifest.dependencies.iter().filter_map(|one| check(manifest, room, one))),
            None => found.push(Violation {
                file: manifest.file.clone(),
                line: 1,
                rule: "every crate is a room of the house",
                found: format!("`{}`, which the table does not name", manifest.name),
                instead: "give it a line in crates/house/src/rooms.rs and in ARCHITECTURE.md".to_owned(),
            }),
        }
    }
    found
}

fn check(manifest: &Manifest, room: &Room, dependency: &Dependency) -> Option<Violation> {
    let package = dependency.package.as_str();
    let in_tests = dependency.kind == Kind::Tests;
    let refused = |rule, found, instead| {
        Some(Violation { file: manifest.file.clone(), line: dependency.line, rule, found, instead })
    };
    if let Some(other) = ROOMS.iter().find(|other| other.name == package) {
        if room.may_import.contains(&package) || in_tests && room.tests_may_import.contains(&package) {
            return None;
        }
        let whose = if in_tests { "the tests of " } else { "" };
        let instead = if room.is_shipped && !other.is_shipped {
            format!("`{package}` is never shipped; move what is needed to a room below `{}`", room.name)
        } else {
            format!("{whose}`{}` may import {}; the thing is in the wrong room", room.name, names(room, in_tests))
        };
        return refused("imports run one way", format!("{whose}`{}` importing `{package}`", room.name), instead);
    }
    let wall = OUTSIDE.iter().find(|wall| wall.crates.iter().any(|pattern| matches(pattern, package)))?;
    if wall.rooms.contains(&room.name) || in_tests && wall.tests_may {
        return None;
    }
    let Wall { what, instead, .. } = wall;
    refused(
        "some outside crates stay in their rooms",
        format!("{what} (`{package}`) in `{}`", room.name),
        instead.to_string(),
    )
}

fn names(room: &Room, in_tests: bool) -> String {
    let extra = if in_tests { room.tests_may_import } else { &[] };
    match [room.may_import, extra].concat().join(", ") {
        none if none.is_empty() => "no other room".to_owned(),
        names => names,
    }
}

fn matches(pattern: &str, package: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => package.starts_with(beginning),
        None => pattern == package,
    }
}

/// Every crate inherits the workspace's lints, and those forbid unsafe code.
#[must_use]
pub fn lints_inherited(manifests: &[Manifest]) -> Vec<Violation> {
    let refused = |manifest: &Manifest, found: String, instead: &str| Violation {
        file: manifest.file.clone(),
        line: 1,
        rule: "unsafe code is forbidden in every crate",
        found,
        instead: instead.to_owned(),
    };
    let mut violations = Vec::new();
    for manifest in manifests {
        if manifest.name.is_empty() && manifest.unsafe_code.as_deref() != Some("forbid") {
            let found = format!("unsafe_code = {:?}", manifest.unsafe_code.as_deref().unwrap_or("unset"));
            violations.push(refused(manifest, found, "unsafe_code = \"forbid\" under [workspace.lints.rust]"));
        } else if !manifest.name.is_empty() && !manifest.inherits_lints {
            let found = "a crate with lints of its own".to_owned();
            violations.push(refused(manifest, found, "[lints] workspace = true"));
        }
    }
    violations
}

/// The map in ARCHITECTURE.md has a row for every crate, so that a newcomer finds each room on it.
#[must_use]
pub fn map_is_whole(tree: &Tree) -> Vec<Violation> {
    let map = tree.files.iter().find(|(file, _)| file == "ARCHITECTURE.md").map_or("", |(_, text)| text);
    let is_on_map = |name: &str| map.lines().any(|line| line.starts_with(&format!("| [`{name}`](")));
    let crates = tree.manifests.iter().filter(|manifest| !manifest.name.is_empty());
    let missing = crates.filter(|manifest| !is_on_map(&manifest.name)).map(|manifest| Violation {
        file: "ARCHITECTURE.md".to_owned(),
        line: 1,
        rule: "every room is on the map",
        found: format!("no row for `{}`", manifest.name),
        instead: "say in a row what lives there, and what one will not find".to_owned(),
    });
    missing.collect()
}

/// The doors read through the store's `Reader` and take nothing else from there: a door never writes.
#[must_use]
pub fn doors_read_only(code: &[Code]) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in code.iter().filter(|file| ["gateway", "web"].contains(&file.room())) {
        for fact in file.facts.iter().filter(|fact| !fact.in_test) {
            let Seen::Path(path) = &fact.seen else { continue };
            for full in file.meanings(path).iter().filter(|full| full[0] == "store" && full.len() > 1) {
                if !is_for_reading(&full[1]) {
                    found.push(Violation {
                        file: file.file.clone(),
                        line: fact.line,
                        rule: "a door takes only the Reader from the store, and what it answers",
                        found: full.join("::"),
                        instead: "call the verb in `operations`, or add one".to_owned(),
                    });
                }
            }
        }
    }
    found
}

/// The reader, the rows that it answers with, and its error.
fn is_for_reading(name: &str) -> bool {
    ["Reader", "Holder", "Fault"].contains(&name) || name.ends_with("Row")
}
