//! Plain decimal text to scaled integers and back.
//!
//! The one place where a money string is read or written. Digits are integers from the first
//! character on; a float never exists. Scientific notation is accepted on the way in, because
//! providers report costs as JSON numbers such as `1.5e-7`; it is never written.

use std::fmt;

use thiserror::Error;

/// Why a text is not an amount. The message says what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseDecimalError {
    /// The text is not a decimal number at all.
    #[error("`{0}` is not a decimal number such as 12.50")]
    NotANumber(String),
    /// More decimal places than the unit can carry exactly.
    #[error("`{text}` has more than {places} decimal places")]
    TooManyPlaces {
        /// What was read.
        text: String,
        /// How many places fit.
        places: u32,
    },
    /// Larger than the unit can count.
    #[error("`{0}` is too large")]
    TooLarge(String),
}

/// What to do with digits beyond the last place that the unit carries.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beyond {
    /// Refuse unless they are zeros.
    Refuse,
    /// Round half away from zero at the last place.
    HalfUp,
}

/// Long enough for every honest number, short enough that parsing cannot be made slow.
const LONGEST_TEXT: usize = 96;

/// Reads `text` as an integer count of 10^-`places`.
pub(crate) fn parse(text: &str, places: u32, beyond: Beyond) -> Result<i128, ParseDecimalError> {
    let not_a_number = || ParseDecimalError::NotANumber(shortened(text));
    let too_large = || ParseDecimalError::TooLarge(shortened(text));
    if text.is_empty() || text.len() > LONGEST_TEXT {
        return Err(not_a_number());
    }
    let (negative, unsigned) = match text.as_bytes()[0] {
        b'-' => (true, &text[1..]),
        _ => (false, text),
    };
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], parse_exponent(&unsigned[at + 1..]).ok_or_else(not_a_number)?),
        None => (unsigned, 0),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(not_a_number()),
        None => (mantissa, ""),
    };
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return Err(not_a_number());
    }

    // The digits stand for an integer times 10^-(fraction length - exponent).
    let scale = fraction.len() as i64 - exponent;
    let kept_fraction = i64::from(places) - scale;
    let mut value: i128 = 0;
    let digits = whole.len() + fraction.len();
    // Digits from this index on lie beyond the last place.
    let cut = (digits as i64 + kept_fraction.min(0)).max(0) as usize;
    let mut first_dropped = None;
    for (index, byte) in whole.bytes().chain(fraction.bytes()).enumerate() {
        let digit = i128::from(byte - b'0');
        if index < cut {
            value = value.checked_mul(10).and_then(|v| v.checked_add(digit)).ok_or_else(too_large)?;
            continue;
        }
        if digit != 0 && beyond == Beyond::Refuse {
            return Err(ParseDecimalError::TooManyPlaces { text: shortened(text), places });
        }
        // The digit right after the cut decides; when the cut lies left of every digit by more than
        // one place, the dropped number is below a tenth of the last place and rounds to zero.
        if index == cut && digits as i64 + kept_fraction >= 0 {
            first_dropped = Some(digit);
        }
    }
    if first_dropped.is_some_and(|digit| digit >= 5) {
        value += 1;
    }
    for _ in 0..kept_fraction.max(0) {
        if value == 0 {
            break;
        }
        value = value.checked_mul(10).ok_or_else(too_large)?;
    }
    Ok(if negative { -value } else { value })
}

fn parse_exponent(text: &str) -> Option<i64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned.is_empty() || unsigned.len() > 3 || !unsigned.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let size: i64 = unsigned.parse().ok()?;
    Some(if text.starts_with('-') { -size } else { size })
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

/// Writes an integer count of 10^-`places` with at least `least` places and no needless zeros, padded to
/// the width that the caller asks for, so that amounts stand in columns.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, value: i128, places: usize, least: usize) -> fmt::Result {
    let unit = 10u128.pow(places as u32);
    let size = value.unsigned_abs();
    let sign = if value < 0 { "-" } else { "" };
    let fraction = format!("{:0places$}", size % unit);
    let significant = fraction.trim_end_matches('0').len().max(least);
    if significant == 0 {
        return f.pad(&format!("{sign}{}", size / unit));
    }
    f.pad(&format!("{sign}{}.{}", size / unit, &fraction[..significant]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(text: &str) -> i128 {
        parse(text, 9, Beyond::Refuse).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn reads_plain_and_scientific_text_exactly() {
        assert_eq!(exact("12.345678901"), 12_345_678_901);
        assert_eq!(exact("-0.000000001"), -1);
        assert_eq!(exact("1.5e-7"), 150);
        assert_eq!(exact("1E3"), 1_000_000_000_000);
        assert_eq!(exact("100e-2"), 1_000_000_000);
        assert_eq!(exact("0.1000000000000"), 100_000_000);
        assert_eq!(exact("0e999"), 0);
    }

    #[test]
    fn refuses_what_is_not_a_number() {
        for text in ["", "-", ".", "1.", ".5", "+1", "1,5", " 1", "1e", "1e1234", "0x1", "NaN", "1_0", "--1", "١"] {
            assert!(matches!(parse(text, 9, Beyond::Refuse), Err(ParseDecimalError::NotANumber(_))), "{text}");
        }
        assert!(matches!(parse("0.0000000001", 9, Beyond::Refuse), Err(ParseDecimalError::TooManyPlaces { .. })));
        assert!(matches!(parse("1e90", 9, Beyond::Refuse), Err(ParseDecimalError::TooLarge(_))));
    }

    #[test]
    fn rounds_half_up_beyond_the_last_place_only_when_asked() {
        let round = |text| parse(text, 2, Beyond::HalfUp).unwrap();
        assert_eq!(round("0.005"), 1);
        assert_eq!(round("0.0049999"), 0);
        assert_eq!(round("0.05e-1"), 1);
        assert_eq!(round("9e-3"), 1);
        assert_eq!(round("9e-4"), 0);
        assert_eq!(round("-0.005"), -1);
    }
}
