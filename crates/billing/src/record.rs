//! The usage record that is written with each charge: enough to rate the request again, years later.

use serde::{Deserialize, Serialize};
use units::{ApiKeyId, Cost, Instant, RequestId, UserId};

use crate::Usage;

/// Where the cost of a charge came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostSource {
    /// The provider said what it charges.
    Reported,
    /// Tokens times the price list that was in force at admission.
    Priced,
    /// The model costs nothing.
    Free,
    /// A metering client named the cost; there are no tokens.
    Metered,
}

/// What a request used, for whom, and by which prices. Written once, in the charge's transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageRecord {
    /// The request at the door.
    pub request: RequestId,
    /// Who asked, when a person is known.
    pub user: Option<UserId>,
    /// With which key.
    pub api_key: Option<ApiKeyId>,
    /// The model's public id, as in the price book.
    pub model: String,
    /// The upstream that answered.
    pub provider: String,
    /// What the client calls its project; empty when it names none.
    pub project: String,
    /// When the request was admitted: the moment whose prices count.
    pub admitted_at: Instant,
    /// The version of the price list that was in force then.
    pub price_version: Option<String>,
    /// Where the cost came from.
    pub cost_source: CostSource,
    /// What the provider charges the holder's own key, for information: such a charge takes no credits. Its
    /// source is `cost_source`.
    pub own_cost: Option<Cost>,
    /// What was used.
    pub usage: Usage,
}
