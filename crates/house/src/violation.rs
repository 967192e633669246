//! What a rule says when it refuses, and the files that it lets pass.

use std::fmt;

/// One place in the tree that breaks a rule, told so that the reader needs to look nowhere else.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    /// The file, from the root of the repository.
    pub file: String,
    /// The line in it, counted from 1.
    pub line: usize,
    /// The rule that is broken, as a short sentence.
    pub rule: &'static str,
    /// What was found there.
    pub found: String,
    /// What to do instead.
    pub instead: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, rule, found, instead } = self;
        write!(out, "{file}:{line}: {rule}: found {found}. Instead: {instead}")
    }
}

/// A file that a rule lets pass, and why.
#[derive(Clone, Copy, Debug)]
pub struct Exception {
    /// The file, from the root of the repository.
    pub file: &'static str,
    /// Why it must be so.
    pub reason: &'static str,
}

impl Exception {
    /// Leaves out what is excepted, and refuses exceptions that excuse nothing any more.
    #[must_use]
    pub fn apply(exceptions: &[Self], found: Vec<Violation>) -> Vec<Violation> {
        let (excused, mut left): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|one| exceptions.iter().any(|exception| exception.file == one.file));
        for exception in exceptions.iter().filter(|it| !excused.iter().any(|one| one.file == it.file)) {
            left.push(Violation {
                file: exception.file.to_owned(),
                line: 1,
                rule: "an exception is needed",
                found: format!("one that excuses nothing ({})", exception.reason),
                instead: "take it off the list in crates/house/src/exceptions.rs".to_owned(),
            });
        }
        left
    }
}
