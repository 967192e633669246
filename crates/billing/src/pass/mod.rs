//! The pass: a personal subscription that grants credits each month.
//!
//! Kept true: each paid month grants the tier's price once, and its bonus at most once; a year has twelve months; the
//! anchor never drifts; what was asked for at the end of a term can be taken back until then. The ids of grants and of
//! bills are (pass, month), so whoever repeats a step repeats nothing.
//!
//! ```
//! use billing::{Catalog, pass::*, period::Cadence};
//! use units::Amount;
//!
//! let rules = Catalog::embedded().pass;
//! let facts = Facts { now: "2026-01-31T09:00:00Z".parse()?, used: Amount::ZERO, rules: &rules };
//!
//! // An offer is paid first; with the payment the pass begins, and brings its first credits.
//! let offer = subscribe(None, "19".parse()?, Cadence::Monthly, &rules)?;
//! let (mut pass, effects) = begin(offer, true, &facts);
//! assert!(matches!(effects[..], [Effect::Grant(_)]));
//!
//! // Whoever has used the credits gets the bonus; a month later the next term is billed, and granted once it is paid.
//! let used = Facts { used: "18".parse()?, ..facts };
//! assert!(matches!(decide(&mut pass, Command::Advance, &used)?[..], [Effect::Grant(_)]));
//! let later = Facts { now: "2026-02-28T09:00:00Z".parse()?, ..facts };
//! let [Effect::Bill(bill)] = decide(&mut pass, Command::Advance, &later)?[..] else { unreachable!() };
//! let paid = Command::Paid { month: bill.term.month };
//! assert!(matches!(decide(&mut pass, paid, &later)?[..], [Effect::Grant(_)]));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod bonus;
pub use bonus::{bonus, percent, threshold};

mod decide;
pub use decide::{Bill, Command, Effect, Facts, Grant, Offer, begin, decide, price, subscribe};

mod draft;

mod figures;
pub use figures::{Figures, NextMonth, Status};

use serde::{Deserialize, Serialize};
use units::{Cents, Instant};

use crate::catalog::Percent;
use crate::period::{Cadence, Period, Term};

/// One subscription of a user, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// What a month costs and brings. It names the tier.
    pub tier: Cents,
    /// What was paid last, or has to be paid.
    pub term: Term,
    /// What the term costs, whatever the catalog says meanwhile.
    pub price: Cents,
    /// Whether the term is paid.
    pub is_paid: bool,
    /// How many months in a row were paid and granted.
    pub streak: u32,
    /// Whether the user never had a pass before, nor let this one lapse.
    pub is_first: bool,
    /// The month that was granted last; none before the first.
    pub granted: Option<Month>,
    /// What comes at the end of the term instead of the same again.
    pub scheduled: Option<Scheduled>,
    /// When it ended, and why.
    pub ended: Option<Ended>,
}

/// A month whose credits were granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Month {
    /// How many months after the anchor it begins.
    pub number: u32,
    /// What it brought. Kept with its percentage, since the next term may be another before the bonus is unlocked.
    pub base: Cents,
    /// How many percent of that its bonus is.
    pub percent: Percent,
    /// When its credits entered the wallet. What is used since then unlocks its bonus.
    pub granted_at: Instant,
    /// When its bonus entered the wallet.
    pub bonus_at: Option<Instant>,
}

/// What comes at the end of a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheduled {
    /// Another tier or cadence.
    Change {
        /// The tier from then on.
        tier: Cents,
        /// The cadence from then on.
        cadence: Cadence,
    },
    /// The end.
    Cancel,
}

/// How a pass ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: Instant,
    /// Why.
    pub why: EndedBy,
}

/// Why a pass ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// Its user wanted it.
    Cancellation,
    /// It was not paid within the grace.
    Lapse,
}

impl Pass {
    /// The month that was granted last, from when to when.
    pub fn month(&self) -> Option<Period> {
        self.granted.map(|month| self.term.month_at(month.number))
    }

    /// From when to when use counts for the bonus that is still locked.
    pub fn counts(&self, now: Instant) -> Option<Period> {
        let month = self.granted.filter(|month| month.bonus_at.is_none())?;
        let end = self.term.month_at(month.number).end.min(now).max(month.granted_at);
        Some(Period { start: month.granted_at, end })
    }

    /// What is paid for and not granted yet: the later months of a year. The processor has it, and the books do not.
    pub fn prepaid(&self) -> Cents {
        if !self.is_paid {
            return Cents::ZERO;
        }
        self.price_from(self.next_month())
    }

    /// When its time alone makes something due: the next month of a paid term, or its end. Nothing does while it has
    /// to be paid, nor when it is over.
    pub fn due_at(&self) -> Option<Instant> {
        (self.is_paid && self.ended.is_none()).then(|| self.term.month_at(self.next_month()).start)
    }

    /// The number of the month that is granted next. Months are granted without a gap.
    fn next_month(&self) -> u32 {
        self.granted.map_or(self.term.month, |month| month.number + 1)
    }

    /// The part of the price that is for a month of the term and those after it. A year that costs less than twelve
    /// months has paid months first and free ones last, so that credits which count as paid were paid for.
    fn price_from(&self, month: u32) -> Cents {
        let before = i64::from(month - self.term.month);
        Cents::from_count((self.price.count() - before * self.tier.count()).max(0))
    }

    /// Tier and cadence of the term after this one; none when it is the last.
    fn following(&self) -> Option<(Cents, Cadence)> {
        match (self.ended, self.scheduled) {
            (Some(_), _) | (_, Some(Scheduled::Cancel)) => None,
            (None, Some(Scheduled::Change { tier, cadence })) => Some((tier, cadence)),
            (None, None) => Some((self.tier, self.term.cadence)),
        }
    }
}
