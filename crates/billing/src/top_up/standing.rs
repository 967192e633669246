//! Whether to buy now.

use serde::{Deserialize, Serialize};
use units::{Amount, Cents, Instant, Seconds};

use super::Settings;

/// Whether credits are bought without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// No.
    Off,
    /// Yes.
    On,
    /// Not until somebody resumes it.
    Paused(Pause),
}

/// Why it waits to be resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pause {
    /// The bank said no.
    Declined,
    /// The bank wants to see the person.
    AuthenticationRequired,
    /// No card is saved any more.
    CardMissing,
    /// A refund took the wallet below the threshold: buying again would undo it.
    Refund,
    /// A payment of this wallet is contested, or its bank suspects a fraud.
    Dispute,
    /// The wallet is suspended.
    Suspended,
}

/// What was tried already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attempts {
    /// Whether the fate of one is open.
    pub is_open: bool,
    /// How many began on this UTC day, whatever became of them.
    pub today: u32,
    /// What cards have paid, or may still pay, for those that began in this UTC month.
    pub this_month: Cents,
    /// When the last one ended that was called off: nobody knows what the bank would have said.
    pub called_off_at: Option<Instant>,
}

/// The card that would be charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SavedCard {
    /// It pays.
    Good,
    /// A payment of it is contested, or its bank suspects a fraud: it pays nothing.
    Blocked,
    /// None is saved.
    Missing,
}

/// All that the decision depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether it is on.
    pub state: State,
    /// What the holder allows.
    pub settings: Settings,
    /// What the card pays for one top-up, with fee and tax.
    pub price: Cents,
    /// What a new hold could reserve.
    pub available: Amount,
    /// What could be charged.
    pub card: SavedCard,
    /// What was tried.
    pub attempts: Attempts,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Buy.
    Attempt,
    /// There are credits enough.
    Enough,
    /// It is off or paused, or an attempt is on its way: nothing is to be done before that changes.
    Nothing,
    /// A limit is reached: look again then.
    Wait {
        /// Which.
        limit: Limit,
        /// Until when.
        until: Instant,
    },
    /// Pause it and say why.
    Pause(Pause),
}

/// What a top-up waits for although it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The holder's cap for the UTC month.
    MonthlyCap,
    /// The catalog's attempts in a UTC day.
    PerDay,
    /// The last attempt was called off; the next one is not at once.
    Retry,
}

/// How long after an attempt that was called off the next one is.
const RETRY_AFTER: Seconds = Seconds(600);

/// Decides. The same standing at the same time decides the same.
pub fn decide(standing: &Standing, per_day: u32, now: Instant) -> Decision {
    let Standing { state, settings, price, available, card, attempts } = standing;
    if *state != State::On || attempts.is_open {
        return Decision::Nothing;
    }
    if *available >= settings.threshold {
        return Decision::Enough;
    }
    match card {
        SavedCard::Good => {}
        SavedCard::Blocked => return Decision::Pause(Pause::Dispute),
        SavedCard::Missing => return Decision::Pause(Pause::CardMissing),
    }
    let wanted = attempts.this_month.count().saturating_add(price.count());
    if wanted > settings.monthly_cap.count() {
        let until = now.day().first_of_month().start().plus_months(1);
        return Decision::Wait { limit: Limit::MonthlyCap, until };
    }
    if attempts.today >= per_day {
        return Decision::Wait { limit: Limit::PerDay, until: now.day().next().start() };
    }
    match attempts.called_off_at.map(|at| at.plus(RETRY_AFTER)).filter(|until| now < *until) {
        Some(until) => Decision::Wait { limit: Limit::Retry, until },
        None => Decision::Attempt,
    }
}

impl State {
    /// Its name in the store and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::On => "on",
            Self::Paused(_) => "paused",
        }
    }

    /// Why it is paused.
    pub const fn pause(self) -> Option<Pause> {
        match self {
            Self::Paused(pause) => Some(pause),
            Self::Off | Self::On => None,
        }
    }

    /// The state of a name and a reason.
    pub fn from_names(name: &str, pause: Option<&str>) -> Option<Self> {
        match (name, pause) {
            ("off", None) => Some(Self::Off),
            ("on", None) => Some(Self::On),
            ("paused", Some(pause)) => Pause::from_name(pause).map(Self::Paused),
            _ => None,
        }
    }
}

impl Pause {
    /// Every reason.
    pub const ALL: [Self; 6] =
        [Self::Declined, Self::AuthenticationRequired, Self::CardMissing, Self::Refund, Self::Dispute, Self::Suspended];

    /// Its name in the store and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Declined => "declined",
            Self::AuthenticationRequired => "authentication_required",
            Self::CardMissing => "card_missing",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::Suspended => "suspended",
        }
    }

    /// The reason of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pause| pause.name() == name)
    }

    /// Why and what to do, for the holder.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Declined => "your bank has declined the card. Check it or add another one, then resume",
            Self::AuthenticationRequired => {
                "your bank wants you to confirm each payment. Buy credits by hand or add another card, then resume"
            }
            Self::CardMissing => "no card is saved any more. Add one, then resume",
            Self::Refund => "a refund took your credits below the threshold. Resume if you want to buy again",
            Self::Dispute => "a payment of yours is contested. Resume when that is settled, or with another card",
            Self::Suspended => "the account is suspended. Resume when it is served again",
        }
    }
}

impl Limit {
    /// Its name in the store and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MonthlyCap => "monthly_cap",
            Self::PerDay => "per_day",
            Self::Retry => "retry",
        }
    }

    /// The limit of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::MonthlyCap, Self::PerDay, Self::Retry].into_iter().find(|limit| limit.name() == name)
    }
}
