//! What every operation works with.

use std::sync::Arc;

use billing::{Catalog, PriceBook};
use store::Store;

/// The store and the rules that an operator can change. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// Where the books are.
    pub store: Store,
    /// Plans, presets and limits.
    pub catalog: Arc<Catalog>,
    /// What models cost.
    pub prices: Arc<PriceBook>,
}
