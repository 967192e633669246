//! How long calls took, in buckets of about 3 % width.

use std::time::Duration;

/// Each power of two is cut into this many buckets.
const STEPS: u64 = 32;
const STEP_BITS: u32 = STEPS.trailing_zeros();
/// Up to 2^40 ns, which is 18 minutes; anything longer counts as that.
const BUCKETS: usize = (40 - STEP_BITS as usize + 1) * STEPS as usize;

/// A histogram of durations. It takes as much memory for a million as for one.
#[derive(Clone)]
pub struct Latency {
    counts: Vec<u32>,
    count: u64,
}

impl Default for Latency {
    fn default() -> Self {
        Self { counts: vec![0; BUCKETS], count: 0 }
    }
}

impl Latency {
    /// Counts one call.
    pub fn add(&mut self, took: Duration) {
        self.counts[bucket(took.as_nanos() as u64)] += 1;
        self.count += 1;
    }

    /// Counts all that another histogram has counted.
    pub fn merge(&mut self, other: &Self) {
        for (sum, count) in self.counts.iter_mut().zip(&other.counts) {
            *sum += count;
        }
        self.count += other.count;
    }

    /// How many calls were counted.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The time within which `percent` of the calls were done; `None` before the first.
    pub fn percentile(&self, percent: f64) -> Option<Duration> {
        let wanted = ((self.count as f64 * percent / 100.0).ceil() as u64).max(1);
        let mut seen = 0;
        let at = self.counts.iter().position(|count| {
            seen += u64::from(*count);
            seen >= wanted
        })?;
        Some(Duration::from_nanos(upper_end(at)))
    }
}

fn bucket(nanos: u64) -> usize {
    let power = nanos.max(1).ilog2();
    let at = match power.checked_sub(STEP_BITS) {
        None => nanos,
        Some(shift) => u64::from(shift) * STEPS + (nanos >> shift),
    };
    (at as usize).min(BUCKETS - 1)
}

/// The longest duration that falls into a bucket.
fn upper_end(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    match (bucket / STEPS).checked_sub(1) {
        None | Some(0) => bucket,
        Some(shift) => ((bucket - shift * STEPS + 1) << shift) - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_duration_falls_into_a_bucket_that_ends_at_or_just_after_it() {
        for nanos in (0..2000).chain((11..40).flat_map(|power| [(1 << power) - 1, 1 << power, (1 << power) + 77])) {
            let end = upper_end(bucket(nanos));
            assert!(nanos <= end && end - nanos <= nanos / STEPS, "{nanos} in a bucket to {end}");
        }
    }

    #[test]
    fn percentiles_are_those_of_the_calls() {
        let mut latency = Latency::default();
        assert_eq!(latency.percentile(50.0), None);
        (1..=100).for_each(|micros| latency.add(Duration::from_micros(micros)));
        for percent in [1, 50, 99, 100] {
            let found = latency.percentile(f64::from(percent)).unwrap().as_nanos();
            let right = u128::from(percent as u32) * 1000;
            assert!((right..=right + right / 30).contains(&found), "{percent}: {found}");
        }
        let mut twice = latency.clone();
        twice.merge(&latency);
        assert_eq!((twice.count(), twice.percentile(50.0)), (200, latency.percentile(50.0)));
    }

    #[test]
    fn a_call_that_never_ends_counts_as_the_longest() {
        let mut latency = Latency::default();
        latency.add(Duration::from_secs(100_000));
        assert!(latency.percentile(99.0) > Some(Duration::from_secs(500)));
    }
}
