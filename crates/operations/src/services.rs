//! What every operation works with.

use std::sync::Arc;

use billing::{Catalog, PriceBook};
use store::Store;

use crate::byok::Keyring;
use crate::payment::EventCounts;
use crate::receipt::SigningKey;
use crate::{Activity, InForce, Outside};

/// The store, the rules that an operator can change, and the outside. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// Where the books are.
    pub store: Store,
    /// Plans, presets and limits, as they are now: an operator can change them while the server runs.
    pub catalog: InForce<Catalog>,
    /// What models cost, as they are now.
    pub prices: InForce<PriceBook>,
    /// Mail and others out there.
    pub outside: Outside,
    /// What was used since it was last written down.
    pub activity: Activity,
    /// What came to the door for events of the processor.
    pub events: Arc<EventCounts>,
    /// The master keys that provider keys are sealed under. Without any, none can be kept.
    pub keyring: Keyring,
    /// What receipts are signed with. Without it none is handed out.
    pub receipt_key: Option<Arc<SigningKey>>,
}

impl Services {
    /// The store and its rules. Nothing leaves this process until `outside` is set.
    pub fn new(store: Store, catalog: Catalog, prices: PriceBook) -> Self {
        Self {
            store,
            catalog: InForce::new(catalog),
            prices: InForce::new(prices),
            outside: Outside::default(),
            activity: Activity::default(),
            events: Arc::default(),
            keyring: Keyring::default(),
            receipt_key: None,
        }
    }
}
