//! What recurs: periods, the pass, seats and failed payments, as rules without a store.

mod calendar;
mod drafts;
mod dunning;
mod lives;
mod money;
mod order_of_news;
mod pass;
mod python;
mod seats;

/// Whether this is a run of hours.
fn is_release() -> bool {
    std::env::var("TARE_TEST_SIZE").is_ok_and(|size| size == "release")
}

/// Reads what a test writes down: an instant, cents.
fn read<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}
