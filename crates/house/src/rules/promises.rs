//! What is in the tree works: nothing is left for later, ignored, or hoped for.

use crate::{Code, Fact, Seen, Tree, Violation};

/// Rooms that are no part of what is shipped: there a panic is an answer.
const TEST_ROOMS: &[&str] = &["sim", "house"];

/// No `todo!` or `unimplemented!`, no ignored test or example, no note to do it later.
#[must_use]
pub fn no_promises(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in &tree.code {
        for fact in &file.facts {
            match &fact.seen {
                Seen::Macro(name) if ["todo", "unimplemented"].contains(&name.as_str()) => {
                    found.push(refused(file, fact, format!("`{name}!`"), "build it, or leave out what needs it"));
                }
                Seen::Attribute(name) if name == "ignore" => {
                    found.push(refused(file, fact, "an ignored test".to_owned(), "make it pass, or delete it"));
                }
                Seen::Doc(text) if text.contains("```ignore") => {
                    let found_it = "an example that is not compiled".to_owned();
                    found.push(refused(file, fact, found_it, "make it compile, or mark it as ```text"));
                }
                _ => {}
            }
        }
    }
    // In two parts, so that this file does not refuse itself.
    let notes = [["TO", "DO"].concat(), ["FIX", "ME"].concat()];
    for (file, text) in tree.files.iter().filter(|(file, _)| !file.ends_with(".lock")) {
        for (at, line) in text.lines().enumerate() {
            for note in notes.iter().filter(|note| line.contains(note.as_str())) {
                found.push(Violation {
                    file: file.clone(),
                    line: at + 1,
                    rule: RULE,
                    found: format!("a note `{note}`"),
                    instead: "do it, or say in the module's opening what is absent on purpose".to_owned(),
                });
            }
        }
    }
    found
}

const RULE: &str = "what is in the tree works";

fn refused(file: &Code, fact: &Fact, found: String, instead: &str) -> Violation {
    Violation { file: file.file.clone(), line: fact.line, rule: RULE, found, instead: instead.to_owned() }
}

/// No `unwrap` in what is shipped.
#[must_use]
pub fn no_unwrap(code: &[Code]) -> Vec<Violation> {
    let mut found = Vec::new();
    for file in code.iter().filter(|file| !TEST_ROOMS.contains(&file.room())) {
        for fact in file.facts.iter().filter(|fact| !fact.in_test && fact.seen == Seen::Member("unwrap".to_owned())) {
            found.push(Violation {
                file: file.file.clone(),
                line: fact.line,
                rule: "no unwrap outside tests",
                found: "`unwrap`".to_owned(),
                instead: "an error, or an `expect` that says why it cannot be".to_owned(),
            });
        }
    }
    found
}
