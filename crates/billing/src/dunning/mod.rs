//! What becomes of a wallet whose renewals are not paid.
//!
//! The ladder is counted from the first failed attempt: service goes on in grace, then it is suspended, then what can
//! be deleted is. Where a wallet stands derives from what is unpaid and which attempts were counted, never from the
//! order in which anything was heard. Whatever is paid is no debt any more, and so needs no rule to restore service.
//!
//! ```
//! use billing::{Catalog, dunning::*, payment::FailureClass};
//!
//! let rules = Catalog::embedded().dunning;
//! let billed_at = "2026-01-31T09:00:00Z".parse()?;
//! let mut debt = Debt::new(Cause::Seats, billed_at, None);
//! assert_eq!(debt.due(&rules, billed_at), Some(Due::Try));
//! debt.tries(billed_at);
//! debt.fails(FailureClass::Soft, false, billed_at);
//! assert_eq!(debt.letter(&rules, None, billed_at), Some(Letter::Failed));
//! assert_eq!(state(&[debt], &rules, billed_at.plus_days(2)).name(), "grace");
//! assert_eq!(state(&[debt], &rules, billed_at.plus_days(3)).name(), "suspended");
//! assert_eq!(state(&[], &rules, billed_at.plus_days(12)).name(), "active", "it was paid");
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod debt;
pub use debt::{Cause, Debt, Due, Ladder};

mod letter;
pub use letter::Letter;

mod purge;
pub use purge::{Belonging, Fate};

use serde::{Deserialize, Serialize};
use units::Instant;

use crate::catalog;

/// Where a wallet stands. A later one is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Nothing failed.
    Active,
    /// Something failed; service goes on.
    Grace {
        /// Until just before this moment.
        until: Instant,
    },
    /// No request is served and nothing is changed but by paying (`account_suspended`).
    Suspended {
        /// From when.
        since: Instant,
        /// When what can be deleted is.
        purges_at: Instant,
    },
    /// What can be deleted is, or is about to be.
    Purged {
        /// From when.
        since: Instant,
    },
}

/// Where a wallet with these debts stands: where the worst of them puts it.
pub fn state(debts: &[Debt], rules: &catalog::Dunning, now: Instant) -> State {
    debts.iter().map(|debt| debt.state(rules, now)).max_by_key(State::rank).unwrap_or(State::Active)
}

impl State {
    /// Its name in the API and in stories.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Grace { .. } => "grace",
            Self::Suspended { .. } => "suspended",
            Self::Purged { .. } => "purged",
        }
    }

    /// Whether requests are served, top-ups made and changes accepted.
    pub const fn is_served(&self) -> bool {
        matches!(self, Self::Active | Self::Grace { .. })
    }

    /// The worse, then the earlier.
    fn rank(&self) -> (u8, i64) {
        match self {
            Self::Active => (0, 0),
            Self::Grace { until } => (1, -until.micros()),
            Self::Suspended { since, .. } => (2, -since.micros()),
            Self::Purged { since } => (3, -since.micros()),
        }
    }
}
