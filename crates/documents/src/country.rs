//! Countries by their names, as they stand in addresses.

/// Two letters and a name a line, in order: ISO 3166-1, by the short names that people use.
const COUNTRIES: &str = include_str!("countries.txt");

/// The name of a country; its letters where none is known.
pub(crate) fn name(code: &str) -> &str {
    let mut known = COUNTRIES.lines().filter_map(|line| line.split_once(' '));
    known.find(|(letters, _)| *letters == code).map_or(code, |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_country() {
        let codes: Vec<&str> = COUNTRIES.lines().map(|line| &line[..2]).collect();
        assert!(codes.len() == 249 && codes.is_sorted_by(|one, next| one < next));
        for code in codes {
            assert!(name(code).len() > 2 && code.bytes().all(|letter| letter.is_ascii_uppercase()), "{code}");
        }
        assert_eq!(["DE", "TR", "XX", ""].map(name), ["Germany", "Türkiye", "XX", ""]);
    }
}
