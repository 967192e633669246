//! A dated price list: what one provider asks for one model from a moment on.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use units::{Cost, Day, Instant};

use super::{Peak, Sheet};

/// Names a price list for ever: `model@day.hash`, where the hash covers everything that decides a cost.
///
/// It is stored with each charge. A list that is corrected in place gets another version, so a stored
/// version never means two different prices.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PriceVersion(String);

/// Where the prices were read, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The document, as a person would look for it.
    pub document: String,
    /// The day on which the document was read.
    pub read_on: Day,
}

/// What one provider asks for one model, from `effective_from` until the next list begins.
///
/// Its JSON form is complete: stored beside its version, it re-rates a charge after the price book
/// has forgotten it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceList {
    version: PriceVersion,
    terms: Terms,
    source: Source,
}

/// Everything that decides a cost, and what it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) model: String,
    pub(crate) provider: String,
    pub(crate) effective_from: Instant,
    pub(crate) sheet: Sheet,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) peaks: Vec<Peak>,
    pub(crate) per_request: Cost,
}

/// Models whose id ends so cost nothing, whatever is reported.
pub(crate) const FREE_SUFFIX: &str = ":free";

impl PriceList {
    /// A list with the version that its terms have.
    pub(crate) fn new(terms: Terms, source: Source) -> Self {
        let canonical = serde_json::to_vec(&terms).expect("texts and numbers are always JSON");
        let hash = Sha256::digest(&canonical);
        let short: String = hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let version = PriceVersion(format!("{}@{}.{short}", terms.model, terms.effective_from.day()));
        Self { version, terms, source }
    }

    /// The name to store with a charge.
    pub fn version(&self) -> &PriceVersion {
        &self.version
    }

    /// The public id of the model.
    pub fn model(&self) -> &str {
        &self.terms.model
    }

    /// Who asks these prices.
    pub fn provider(&self) -> &str {
        &self.terms.provider
    }

    /// From when on they hold. A list whose beginning nobody published holds from the epoch.
    pub fn effective_from(&self) -> Instant {
        self.terms.effective_from
    }

    /// The ordinary prices.
    pub fn sheet(&self) -> &Sheet {
        &self.terms.sheet
    }

    /// Prices of special hours; the first that fits decides.
    pub fn peaks(&self) -> &[Peak] {
        &self.terms.peaks
    }

    /// What each request costs beside its tokens.
    pub fn per_request(&self) -> Cost {
        self.terms.per_request
    }

    /// Where the prices come from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The prices for a request that was admitted at `at`. A long request keeps the hour it began in.
    pub fn sheet_at(&self, at: Instant) -> &Sheet {
        self.peaks().iter().find(|peak| peak.holds_at(at)).map_or(self.sheet(), |peak| &peak.sheet)
    }

    /// Whether the model is a free one, by its name.
    pub fn is_free(&self) -> bool {
        self.model().ends_with(FREE_SUFFIX)
    }
}

impl PriceVersion {
    /// Wraps a version that was stored.
    pub fn from_stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PriceVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
