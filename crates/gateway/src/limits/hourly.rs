//! How often one household may ask for free models.
//!
//! Exact: in no stretch of an hour are there more than the limit, wherever the stretch begins. Each
//! process counts for itself, and forgets when it ends.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use units::Instant;

/// The times of the last requests of each household.
#[derive(Debug, Default)]
pub(crate) struct Hourly {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    times: HashMap<IpAddr, VecDeque<Instant>>,
    last_cleaned: Option<Instant>,
}

const HOUR_MICROS: i64 = 3_600_000_000;
/// Old entries are thrown away this often.
const CLEAN_MICROS: i64 = 60_000_000;

impl Hourly {
    /// Counts a request, or answers in how many whole seconds the next one is welcome.
    pub(crate) fn take(&self, household: IpAddr, limit: u32, now: Instant) -> Result<(), u64> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.clean(now);
        let times = seen.times.entry(household).or_default();
        forget_old(times, now);
        if times.len() < limit as usize {
            times.push_back(now);
            return Ok(());
        }
        let oldest = times.front().map_or(now.micros(), |first| first.micros());
        let wait = oldest.saturating_add(HOUR_MICROS).saturating_sub(now.micros());
        Err(u64::try_from(wait).unwrap_or(0).div_ceil(1_000_000).max(1))
    }
}

impl Seen {
    fn clean(&mut self, now: Instant) {
        let is_due = self.last_cleaned.is_none_or(|last| now.micros().saturating_sub(last.micros()) >= CLEAN_MICROS);
        if is_due {
            self.last_cleaned = Some(now);
            self.times.retain(|_, times| {
                forget_old(times, now);
                !times.is_empty()
            });
        }
    }
}

fn forget_old(times: &mut VecDeque<Instant>, now: Instant) {
    while times.front().is_some_and(|first| now.micros().saturating_sub(first.micros()) >= HOUR_MICROS) {
        times.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn no_hour_has_more_than_the_limit() {
        let hourly = Hourly::default();
        let [one, two]: [IpAddr; 2] = ["10.0.0.1", "10.0.0.2"].map(|text| text.parse().unwrap());
        for second in [0, 1, 3598] {
            assert_eq!(hourly.take(one, 3, at(second)), Ok(()));
        }
        assert_eq!(hourly.take(one, 3, at(3599)), Err(1));
        assert_eq!(hourly.take(two, 3, at(3599)), Ok(()));
        assert_eq!(hourly.take(one, 3, at(3600)), Ok(()));
        assert_eq!(hourly.take(one, 3, at(3600)), Err(1));
        assert_eq!(hourly.take(one, 3, at(3601)), Ok(()));
        assert_eq!(hourly.take(one, 3, at(3602)), Err(3596));
        assert_eq!(hourly.take(one, 0, at(9999)), Err(3600));
    }

    #[test]
    fn households_that_stay_away_are_forgotten() {
        let hourly = Hourly::default();
        for n in 0..1000u32 {
            hourly.take(IpAddr::from(n.to_be_bytes()), 3, at(0)).unwrap();
        }
        hourly.take("10.0.0.1".parse().unwrap(), 3, at(3600)).unwrap();
        assert_eq!(hourly.seen.lock().unwrap().times.len(), 1);
    }
}
