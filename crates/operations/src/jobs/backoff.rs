//! When a job that failed is tried again.

use units::Seconds;

/// The waits after the first, second, ... failure: two days in all. After the last one comes no other.
const WAITS: [Seconds; 9] = [
    Seconds(10),
    Seconds(60),
    Seconds(5 * 60),
    Seconds(15 * 60),
    Seconds(60 * 60),
    Seconds(3 * 3600),
    Seconds(6 * 3600),
    Seconds(12 * 3600),
    Seconds(24 * 3600),
];

/// How long to wait after this many attempts; `None` when it is time to give up.
pub(super) fn wait_after(attempts: u32) -> Option<Seconds> {
    WAITS.get(attempts.saturating_sub(1) as usize).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let waits: Vec<Seconds> = (1..).map_while(wait_after).collect();
        assert!(waits.is_sorted() && waits.len() == 9);
        assert_eq!(wait_after(10), None);
    }
}
