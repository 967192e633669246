//! Moments, likely to be the very instant at which something ends or begins, or a microsecond beside it.

use units::{Instant, Seconds};

use super::Generator;
use crate::model::Model;
use crate::random::Random;

const STARTS: [&str; 4] =
    ["2026-01-31T00:00:00Z", "2028-02-28T23:59:59.999999Z", "2026-12-31T23:59:59Z", "2027-10-31T01:59:59.999999Z"];
const SPANS: [i64; 6] = [1, 1_000, 1_000_000, 600_000_000, 86_400_000_000, 2_592_000_000_000];

pub(super) fn start(random: &mut Random) -> Instant {
    random.pick(&STARTS).expect("there are some").parse().expect("a constant instant")
}

impl Generator {
    pub(super) fn move_clock(&mut self, model: &Model) {
        let target = match self.random.below(100) {
            0..60 => return,
            60..80 => self.later(self.now, self.pace),
            80..95 => self.awkward(model).unwrap_or(self.now),
            95..98 => self.now.plus_months(1),
            _ if self.clock_jumps_back => self.earlier(),
            _ => self.later(self.now, 1_000),
        };
        if target > self.now || self.clock_jumps_back {
            self.now = target;
        }
    }

    /// When a grant begins or ends, or a lease ends, or a microsecond before or after.
    fn awkward(&mut self, model: &Model) -> Option<Instant> {
        let facts = self.random.pick(model.heap.grants());
        let moment = match self.random.below(3) {
            0 => facts.map(|facts| facts.from),
            1 => facts.and_then(|facts| facts.until),
            _ => self.random.pick(&model.open).map(|hold| hold.lease_until),
        }?;
        let beside = self.random.below(3) as i64 - 1;
        Some(Instant::from_micros(moment.micros() + beside))
    }

    pub(super) fn effective_at(&mut self, model: &Model) -> Instant {
        match self.random.below(100) {
            0..60 => self.now,
            60..75 => self.random.pick(model.heap.grants()).map_or(self.now, |facts| facts.from),
            75..85 => self.earlier(),
            _ => self.span_later(self.now),
        }
    }

    pub(super) fn expires_at(&mut self, model: &Model, effective_at: Instant) -> Option<Instant> {
        match self.random.below(100) {
            0..25 => None,
            25..50 => self.random.pick(model.heap.grants()).and_then(|facts| facts.until),
            50..85 => Some(self.span_later(effective_at)),
            85..95 => Some(effective_at.plus_months(1)),
            95..97 => Some(effective_at),
            97..99 => Some(self.now),
            _ => Some(self.earlier()),
        }
    }

    pub(super) fn lease_end(&mut self) -> Instant {
        match self.random.below(10) {
            0 => self.now,
            1 => self.earlier(),
            2..5 => self.span_later(self.now),
            _ => self.now.plus(Seconds(600)),
        }
    }

    fn span_later(&mut self, from: Instant) -> Instant {
        Instant::from_micros(from.micros() + *self.random.pick(&SPANS).expect("there are some"))
    }

    fn later(&mut self, from: Instant, at_most: u64) -> Instant {
        Instant::from_micros(from.micros() + self.random.below(at_most) as i64 + 1)
    }

    fn earlier(&mut self) -> Instant {
        Instant::from_micros(self.now.micros() - self.random.below(2 * self.pace) as i64 - 1)
    }
}
