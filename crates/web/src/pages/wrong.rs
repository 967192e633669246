//! What is wrong with what was typed, and where that is said.
//!
//! A page names its fields, each with the refusals that are about it. Such a refusal stands beside its field, which is
//! marked and has the focus when the page comes; above the form a line leads there. Any other stands above alone.

use askama::Template;
use ledger::Refusal;

use crate::problem::Problem;

/// A field of a page: the id of its input, what its label says, and which refusals are about it, by the name that they
/// have for it, by their code, or by what they say is out of range.
pub(super) type Field<'a> = (&'a str, &'a str, &'a [&'a str]);

/// What a page says is wrong; nothing by default.
#[derive(Default)]
pub(super) struct Wrong {
    pub(super) said: String,
    /// The field that it is about: the id of its input, and its label.
    pub(super) field: Option<(String, String)>,
}

/// What an input says of itself when it is the wrong one.
#[derive(Template)]
#[template(path = "wrong_mark.html")]
struct Mark<'a> {
    id: &'a str,
    /// What describes it beside that.
    also: &'a str,
    /// Whether it is a group of choices, which has to be told that it can be wrong and have the focus.
    is_group: bool,
}

/// What is said beside the wrong one.
#[derive(Template)]
#[template(path = "wrong_beside.html")]
struct Beside<'a> {
    id: &'a str,
    said: &'a str,
}

impl Wrong {
    pub(super) fn of(problem: &Problem, fields: &[Field]) -> Self {
        let names = names(problem);
        let is_about = |(_, _, causes): &&Field| causes.iter().any(|cause| names.contains(cause));
        match (fields.iter().find(is_about), problem) {
            (Some((id, label, _)), Problem::Field { reason, .. }) => {
                Self { said: reason.clone(), field: Some(((*id).to_owned(), (*label).to_owned())) }
            }
            (field, problem) => {
                let field = field.map(|(id, label, _)| ((*id).to_owned(), (*label).to_owned()));
                Self { said: problem.to_string(), field }
            }
        }
    }

    /// The same of what may be wrong.
    pub(super) fn maybe(problem: Option<&Problem>, fields: &[Field]) -> Self {
        problem.map(|problem| Self::of(problem, fields)).unwrap_or_default()
    }

    pub(super) fn is_any(&self) -> bool {
        !self.said.is_empty()
    }

    /// Whether it is about the input of this id.
    pub(super) fn is_at(&self, id: &str) -> bool {
        self.field.as_ref().is_some_and(|(at, _)| at == id)
    }

    /// Attributes of an input.
    pub(super) fn mark(&self, id: &str) -> String {
        self.mark_also(id, "")
    }

    /// The same of one that something else describes already.
    pub(super) fn mark_also(&self, id: &str, also: &str) -> String {
        self.shown_at(id, &Mark { id, also, is_group: false })
    }

    /// Attributes of a fieldset of choices.
    pub(super) fn mark_group(&self, id: &str) -> String {
        self.shown_at(id, &Mark { id, also: "", is_group: true })
    }

    /// What stands behind an input.
    pub(super) fn beside(&self, id: &str) -> String {
        self.shown_at(id, &Beside { id, said: &self.said })
    }

    fn shown_at(&self, id: &str, part: &impl Template) -> String {
        match self.is_at(id) {
            true => part.render().unwrap_or_default(),
            false => String::new(),
        }
    }
}

/// By what a page may know what the refusal is about.
fn names(problem: &Problem) -> Vec<&str> {
    match problem {
        Problem::Field { field, .. } => vec![field],
        Problem::Refused(refusal @ Refusal::AmountOutOfRange { what, .. }) => vec![what, refusal.code()],
        Problem::Exists { what, .. } | Problem::NotFound { what, .. } => vec![what, problem.code()],
        problem => vec![problem.code()],
    }
}
