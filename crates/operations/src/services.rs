//! What every operation works with.

use std::sync::Arc;

use billing::{Catalog, PriceBook};
use store::Store;

use crate::Outside;

/// The store, the rules that an operator can change, and the outside. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// Where the books are.
    pub store: Store,
    /// Plans, presets and limits.
    pub catalog: Arc<Catalog>,
    /// What models cost.
    pub prices: Arc<PriceBook>,
    /// Mail and others out there.
    pub outside: Outside,
}
