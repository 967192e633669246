//! How a pass stands, in words and exact amounts.

use billing::{
    dunning,
    pass::{Figures, Scheduled, Status},
    period::Cadence,
};
use operations::pass::Choice;
use units::Instant;

use crate::pages::{
    overview::Shown,
    words::{Moment, dollars, money, on_day, until},
};

/// How it stands.
pub(super) struct Now {
    pub(super) tier: String,
    pub(super) cadence: &'static str,
    pub(super) status: &'static str,
    pub(super) is_over: bool,
    /// Until when it can still be paid, while it is not.
    pub(super) grace: Option<Moment>,
    /// The month, and what is paid for or has to be.
    pub(super) month: String,
    pub(super) period: String,
    pub(super) renews: Option<Renewal>,
    pub(super) streak: u32,
    pub(super) bonus: Bonus,
    pub(super) next: Option<Next>,
    /// What comes at the end of the period instead of the same again.
    pub(super) scheduled: Option<String>,
    pub(super) is_cancelled: bool,
}

/// The next payment.
pub(super) struct Renewal {
    pub(super) at: Moment,
    /// Before tax; absent when that tier is no longer sold.
    pub(super) price: Option<String>,
}

/// This month's bonus, and how far it is.
pub(super) struct Bonus {
    pub(super) amount: String,
    pub(super) percent: String,
    pub(super) is_granted: bool,
    pub(super) needed: String,
    pub(super) used: Shown,
    /// In a hundred steps.
    pub(super) progress: u8,
}

/// The next month.
pub(super) struct Next {
    pub(super) at: Moment,
    pub(super) base: String,
    pub(super) bonus: String,
    pub(super) percent: String,
}

pub(super) const fn cadence_words(cadence: Cadence) -> &'static str {
    match cadence {
        Cadence::Monthly => "by the month",
        Cadence::Yearly => "by the year",
    }
}

impl Now {
    pub(super) fn of(figures: &Figures, choices: &[Choice], standing: dunning::State, now: Instant) -> Self {
        let span = |period: billing::period::Period| format!("{} to {}", period.start.day(), period.end.day());
        Self {
            tier: dollars(figures.tier),
            cadence: cadence_words(figures.cadence),
            status: match figures.status {
                Status::Active => "active",
                Status::PastDue => "not paid",
                Status::Ended => "ended",
            },
            is_over: figures.status == Status::Ended,
            grace: match standing {
                dunning::State::Grace { until } => Some(on_day(until)),
                _ => None,
            },
            month: span(figures.month.unwrap_or(figures.period)),
            period: span(figures.period),
            renews: figures.renews_at.map(|at| Renewal::of(at, figures, choices, now)),
            streak: figures.streak,
            bonus: Bonus::of(figures),
            next: figures.next.map(|next| Next {
                at: until(next.at, now),
                base: dollars(next.base),
                bonus: dollars(next.bonus),
                percent: next.percent.to_string(),
            }),
            scheduled: match figures.scheduled {
                Some(Scheduled::Change { tier, cadence }) => {
                    Some(format!("{} a month, {}", dollars(tier), cadence_words(cadence)))
                }
                Some(Scheduled::Cancel) | None => None,
            },
            is_cancelled: figures.scheduled == Some(Scheduled::Cancel),
        }
    }
}

impl Renewal {
    fn of(at: Instant, figures: &Figures, choices: &[Choice], now: Instant) -> Self {
        let then = match figures.scheduled {
            Some(Scheduled::Change { tier, cadence }) => (tier, cadence),
            Some(Scheduled::Cancel) | None => (figures.tier, figures.cadence),
        };
        let found = choices.iter().find(|choice| (choice.tier, choice.cadence) == then);
        Self { at: until(at, now), price: found.map(|choice| dollars(choice.price)) }
    }
}

impl Bonus {
    fn of(figures: &Figures) -> Self {
        let share = i128::from(figures.used.nanos()) * 100 / i128::from(figures.needed.nanos().max(1));
        Self {
            amount: dollars(figures.bonus),
            percent: figures.percent.to_string(),
            is_granted: figures.is_bonus_granted,
            needed: money(figures.needed),
            used: Shown::of(figures.used),
            progress: u8::try_from(share.clamp(0, 100)).unwrap_or(100),
        }
    }
}
