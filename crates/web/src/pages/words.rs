//! How amounts and moments are shown to people.

use units::{Amount, Instant};

/// At least two places, and more where the amount has them, up to six; rounded down, never up.
pub(super) fn money(amount: Amount) -> String {
    let text = amount.to_string();
    let (whole, places) = text.split_once('.').unwrap_or((&text, "00"));
    let kept = &places[..places.len().min(6)];
    let kept = kept.trim_end_matches('0');
    format!("${whole}.{kept:0<2}")
}

/// A day and a minute, in UTC.
pub(super) fn moment(at: Instant) -> String {
    let text = at.to_string();
    match text.get(..16) {
        Some(short) => format!("{} UTC", short.replace('T', " ")),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_two_to_six_places() {
        let shown = |text: &str| money(text.parse().unwrap());
        assert_eq!(shown("5"), "$5.00");
        assert_eq!(shown("4.9999999"), "$4.999999");
        assert_eq!(shown("0.1"), "$0.10");
        assert_eq!(shown("12.345"), "$12.345");
        assert_eq!(shown("0.000000001"), "$0.00");
        assert_eq!(moment("2026-01-31T12:34:56.5Z".parse().unwrap()), "2026-01-31 12:34 UTC");
    }
}
