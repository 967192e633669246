//! Where value can be: on a grant, or on one of the platform's accounts.

use units::GrantId;

/// One side of a transfer.
///
/// The balance of a grant's account is what is left on it. Accounts of the platform are sums of
/// transfers and never a row of their own, so that no two wallets wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// The credits left on a grant of the wallet.
    Grant(GrantId),
    /// Money received. Value flows out of it when credits are bought, so its balance is negative;
    /// reports show it with the sign turned.
    Cash,
    /// What was charged, at the provider's price.
    Revenue,
    /// Credits that were given away.
    Promotions,
    /// Credits that expired unused.
    Breakage,
    /// Costs that no credits covered.
    Loss,
    /// What wallets owe: credits that were spent although the bank took their payment back.
    Receivable,
    /// Credits that left one wallet for another. Over all wallets its balance is zero.
    Transit,
}

impl Account {
    /// The platform's accounts in the order of reports.
    pub const PLATFORM: [Self; 7] =
        [Self::Cash, Self::Revenue, Self::Promotions, Self::Breakage, Self::Loss, Self::Receivable, Self::Transit];

    /// The number that stands for the kind of account in the store and in the hash chain. Never reused.
    pub const fn code(self) -> u8 {
        match self {
            Self::Grant(_) => 1,
            Self::Cash => 2,
            Self::Revenue => 3,
            Self::Promotions => 4,
            Self::Breakage => 5,
            Self::Loss => 6,
            Self::Receivable => 7,
            Self::Transit => 8,
        }
    }

    /// The account of a stored code and grant; `None` when they do not belong together.
    pub const fn from_code(code: u8, grant: Option<GrantId>) -> Option<Self> {
        Some(match (code, grant) {
            (1, Some(grant)) => Self::Grant(grant),
            (2, _) => Self::Cash,
            (3, _) => Self::Revenue,
            (4, _) => Self::Promotions,
            (5, _) => Self::Breakage,
            (6, _) => Self::Loss,
            (7, _) => Self::Receivable,
            (8, _) => Self::Transit,
            _ => return None,
        })
    }

    /// The account's name in reports and exports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Grant(_) => "grant",
            Self::Cash => "cash",
            Self::Revenue => "revenue",
            Self::Promotions => "promotions",
            Self::Breakage => "breakage",
            Self::Loss => "loss",
            Self::Receivable => "receivable",
            Self::Transit => "transit",
        }
    }

    /// Whether reports turn the sign: what the platform has, is owed or has
    /// spent counts as positive there.
    pub const fn is_debit_normal(self) -> bool {
        matches!(self, Self::Cash | Self::Promotions | Self::Loss | Self::Receivable)
    }

    /// The grant, when it is a grant's account.
    pub const fn grant(self) -> Option<GrantId> {
        match self {
            Self::Grant(grant) => Some(grant),
            _ => None,
        }
    }
}
