//! Where a payment and its latest attempt stand, and how news moves them.

use serde::{Deserialize, Serialize};
use units::{Cents, Instant, Seconds};

use super::Failure;

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Written down; the processor may or may not have heard of it.
    Planned,
    /// The processor has it, unconfirmed: nothing can have been charged.
    Created,
    /// Confirmed, or about to be: anything may have happened.
    Sent,
    /// The processor waits for the bank.
    Processing,
    /// The bank wants to see the person.
    ActionRequired,
    /// The money is there.
    Succeeded,
    /// The bank said no.
    Declined,
    /// It was called off before anything was charged.
    Canceled,
    /// The processor took something else than was asked for. No credits, and no other attempt, until an operator has
    /// looked.
    Quarantined,
}

impl AttemptState {
    /// Every state, for readers of the store.
    pub const ALL: [Self; 9] = [
        Self::Planned,
        Self::Created,
        Self::Sent,
        Self::Processing,
        Self::ActionRequired,
        Self::Succeeded,
        Self::Declined,
        Self::Canceled,
        Self::Quarantined,
    ];

    /// Its name in the store and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Created => "created",
            Self::Sent => "sent",
            Self::Processing => "processing",
            Self::ActionRequired => "action_required",
            Self::Succeeded => "succeeded",
            Self::Declined => "declined",
            Self::Canceled => "canceled",
            Self::Quarantined => "quarantined",
        }
    }

    /// The state of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether its fate is still open. While one attempt lives, there is no other.
    pub const fn is_live(self) -> bool {
        !matches!(self, Self::Succeeded | Self::Declined | Self::Canceled)
    }
}

/// Where a payment stands with its latest attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether the money is there. Once it is, it stays so: refunds and disputes are kept beside it.
    pub is_paid: bool,
    /// The latest attempt.
    pub attempt: AttemptState,
    /// What is owed.
    pub amount: Cents,
    /// When the attempt began.
    pub began_at: Instant,
    /// How often we have looked without learning its fate.
    pub looks: u32,
}

/// What is known of the processor's object now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// It exists and was not confirmed.
    Unconfirmed,
    /// The money was taken: this much.
    Succeeded(Cents),
    /// The bank has not answered.
    Processing,
    /// The bank wants to see the person.
    ActionRequired,
    /// The bank said no.
    Declined(Failure),
    /// It was called off.
    Canceled,
    /// Nobody could tell.
    Silence,
}

/// Where a payment stands after the news, and what has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Whether the money is there.
    pub is_paid: bool,
    /// The attempt now.
    pub attempt: AttemptState,
    /// Whether the credits have to be given: the news made it paid. True at most once for a payment.
    pub becomes_paid: bool,
    /// When to look again, while the fate is open.
    pub look_at: Option<Instant>,
    /// What an operator must see to.
    pub alarm: Option<&'static str>,
}

/// How long after the attempt began the processor's object is called off when nobody has confirmed to the bank.
pub const ACTION_EXPIRES: Seconds = Seconds(23 * 3600);
/// A fate that is unknown for so long is an operator's business.
const ALARM_AFTER: Seconds = Seconds(24 * 3600);
/// How long to wait before the next look: a minute, five, half an hour, then each hour.
const LOOKS: [Seconds; 3] = [Seconds(60), Seconds(300), Seconds(1800)];
const LATER_LOOKS: Seconds = Seconds(3600);

/// How long to wait before somebody looks again who has looked so often in vain.
pub(crate) fn wait_before_look(looks: u32) -> Seconds {
    LOOKS.get(looks as usize).copied().unwrap_or(LATER_LOOKS)
}

/// Applies the news. Applying the same again, or older news, changes nothing that matters: success wins over
/// everything, and whatever else had been decided stands until success.
pub fn advance(standing: Standing, news: &News, now: Instant) -> Next {
    let Standing { is_paid, attempt, amount, began_at, looks } = standing;
    let still = Next { is_paid, attempt, becomes_paid: false, look_at: None, alarm: None };
    if let News::Succeeded(received) = news {
        // Another amount than was asked for is nobody's credit until an operator has looked.
        if *received != amount {
            let attempt = if is_paid { attempt } else { AttemptState::Quarantined };
            return Next { attempt, alarm: Some("the processor took something else than was asked for"), ..still };
        }
        return Next { is_paid: true, attempt: AttemptState::Succeeded, becomes_paid: !is_paid, ..still };
    }
    if is_paid || !attempt.is_live() || attempt == AttemptState::Quarantined {
        return still;
    }
    let again = now.plus(wait_before_look(looks));
    let is_old = now >= began_at.plus(ALARM_AFTER);
    let alarm = is_old.then_some("the fate of a payment has been unknown for a day");
    match news {
        News::Declined(_) => Next { attempt: AttemptState::Declined, ..still },
        News::Canceled => Next { attempt: AttemptState::Canceled, ..still },
        News::ActionRequired => Next {
            attempt: AttemptState::ActionRequired,
            look_at: Some(began_at.plus(ACTION_EXPIRES).max(again)),
            ..still
        },
        News::Processing => Next { attempt: AttemptState::Processing, look_at: Some(again), alarm, ..still },
        // A look that crossed our own confirmation shows the object as it was before.
        News::Unconfirmed if attempt == AttemptState::Planned => {
            Next { attempt: AttemptState::Created, look_at: Some(again), ..still }
        }
        News::Unconfirmed => Next { look_at: Some(again), ..still },
        News::Silence => Next { look_at: Some(again), alarm, ..still },
        News::Succeeded(_) => still,
    }
}
