//! For whom a wallet's credits are spent, and how much that one may spend.
//!
//! A cap bounds what one person or one API key takes out of a wallet that it shares with others: what it has
//! spent, what is held for it and what the new hold reserves stay within the limit together. Which limit holds
//! over which days is not decided here.

use units::{Amount, ApiKeyId, Day, UserId};

use crate::{Refusal, Wallet};

/// For whom credits are spent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spender {
    /// The person, where one is known.
    pub user: Option<UserId>,
    /// The key that was used.
    pub api_key: Option<ApiKeyId>,
    /// The bounds that hold for them.
    pub caps: Vec<Cap>,
}

/// The most that one spender may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cap {
    /// Whose spending counts.
    pub on: Capped,
    /// The most that may be spent.
    pub limit: Amount,
    /// The first day that counts.
    pub since: Day,
    /// What the charges from that day on took from this wallet. Whoever has the charges at hand fills it in.
    pub spent: Amount,
}

/// Whose spending a cap counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Capped {
    /// That of the person.
    User(UserId),
    /// That of the key.
    ApiKey(ApiKeyId),
}

impl Spender {
    /// The cap that leaves least room, if there is one, and that room: at least zero.
    pub(crate) fn tightest(&self, wallet: &Wallet) -> Option<(Cap, Amount)> {
        self.caps.iter().map(|cap| (*cap, cap.room(wallet))).min_by_key(|(_, room)| *room)
    }
}

impl Cap {
    /// What is held for the one that it bounds.
    pub(crate) fn held(&self, wallet: &Wallet) -> Amount {
        let is_theirs = |user: Option<UserId>, key: Option<ApiKeyId>| match self.on {
            Capped::User(id) => user == Some(id),
            Capped::ApiKey(id) => key == Some(id),
        };
        let theirs = wallet.holds().filter(|hold| is_theirs(hold.user, hold.api_key));
        theirs.map(|hold| hold.amount()).sum()
    }

    fn room(&self, wallet: &Wallet) -> Amount {
        let taken = self.spent.checked_add(self.held(wallet)).unwrap_or(Amount::MAX);
        self.limit.checked_sub(taken).unwrap_or(Amount::ZERO).max(Amount::ZERO)
    }

    /// The refusal of a hold that does not fit.
    pub(crate) fn refusal(&self, wallet: &Wallet, needed: Amount) -> Refusal {
        let (limit, spent, held) = (self.limit, self.spent, self.held(wallet));
        match self.on {
            Capped::User(_) => Refusal::DailyLimitReached { limit, spent, held, needed },
            Capped::ApiKey(_) => Refusal::KeyLimitReached { limit, spent, held, needed },
        }
    }
}
