//! What the page of the pass shows.

use serde::Serialize;
use units::{Amount, Cents, Instant};

use super::bonus::{bonus, percent, threshold};
use super::{Pass, Scheduled};
use crate::catalog::{self, Percent};
use crate::period::{Cadence, Period};

/// Whether a pass is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its term is paid.
    Active,
    /// Its term has to be paid; nothing of it is granted before.
    PastDue,
    /// It is over.
    Ended,
}

impl Status {
    /// Its name in the API and in stories.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Ended => "ended",
        }
    }
}

/// The pass at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// What a month costs and brings.
    pub tier: Cents,
    /// How long is paid at once.
    pub cadence: Cadence,
    /// Whether it is served.
    pub status: Status,
    /// What is paid for, or has to be.
    pub period: Period,
    /// The month that was granted last; a year has twelve.
    pub month: Option<Period>,
    /// When a term has to be paid next; none when this is the last.
    pub renews_at: Option<Instant>,
    /// How many months in a row.
    pub streak: u32,
    /// How many percent this month's bonus is.
    pub percent: Percent,
    /// This month's bonus.
    pub bonus: Cents,
    /// Whether it was granted.
    pub is_bonus_granted: bool,
    /// How much has to be used for it, from the month's grant on.
    pub needed: Amount,
    /// How much of that was used, as long as the bonus is locked.
    pub used: Amount,
    /// The next month; none when there is none.
    pub next: Option<NextMonth>,
    /// What comes at the end of the period instead of the same again.
    pub scheduled: Option<Scheduled>,
}

/// The month after the one that was granted last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NextMonth {
    /// When it begins.
    pub at: Instant,
    /// What it brings.
    pub base: Cents,
    /// How many percent its bonus will be.
    pub percent: Percent,
    /// Its bonus.
    pub bonus: Cents,
}

impl Pass {
    /// What the page shows, when so much was used within [`Pass::counts`].
    pub fn figures(&self, used: Amount, rules: &catalog::Pass) -> Figures {
        let (base, percent) = self.granted.map_or((self.tier, Percent::default()), |month| (month.base, month.percent));
        let is_bonus_granted = self.granted.is_some_and(|month| month.bonus_at.is_some());
        let needed = threshold(base);
        Figures {
            tier: self.tier,
            cadence: self.term.cadence,
            status: self.status(),
            period: self.term.period(),
            month: self.month(),
            renews_at: self.following().map(|_| if self.is_paid { self.term.end() } else { self.term.start() }),
            streak: self.streak,
            percent,
            bonus: bonus(base, percent),
            is_bonus_granted,
            needed,
            used: if is_bonus_granted { needed } else { used.min(needed) },
            next: self.following_month(rules),
            scheduled: self.scheduled,
        }
    }

    /// Whether it is served.
    pub fn status(&self) -> Status {
        match (self.ended, self.is_paid) {
            (Some(_), _) => Status::Ended,
            (None, true) => Status::Active,
            (None, false) => Status::PastDue,
        }
    }

    fn following_month(&self, rules: &catalog::Pass) -> Option<NextMonth> {
        let number = self.next_month();
        let is_in_term = number < self.term.next(self.term.cadence).month;
        let here = self.ended.is_none().then_some((self.tier, self.term.cadence));
        let (base, cadence) = if is_in_term { here? } else { self.following()? };
        let percent = percent(cadence, self.streak + 1, self.is_first, &rules.bonus);
        Some(NextMonth { at: self.term.month_at(number).start, base, percent, bonus: bonus(base, percent) })
    }
}
