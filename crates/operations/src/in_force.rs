//! Rules that an operator can change while the server runs.

use std::sync::{Arc, PoisonError, RwLock};

/// What is in force now. Cheap to clone; all clones see a change at once.
///
/// An operation asks for it once and works by what it was given until its end. What was promised before lies in the
/// store, as a draft, a quote or a term, and is not read from here again.
#[derive(Debug)]
pub struct InForce<T>(Arc<RwLock<Arc<T>>>);

impl<T> InForce<T> {
    /// Begins with these.
    pub fn new(rules: T) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(rules))))
    }

    /// Those of now. They stay as they are, whatever becomes of the ones in force.
    pub fn current(&self) -> Arc<T> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts others in force, for whatever begins from now on.
    pub fn replace(&self, rules: T) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }
}

impl<T> Clone for InForce<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_began_before_a_change_ends_by_the_old_rules() {
        let rules = InForce::new("old");
        let (elsewhere, begun) = (rules.clone(), rules.current());
        elsewhere.replace("new");
        assert_eq!((*begun, *rules.current()), ("old", "new"));
    }
}
