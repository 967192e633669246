//! One unpaid bill: its ladder, when it is tried again, and what is due now.

use serde::{Deserialize, Serialize};
use units::Instant;

use super::State;
use crate::catalog;
use crate::payment::FailureClass;

/// What the bill is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A pass. Unpaid, it lapses after the grace: nothing of it was given, so nothing is owed and nothing suspended.
    Pass,
    /// Seats, which are used before they are paid.
    Seats,
}

/// A bill of a renewal that is not paid, and what was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debt {
    /// What it is for.
    pub cause: Cause,
    /// When it became due.
    pub billed_at: Instant,
    /// When the first attempt failed.
    pub failed_at: Option<Instant>,
    /// When the latest attempt began, whoever began it.
    pub tried_at: Option<Instant>,
    /// How many attempts failed that nobody asked for.
    pub failures: u32,
    /// Why the latest one failed.
    pub class: Option<FailureClass>,
    /// Whether the fate of an attempt is open.
    pub is_trying: bool,
    /// Since when the wallet has the card that would be charged.
    pub card_since: Option<Instant>,
}

/// The moments of a debt, counted from its first failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ladder {
    /// When it is tried again.
    pub retries: Vec<Instant>,
    /// When the grace ends: service is suspended, or the pass lapses.
    pub grace_ends_at: Instant,
    /// When retention ends; never for a pass.
    pub purges_at: Option<Instant>,
}

/// What has to be done about a debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Try to take the money.
    Try,
    /// Let the pass lapse, and the bill be void.
    Lapse,
    /// Delete what [`super::Belonging`] says, and end the subscription.
    Purge,
}

impl Debt {
    /// A bill that nobody has tried to take yet.
    pub const fn new(cause: Cause, billed_at: Instant, card_since: Option<Instant>) -> Self {
        Self {
            cause,
            billed_at,
            failed_at: None,
            tried_at: None,
            failures: 0,
            class: None,
            is_trying: false,
            card_since,
        }
    }

    /// Its ladder; none before something failed.
    pub fn ladder(&self, rules: &catalog::Dunning) -> Option<Ladder> {
        let failed_at = self.failed_at?;
        let grace_ends_at = failed_at.plus_days(rules.grace_days);
        let purges_at = grace_ends_at.plus_days(rules.retention_days);
        Some(Ladder {
            retries: rules.retry_days.iter().map(|days| failed_at.plus_days(*days)).collect(),
            grace_ends_at,
            purges_at: (self.cause == Cause::Seats).then_some(purges_at),
        })
    }

    /// Where it puts its wallet.
    pub fn state(&self, rules: &catalog::Dunning, now: Instant) -> State {
        let Some(ladder) = self.ladder(rules) else { return State::Active };
        match ladder.purges_at {
            _ if now < ladder.grace_ends_at => State::Grace { until: ladder.grace_ends_at },
            Some(purges_at) if now < purges_at => State::Suspended { since: ladder.grace_ends_at, purges_at },
            Some(purges_at) => State::Purged { since: purges_at },
            None => State::Active,
        }
    }

    /// When it has to be tried next without anybody asking: when it becomes due; when there is a new card; else on the
    /// ladder, one step for each attempt. A step that nobody could take is not made up for: one attempt is enough.
    /// Never while the fate of an attempt is open, and never with a card that will not work.
    pub fn next_try(&self, rules: &catalog::Dunning) -> Option<Instant> {
        if self.is_trying {
            return None;
        }
        let (Some(ladder), Some(tried_at)) = (self.ladder(rules), self.tried_at) else { return Some(self.billed_at) };
        if let Some(card_since) = self.card_since.filter(|since| *since > tried_at) {
            return Some(card_since);
        }
        let may_work = self.class.is_none_or(|class| class == FailureClass::Soft);
        ladder.retries.into_iter().find(|retry| *retry > tried_at).filter(|_| may_work)
    }

    /// What has to be done now. The last attempt comes before the end of the grace, where both fall on one moment; and
    /// nothing ends while the fate of an attempt is open.
    pub fn due(&self, rules: &catalog::Dunning, now: Instant) -> Option<Due> {
        if self.is_trying {
            return None;
        }
        let ladder = self.ladder(rules);
        let is_purged = ladder.as_ref().and_then(|ladder| ladder.purges_at).is_some_and(|at| at <= now);
        if is_purged {
            return Some(Due::Purge);
        }
        if self.next_try(rules).is_some_and(|at| at <= now) {
            return Some(Due::Try);
        }
        let is_over = ladder.is_some_and(|ladder| ladder.grace_ends_at <= now);
        (is_over && self.cause == Cause::Pass).then_some(Due::Lapse)
    }

    /// When [`Debt::due`] next has an answer, if nothing happens until then: when to look again.
    pub fn next_due(&self, rules: &catalog::Dunning) -> Option<Instant> {
        if self.is_trying {
            return None;
        }
        let ladder = self.ladder(rules);
        let end = ladder.map(|ladder| ladder.purges_at.unwrap_or(ladder.grace_ends_at));
        [self.next_try(rules), end].into_iter().flatten().min()
    }

    /// An attempt begins, asked for or not.
    pub const fn tries(&mut self, now: Instant) {
        self.tried_at = Some(now);
        self.is_trying = true;
    }

    /// The attempt failed. The first failure begins the ladder. `was_asked_for` when somebody pressed a button or
    /// brought a card.
    pub fn fails(&mut self, class: FailureClass, was_asked_for: bool, now: Instant) {
        self.is_trying = false;
        self.class = Some(class);
        self.failed_at.get_or_insert(now);
        self.failures += u32::from(!was_asked_for);
    }
}
