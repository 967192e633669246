//! A whole story, read and checked before anything runs.

use billing::Catalog;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use units::Instant;

use crate::fields::Fields;
use crate::source::{Source, StoryError};
use crate::step::{self, Names, Step};

/// A story.
#[derive(Debug)]
pub struct Story {
    /// What it is called.
    pub name: String,
    /// Where its clock starts.
    pub start: Instant,
    /// The catalog that it plays under: the defaults, with what the story changes.
    pub catalog: Catalog,
    /// What happens.
    pub steps: Vec<Step>,
}

impl Story {
    /// Reads a story. The first thing that is wrong is named with its line.
    pub fn parse(text: &str) -> Result<Self, StoryError> {
        let source = Source { text };
        let table = DeTable::parse(text)
            .map_err(|error| source.error(&error.span().unwrap_or_default(), error.message().to_owned()))?;
        let mut fields = Fields::new(source, 0..0, "a story", table.into_inner());
        let name = fields.text("name")?;
        let start = fields.find_instant("start")?;
        let start = start.ok_or_else(|| fields.error("a story needs `start`, such as 2026-01-31T00:00:00Z"))?;
        fields.take("catalog");
        let catalog = Catalog::over_defaults_within(text)
            .map_err(|error| StoryError { line: error.line, reason: format!("`{}`: {}", error.key, error.reason) })?;
        let steps = read_steps(source, fields.take("step"), start)?;
        fields.finish()?;
        Ok(Self { name, start, catalog, steps })
    }
}

fn read_steps<'s>(
    source: Source<'s>,
    steps: Option<Spanned<DeValue<'s>>>,
    start: Instant,
) -> Result<Vec<Step>, StoryError> {
    let Some(steps) = steps else {
        return Err(source.error(&(0..0), "a story needs at least one [[step]]"));
    };
    let span = steps.span();
    let DeValue::Array(items) = steps.into_inner() else {
        return Err(source.error(&span, "steps are written as [[step]]"));
    };
    let mut names = Names::default();
    let mut clock = start;
    let mut read = Vec::new();
    for item in items {
        let span = item.span();
        let DeValue::Table(table) = item.into_inner() else {
            return Err(source.error(&span, "steps are written as [[step]]"));
        };
        let step = step::read(source, Spanned::new(span.clone(), table), &mut names)?;
        if step.at.is_some_and(|at| at < clock) {
            return Err(source.error(&span, format!("`at` goes back; the clock stands at {clock}")));
        }
        clock = step.at.unwrap_or(clock);
        read.push(step);
    }
    Ok(read)
}
