//! Credits reserved while a request runs, and the charge that ends the reservation.

use serde::{Deserialize, Serialize};
use units::{Amount, ApiKeyId, Cost, GrantId, HoldId, Instant, UserId, WalletId};

/// Which grant gives how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draw {
    /// The grant.
    pub grant: GrantId,
    /// How much of it; more than zero.
    pub amount: Amount,
}

/// An open reservation on named grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Its id, chosen by the caller; the key of idempotency.
    pub id: HoldId,
    /// Whose credits.
    pub wallet: WalletId,
    /// What the caller wanted.
    pub wanted: Amount,
    /// The least that the caller would have taken.
    pub least: Amount,
    /// What was reserved, grant by grant, in the order of use.
    pub draws: Vec<Draw>,
    /// When it was placed.
    pub placed_at: Instant,
    /// From when the sweeper may close it. A running request moves it on.
    pub lease_until: Instant,
    /// For which person, where one is known.
    pub user: Option<UserId>,
    /// With which key.
    pub api_key: Option<ApiKeyId>,
}

impl Hold {
    /// What is reserved in all.
    pub fn amount(&self) -> Amount {
        self.draws.iter().map(|draw| draw.amount).sum()
    }
}

/// The final debit of one request. It has the id of the hold that it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The hold's id.
    pub id: HoldId,
    /// Whose credits.
    pub wallet: WalletId,
    /// When it was settled.
    pub at: Instant,
    /// What the provider charges, exactly.
    pub cost: Cost,
    /// What was taken from grants.
    pub debited: Amount,
    /// What no credits covered.
    pub lost: Amount,
    /// What was held for it.
    pub held: Amount,
    /// The seq of its first transfer; its others follow without gap. With no transfers, the seq that
    /// the next transfer of the wallet will have.
    pub first_seq: u64,
    /// How many transfers it has: one for each grant that paid, one more for a loss.
    pub transfers: u32,
}

/// What became of a hold that is not open. Loaded by the store for the holds that a command names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Settled by this charge.
    Settled(Charge),
    /// Released by its caller.
    Released,
    /// Closed by the sweeper, because its lease ran out.
    Lapsed,
}
