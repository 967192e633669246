//! What a run has seen: how often each command met each case. A case that never came was never tested.

use std::{collections::BTreeMap, fmt};

/// Counts of cases.
#[derive(Clone, Debug, Default)]
pub struct Tally(BTreeMap<(&'static str, &'static str), u64>);

impl Tally {
    /// One more of this case.
    pub fn count(&mut self, verb: &'static str, case: &'static str) {
        *self.0.entry((verb, case)).or_default() += 1;
    }

    /// Adds what another run has seen.
    pub fn add(&mut self, other: &Self) {
        for (case, count) in &other.0 {
            *self.0.entry(*case).or_default() += count;
        }
    }

    /// How often a case came.
    pub fn of(&self, verb: &'static str, case: &'static str) -> u64 {
        self.0.get(&(verb, case)).copied().unwrap_or_default()
    }
}

/// A table, one command a block.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut block = "";
        for ((verb, case), count) in &self.0 {
            let shown = if *verb == block { "" } else { verb };
            writeln!(f, "{shown:>10}  {case:<26} {count:>12}")?;
            block = verb;
        }
        Ok(())
    }
}
