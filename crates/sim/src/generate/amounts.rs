//! Amounts and costs, likely to be exactly what is there, one more, or one less.

use units::{Amount, Cost, HoldId};

use super::Generator;
use crate::model::Model;

const ATTOS_PER_NANO: i128 = 1_000_000_000;
/// A nanodollar, a cent, a quarter, a dollar.
const UNITS: [u64; 4] = [1, 10_000_000, 250_000_000, 1_000_000_000];
const ABSURD: [i64; 6] = [0, -1, -250_000_000, i64::MIN, i64::MAX, 1_000_000_000_000_000_000];

impl Generator {
    pub(super) fn amount(&mut self, model: &Model) -> Amount {
        let nanos = match self.random.below(100) {
            0..80 => self.some_units(),
            80..97 => {
                let there = model.heap.available(model.clock(self.now));
                i64::try_from(there).unwrap_or(i64::MAX).saturating_add(self.near())
            }
            _ => ABSURD[self.random.below(ABSURD.len() as u64) as usize],
        };
        Amount::from_nanos(nanos)
    }

    pub(super) fn amount_to_take(&mut self, model: &Model) -> Amount {
        let amount = self.amount(model);
        amount.negated().unwrap_or(amount)
    }

    /// Near what is held, what is there in all, or whatever; with or without a part below a nanodollar.
    pub(super) fn cost(&mut self, model: &Model, hold: HoldId) -> Cost {
        let nanos = match self.random.below(100) {
            0..35 => (model.heap.held_by(hold) + i128::from(self.near())).max(1),
            35..45 => (model.heap.held_by(hold) + model.heap.available(self.now) + i128::from(self.near())).max(1),
            45..98 => i128::from(self.some_units()),
            _ => ABSURD[self.random.below(ABSURD.len() as u64) as usize].into(),
        };
        let attos = match self.random.below(4) {
            0 => 0,
            1 => i128::from(self.random.below(10)) * 100_000_000,
            2 => i128::from(self.random.below(1_000_000_000)),
            _ => -model.remainder(),
        };
        Cost::from_attos(nanos * ATTOS_PER_NANO + attos)
    }

    /// Near a number that must not be exceeded, or whatever.
    pub(super) fn amount_up_to(&mut self, most: i128, model: &Model) -> Amount {
        match self.random.below(100) {
            0..50 => Amount::from_nanos(i64::try_from(most).unwrap_or(i64::MAX).saturating_add(self.near())),
            50..80 => Amount::from_nanos(i64::try_from(most / 3).unwrap_or(i64::MAX).max(1)),
            _ => self.amount(model),
        }
    }

    fn some_units(&mut self) -> i64 {
        let unit = UNITS[self.random.below(UNITS.len() as u64) as usize];
        (unit * (1 + self.random.below(20))) as i64
    }

    fn near(&mut self) -> i64 {
        self.random.below(3) as i64 - 1
    }
}
