//! What we have to say to somebody.

use billing::contest::ContestState;
use serde::{Deserialize, Serialize};

/// A letter, in values. It waits in a job until it is sent. Names in it are what people typed.
///
/// A `link` is a path of this server, such as `/invitations/...`; where the server is, is known when the letter
/// is written out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "letter", rename_all = "snake_case")]
pub enum Letter {
    /// The code with which somebody signs in. It is made when it is sent, and never waits anywhere.
    #[serde(skip)]
    SignInCode {
        /// What they type.
        code: String,
        /// How long it is good for.
        minutes: u32,
    },
    /// Somebody is asked to join an organization.
    Invitation {
        /// Its name.
        organization: String,
        /// Who asks.
        invited_by: String,
        /// As what.
        role: String,
        /// Where to accept.
        link: String,
        /// How long it is good for.
        days: u32,
    },
    /// Somebody has another role now.
    RoleChanged {
        /// In which organization.
        organization: String,
        /// Who changed it.
        changed_by: String,
        /// The new role.
        role: String,
    },
    /// Somebody is no longer a member.
    Removed {
        /// Of which organization.
        organization: String,
    },
    /// Credits are not bought without asking any more.
    TopUpPaused {
        /// For which organization; for the reader when absent.
        organization: Option<String>,
        /// Why, and what to do.
        why: String,
        /// Where to resume it.
        link: String,
    },
    /// A payment is contested at its bank, or that has ended.
    Contested {
        /// Whose credits it brought; the reader's when absent.
        organization: Option<String>,
        /// How much was paid, in dollars.
        amount: String,
        /// How far it is.
        state: ContestState,
        /// Where the credits are shown.
        link: String,
    },
    /// Credits run low.
    LowBalance {
        /// Whose; the reader's when absent.
        organization: Option<String>,
        /// What is available, in dollars.
        available: String,
        /// The line that the holder chose, in dollars.
        below: String,
        /// Where to buy.
        link: String,
    },
    /// Credits are about to expire.
    CreditsExpire {
        /// Whose; the reader's when absent.
        organization: Option<String>,
        /// How many, in dollars.
        amount: String,
        /// On which day, in UTC.
        on: String,
        /// Where they are shown.
        link: String,
    },
    /// A term is not paid.
    Unpaid {
        /// Of which organization; the reader's own when absent.
        organization: Option<String>,
        /// What it is for, such as `seats`.
        what: String,
        /// How much, in dollars.
        amount: String,
        /// How far it has come.
        step: UnpaidStep,
        /// Where to pay.
        link: String,
    },
    /// An operator has stopped the service of a wallet by hand.
    Suspended {
        /// Whose; the reader's when absent.
        organization: Option<String>,
        /// Why, as the operator wrote it.
        reason: String,
        /// Where to ask: an address of the web or of mail.
        support: String,
        /// Where the wallet is shown.
        link: String,
    },
    /// They have let it go on.
    Restored {
        /// Whose; the reader's when absent.
        organization: Option<String>,
        /// Whether requests are served again. If not, something is due.
        is_served: bool,
        /// Where the wallet is shown.
        link: String,
    },
    /// A document that its buyer wished to have by mail.
    Invoice {
        /// Its number.
        number: String,
        /// Whether it takes back an invoice, or part of one.
        is_credit_note: bool,
        /// How much it is over, in dollars.
        total: String,
    },
}

/// How far an unpaid term has come. Days are UTC days, such as `2026-01-31`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnpaidStep {
    /// The payment failed.
    Failed {
        /// How often so far.
        times: u32,
        /// When it is tried again, if it is.
        next_try: Option<String>,
        /// When service ends.
        ends_on: String,
    },
    /// The subscription has ended, and nothing is owed.
    Lapsed,
    /// Service has ended.
    Suspended {
        /// How long everything is kept.
        kept_until: String,
    },
    /// What can be deleted is, in so many days.
    PurgeSoon {
        /// How many.
        days: u32,
    },
    /// It was.
    Purged,
}

impl Letter {
    /// After how many minutes nobody wants to read it any more.
    pub const fn minutes(&self) -> Option<u32> {
        match self {
            Self::SignInCode { minutes, .. } => Some(*minutes),
            Self::Invitation { days, .. } => Some(*days * 24 * 60),
            Self::RoleChanged { .. }
            | Self::Removed { .. }
            | Self::TopUpPaused { .. }
            | Self::Contested { .. }
            | Self::LowBalance { .. }
            | Self::CreditsExpire { .. }
            | Self::Unpaid { .. }
            | Self::Suspended { .. }
            | Self::Restored { .. }
            | Self::Invoice { .. } => None,
        }
    }
}
