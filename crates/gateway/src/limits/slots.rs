//! How many requests of one API key, or of one wallet, run at once.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The requests that run, counted by whose they are.
#[derive(Debug)]
pub(crate) struct Slots<K: Eq + Hash> {
    running: Arc<Mutex<HashMap<K, usize>>>,
}

/// The place of one running request; dropping it makes room.
#[derive(Debug)]
pub(crate) struct Slot<K: Eq + Hash> {
    running: Arc<Mutex<HashMap<K, usize>>>,
    whose: K,
}

impl<K: Eq + Hash + Copy> Slots<K> {
    /// A place for one more request, if fewer than `most` run.
    pub(crate) fn take(&self, whose: K, most: u32) -> Option<Slot<K>> {
        let mut running = lock(&self.running);
        let count = running.get(&whose).copied().unwrap_or(0);
        if count >= most as usize {
            return None;
        }
        running.insert(whose, count + 1);
        Some(Slot { running: self.running.clone(), whose })
    }
}

impl<K: Eq + Hash> Default for Slots<K> {
    fn default() -> Self {
        Self { running: Arc::default() }
    }
}

impl<K: Eq + Hash> Drop for Slot<K> {
    fn drop(&mut self) {
        let mut running = lock(&self.running);
        if let Some(count) = running.get_mut(&self.whose) {
            *count -= 1;
            if *count == 0 {
                running.remove(&self.whose);
            }
        }
    }
}

fn lock<K>(running: &Mutex<HashMap<K, usize>>) -> MutexGuard<'_, HashMap<K, usize>> {
    running.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again_when_its_request_ends() {
        let slots = Slots::default();
        let first = slots.take("one", 2).unwrap();
        let _second = slots.take("one", 2).unwrap();
        assert!(slots.take("one", 2).is_none());
        assert!(slots.take("two", 2).is_some());
        drop(first);
        assert!(slots.take("one", 2).is_some());
        assert!(slots.take("three", 0).is_none());
        assert_eq!(lock(&slots.running).len(), 1);
    }
}
