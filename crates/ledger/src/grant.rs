//! Credits that entered a wallet at once, what happened to them beside being spent, and the order in which
//! grants are used.

use serde::{Deserialize, Serialize};
use units::{Amount, GrantId, Instant};

/// Where a grant came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Given to a new user.
    Welcome,
    /// Bought once.
    Purchase,
    /// Bought by automatic top-up.
    AutoTopUp,
    /// The base credits of a pass period.
    PassBase,
    /// The bonus credits of a pass period.
    PassBonus,
    /// Given by an operator.
    Operator,
    /// Came from another wallet.
    Moved,
}

impl Source {
    /// Every source, for readers of the store.
    pub const ALL: [Self; 7] =
        [Self::Welcome, Self::Purchase, Self::AutoTopUp, Self::PassBase, Self::PassBonus, Self::Operator, Self::Moved];

    /// Its name in the API, in scenarios and in the store.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Welcome => "welcome",
            Self::Purchase => "purchase",
            Self::AutoTopUp => "auto_top_up",
            Self::PassBase => "pass_base",
            Self::PassBonus => "pass_bonus",
            Self::Operator => "operator",
            Self::Moved => "moved",
        }
    }

    /// The source of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|source| source.name() == name)
    }
}

/// What happened to a grant beside being spent. What none of it accounts for was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    /// Reserved for refunds that are on their way; part of what is held.
    pub refunding: Amount,
    /// What went back to the card.
    pub refunded: Amount,
    /// What expired unused.
    pub expired: Amount,
    /// What an operator took away.
    pub taken: Amount,
    /// How many disputes of its payment are open. While there is one, what is left is frozen.
    pub disputes: u32,
    /// Whether a dispute was lost: the bank took the payment back.
    pub is_lost: bool,
}

/// A block of credits and what is left of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// Where it came from.
    pub source: Source,
    /// What entered the wallet.
    pub amount: Amount,
    /// What is not charged, expired or taken away: 0 to `amount`. What is held is still in it.
    pub left: Amount,
    /// The part of `left` that open holds and refunds have reserved. Derived from them, never stored.
    pub held: Amount,
    /// What happened to it beside being spent.
    pub marks: Marks,
    /// Whether real money paid for it.
    pub paid: bool,
    /// From when it can be spent.
    pub effective_at: Instant,
    /// From when it can no longer be spent; never, when absent.
    pub expires_at: Option<Instant>,
}

/// The key of the order of use. The smallest is spent first: soonest expiry (never-expiring last),
/// free before paid, oldest effective first, then id. The order is total, so replaying a ledger always
/// gives the same draws.
pub type OrderOfUse = (Instant, bool, Instant, GrantId);

impl Grant {
    /// Where this grant stands in the order of use.
    pub fn order_of_use(&self) -> OrderOfUse {
        (self.expires_at.unwrap_or(Instant::from_micros(i64::MAX)), self.paid, self.effective_at, self.id)
    }

    /// Whether it can be spent at this moment. Expiry happens at its instant, whether or not a job ran.
    pub fn is_spendable(&self, now: Instant) -> bool {
        self.effective_at <= now && !self.has_expired(now) && !self.is_frozen()
    }

    /// Whether its payment is disputed, so that nothing new may use it. What was held before is still paid.
    pub const fn is_frozen(&self) -> bool {
        self.marks.disputes > 0
    }

    /// What is frozen: left, not held and not expired, booked or not.
    pub fn frozen(&self, now: Instant) -> Amount {
        if self.is_frozen() && !self.has_expired(now) { self.unheld() } else { Amount::ZERO }
    }

    /// Whether a payment of this wallet brought it, which can be refunded or disputed.
    pub fn is_payment(&self) -> bool {
        self.paid && self.source != Source::Moved
    }

    /// Whether its expiry has come.
    pub fn has_expired(&self, now: Instant) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }

    /// What is left and not held.
    pub fn unheld(&self) -> Amount {
        self.left.checked_sub(self.held).expect("held is part of what is left")
    }

    /// What a new hold could reserve on it now.
    pub fn available(&self, now: Instant) -> Amount {
        if self.is_spendable(now) { self.unheld() } else { Amount::ZERO }
    }
}
