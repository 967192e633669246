//! Sums of usage by one of its names: a table whose rows lead with the most.

use std::collections::BTreeMap;

use store::UsageDailyRow;
use units::Amount;

use crate::pages::{overview::Shown, words::grouped};

pub(super) struct Table {
    pub(super) title: &'static str,
    pub(super) rows: Vec<Line>,
    pub(super) is_open: bool,
}

pub(super) struct Line {
    pub(super) name: String,
    pub(super) sum: Sum,
    pub(super) spent: Shown,
    /// Of the most in its table, in a hundred steps.
    pub(super) percent: u8,
}

/// What a number of charges add up to.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) spent: Amount,
    pub(super) requests: u64,
    pub(super) input: u64,
    pub(super) cached: u64,
    pub(super) output: u64,
}

/// Rows of a table that the page shows.
const MOST_ROWS: usize = 50;

pub(super) fn table(
    title: &'static str,
    rows: &[UsageDailyRow],
    is_open: bool,
    name: impl Fn(&UsageDailyRow) -> String,
) -> Table {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    for row in rows {
        let sum = sums.entry(name(row)).or_default();
        *sum = sum.with(row);
    }
    let mut sums: Vec<(String, Sum)> = sums.into_iter().collect();
    match title {
        "By day" => sums.reverse(),
        _ => sums.sort_by(|(one, a), (other, b)| b.spent.cmp(&a.spent).then(one.cmp(other))),
    }
    let most = sums.iter().map(|(_, sum)| sum.spent.nanos()).max().unwrap_or(0).max(1);
    let line = |(name, sum): (String, Sum)| {
        let share = i128::from(sum.spent.nanos()) * 100 / i128::from(most);
        Line { name, spent: Shown::of(sum.spent), percent: u8::try_from(share.clamp(0, 100)).unwrap_or(100), sum }
    };
    Table { title, rows: sums.into_iter().take(MOST_ROWS).map(line).collect(), is_open }
}

impl Sum {
    pub(super) fn with(self, row: &UsageDailyRow) -> Self {
        Self {
            spent: self.spent.checked_add(row.debited).unwrap_or(Amount::MAX),
            requests: self.requests.saturating_add(row.requests),
            input: self.input.saturating_add(row.input),
            cached: self.cached.saturating_add(row.cache_read),
            output: self.output.saturating_add(row.output),
        }
    }
}

impl Line {
    pub(super) fn requests(&self) -> String {
        grouped(self.sum.requests)
    }

    pub(super) fn tokens(&self) -> String {
        grouped(self.sum.input.saturating_add(self.sum.output))
    }
}
