//! Sums of usage by one of its names: a table whose rows lead with the most, or stand as they are asked for.

use std::{cmp::Ordering, collections::BTreeMap};

use store::UsageSumRow;

use crate::pages::{
    overview::Shown,
    sort::{Column, Sort, Way},
    words::grouped,
};

/// By what the page splits the sum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum By {
    #[default]
    Model,
    Provider,
    Project,
    Person,
    Day,
}

/// What the rows can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Columns {
    Name,
    Spent,
    Requests,
    Tokens,
}

pub(super) struct Table {
    pub(super) title: &'static str,
    pub(super) rows: Vec<Line>,
    /// How many rows were left out.
    pub(super) left_out: usize,
}

pub(super) struct Line {
    pub(super) name: String,
    pub(super) total: UsageSumRow,
    pub(super) spent: Shown,
    /// Of the most in its table, in a hundred steps.
    pub(super) percent: u8,
}

/// Rows of a table that the page shows.
const MOST_ROWS: usize = 50;

impl By {
    /// In the order of the page.
    pub(super) const ALL: [Self; 5] = [Self::Model, Self::Provider, Self::Project, Self::Person, Self::Day];

    /// As it stands in an address.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Provider => "provider",
            Self::Project => "project",
            Self::Person => "person",
            Self::Day => "day",
        }
    }

    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Model => "By model",
            Self::Provider => "By provider",
            Self::Project => "By project",
            Self::Person => "By person",
            Self::Day => "By day",
        }
    }

    /// How the rows stand when nothing else is asked: the most first, and of days the latest.
    pub(super) fn usual(self) -> Sort<Columns> {
        match self {
            Self::Day => Sort { by: Columns::Name, way: Way::Down },
            _ => Sort::by(Columns::Spent),
        }
    }

    /// What stands where there is no name.
    pub(super) const fn nameless(self) -> &'static str {
        match self {
            Self::Model => "without a model",
            Self::Provider => "without a provider",
            Self::Project => "without a project",
            Self::Person => "nobody by name",
            Self::Day => "without a day",
        }
    }
}

impl Column for Columns {
    const ALL: &'static [Self] = &[Self::Name, Self::Spent, Self::Requests, Self::Tokens];

    fn look(self) -> (&'static str, &'static str, &'static str, Way) {
        match self {
            Self::Name => ("name", "Name", "", Way::Up),
            Self::Spent => ("spent", "Spent", "number", Way::Down),
            Self::Requests => ("requests", "Requests", "number wide", Way::Down),
            Self::Tokens => ("tokens", "Tokens", "number wide", Way::Down),
        }
    }
}

/// The table of names, which may come several times each.
pub(super) fn table(by: By, sort: Sort<Columns>, named: impl IntoIterator<Item = (String, UsageSumRow)>) -> Table {
    let mut sums: BTreeMap<String, UsageSumRow> = BTreeMap::new();
    for (name, total) in named {
        let name = if name.is_empty() { by.nameless().to_owned() } else { name };
        let sum = sums.entry(name).or_default();
        *sum = sum.plus(total);
    }
    let mut sums: Vec<(String, UsageSumRow)> = sums.into_iter().collect();
    sort.order(&mut sums, compare, |(one, _), (other, _)| one.cmp(other));
    let most = sums.iter().map(|(_, total)| total.debited.nanos()).max().unwrap_or(0).max(1);
    let left_out = sums.len().saturating_sub(MOST_ROWS);
    let line = |(name, total): (String, UsageSumRow)| {
        let share = i128::from(total.debited.nanos()) * 100 / i128::from(most);
        let percent = u8::try_from(share.clamp(0, 100)).unwrap_or(100);
        Line { name, spent: Shown::of(total.debited), percent, total }
    };
    Table { title: by.title(), rows: sums.into_iter().take(MOST_ROWS).map(line).collect(), left_out }
}

fn compare(column: Columns, (one, a): &(String, UsageSumRow), (other, b): &(String, UsageSumRow)) -> Ordering {
    match column {
        Columns::Name => one.cmp(other),
        Columns::Spent => a.debited.cmp(&b.debited),
        Columns::Requests => a.requests.cmp(&b.requests),
        Columns::Tokens => tokens(a).cmp(&tokens(b)),
    }
}

const fn tokens(total: &UsageSumRow) -> u64 {
    total.input.saturating_add(total.output)
}

impl Line {
    pub(super) fn requests(&self) -> String {
        grouped(self.total.requests)
    }

    pub(super) fn tokens(&self) -> String {
        grouped(tokens(&self.total))
    }
}
