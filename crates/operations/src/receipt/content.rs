//! What stands in a receipt. The names of the fields are part of the format.

use serde::{Deserialize, Serialize};
use units::{Amount, Cost, Day, GrantId, HoldId, Instant, RequestId, WalletId};

/// What one charge was for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The charge, by the id of the hold that it ended.
    pub charge: HoldId,
    /// Whose credits.
    pub wallet: WalletId,
    /// When it was settled.
    pub settled_at: Instant,
    /// What was used; absent when the charge came without a usage record.
    pub used: Option<Used>,
    /// The price list that was in force, complete, when this server still has it.
    pub prices: Option<serde_json::Value>,
    /// What the provider charges, exactly.
    pub provider_cost: Cost,
    /// What was taken from grants: the cost in whole nanodollars, with what the wallet carried.
    pub debited: Amount,
    /// What no credits covered, and the platform bore.
    pub lost: Amount,
    /// The grants that paid, in the order in which they were used.
    pub paid_by: Vec<Part>,
    /// Where it stands in the wallet's journal.
    pub position: Position,
    /// The first published root over it, once there is one.
    pub root: Option<RootSeen>,
}

/// The usage record of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Used {
    /// The request at the door.
    pub request: RequestId,
    /// The model's public id.
    pub model: String,
    /// The upstream that answered.
    pub provider: String,
    /// When it was admitted: the moment whose prices count.
    pub admitted_at: Instant,
    /// The version of the price list that was in force.
    pub price_version: Option<String>,
    /// Where the cost came from: `reported`, `priced`, `free` or `metered`.
    pub cost_source: billing::CostSource,
    /// Prompt tokens, cached ones included.
    pub input: u64,
    /// Prompt tokens read from a cache.
    pub cache_read: u64,
    /// Prompt tokens written to a cache of five minutes.
    pub cache_write: u64,
    /// Prompt tokens written to a cache of one hour.
    pub cache_write_1h: u64,
    /// Completion tokens, reasoning included.
    pub output: u64,
    /// Completion tokens spent on reasoning.
    pub reasoning: u64,
    /// What the provider said it charges, where it did.
    pub reported_cost: Option<Cost>,
    /// Whether the tokens were counted here, since the provider told none.
    pub estimated: bool,
}

/// A grant's part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The grant.
    pub grant: GrantId,
    /// Where it came from.
    pub source: String,
    /// Whether real money paid for it.
    pub paid: bool,
    /// Its part.
    pub amount: Amount,
}

/// A place in a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The seq of its first transfer.
    pub first_seq: u64,
    /// How many transfers it has.
    pub transfers: u32,
    /// The seal of its last transfer, in hexadecimal; absent when it has none, as when nothing was debited.
    pub seal: Option<String>,
}

/// A published root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RootSeen {
    /// Of which UTC day.
    pub day: Day,
    /// The root, in hexadecimal.
    pub root: String,
    /// The seq with which the wallet's journal ends in it.
    pub head_seq: u64,
}
