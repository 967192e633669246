//! Which mails a debt sends, and when.

use serde::{Deserialize, Serialize};
use units::Instant;

use super::{Cause, Debt};
use crate::catalog;

/// A mail about a debt, in the order of the ladder. Each is sent at most once for a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
    /// The payment failed; when it is tried again, and when service ends.
    Failed,
    /// It failed again: how often, the first time not counted.
    FailedAgain(u32),
    /// The pass has lapsed.
    Lapsed,
    /// Service is suspended; until when all is kept.
    Suspended,
    /// All is deleted soon: in so many days.
    PurgeSoon(DaysLeft),
    /// It was deleted, and what was kept.
    Purged,
}

/// Days until a deletion. Fewer are later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DaysLeft(pub u32);

impl PartialOrd for DaysLeft {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for DaysLeft {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        other.0.cmp(&self.0)
    }
}

/// When a deletion is announced, in days before it; as credits about to expire are.
const REMINDERS: [u32; 2] = [7, 1];

impl Debt {
    /// The letters whose time has come, in order.
    pub fn letters(&self, rules: &catalog::Dunning, now: Instant) -> Vec<Letter> {
        if self.failed_at.is_none() {
            return Vec::new();
        }
        let again = (1..self.failures).map(Letter::FailedAgain);
        let later = self.later_letters(rules).into_iter().filter(|(at, _)| *at <= now).map(|(_, letter)| letter);
        [Letter::Failed].into_iter().chain(again).chain(later).collect()
    }

    /// When the next letter is due that comes by itself.
    pub fn next_letter(&self, rules: &catalog::Dunning, now: Instant) -> Option<Instant> {
        self.later_letters(rules).into_iter().map(|(at, _)| at).find(|at| *at > now)
    }

    /// The letters that only time brings, in order.
    fn later_letters(&self, rules: &catalog::Dunning) -> Vec<(Instant, Letter)> {
        let Some(ladder) = self.ladder(rules) else { return Vec::new() };
        let end = match self.cause {
            Cause::Pass => Letter::Lapsed,
            Cause::Seats => Letter::Suspended,
        };
        let mut later = vec![(ladder.grace_ends_at, end)];
        if let Some(purges_at) = ladder.purges_at {
            let announced = REMINDERS.into_iter().filter(|days| *days < rules.retention_days);
            let retention = |days: u32| ladder.grace_ends_at.plus_days(rules.retention_days - days);
            later.extend(announced.map(|days| (retention(days), Letter::PurgeSoon(DaysLeft(days)))));
            later.push((purges_at, Letter::Purged));
        }
        later
    }

    /// The letter to send now, when `last` is the one that was sent last: the latest that is due. Those before it have
    /// nothing more to say.
    pub fn letter(&self, rules: &catalog::Dunning, last: Option<Letter>, now: Instant) -> Option<Letter> {
        self.letters(rules, now).into_iter().next_back().filter(|letter| last.is_none_or(|last| *letter > last))
    }
}
