//! How amounts and moments are shown to people.

mod moment;
pub(super) use moment::{Moment, moment, on_day, until};

mod said;
pub(super) use said::Said;

use units::{Amount, Cents};

/// At least two places, and more where the amount has them, up to six; rounded down, never up.
pub(super) fn money(amount: Amount) -> String {
    let text = amount.to_string();
    let (whole, places) = text.split_once('.').unwrap_or((&text, "00"));
    let kept = &places[..places.len().min(6)];
    let kept = kept.trim_end_matches('0');
    format!("${}.{kept:0<2}", apart(whole))
}

/// Real money, with its thousands apart.
pub(super) fn dollars(amount: Cents) -> String {
    let text = amount.to_string();
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    let apart = apart(whole);
    format!("${apart}.{cents}")
}

/// 1234567 as `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    apart(&number.to_string())
}

fn apart(number: &str) -> String {
    let digits = number.trim_start_matches('-');
    let mut apart = number[..number.len() - digits.len()].to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
    }
    apart
}

/// What people call a browser that calls itself so: `Chrome on Linux`. Others go by the name that they give themselves.
pub(super) fn client(agent: &str) -> String {
    // Most name others too, to be taken for them: the rarer name is the true one.
    const BROWSERS: [(&str, &str); 5] =
        [("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Macintosh", "macOS"),
        ("Linux", "Linux"),
    ];
    let find =
        |known: &[(&str, &'static str)]| known.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name);
    match (agent.starts_with("Mozilla/"), find(&BROWSERS), find(&SYSTEMS)) {
        (true, Some(browser), Some(system)) => format!("{browser} on {system}"),
        (true, Some(browser), None) => browser.to_owned(),
        _ => agent.to_owned(),
    }
}

/// Where help is found, as a link: an address of the web or of mail; empty for any other text.
pub(super) fn help_at(support: &str) -> String {
    match support {
        web if web.starts_with("https://") || web.starts_with("http://") => web.to_owned(),
        mail if mail.contains('@') && !mail.contains(char::is_whitespace) => format!("mailto:{mail}"),
        _ => String::new(),
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
        assert_eq!(shown("1234567.5"), "$1,234,567.50");
        assert_eq!(dollars(Cents::from_count(1_000_000)), "$10,000.00");
        assert_eq!(dollars(Cents::from_count(500)), "$5.00");
    }

    #[test]
    fn thousands_stand_apart() {
        let shown = [0, 999, 1_000, 1_234_567].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([apart("-999"), apart("-1000")], ["-999", "-1,000"]);
    }

    #[test]
    fn a_browser_is_called_as_people_call_it() {
        let chrome =
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        let edge = format!("{chrome} Edg/156.0.0.0");
        let phone =
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1";
        assert_eq!(client(chrome), "Chrome on Linux");
        assert_eq!(client(&edge), "Edge on Linux");
        assert_eq!(client(phone), "Safari on iPhone");
        for own in ["Mozilla/5.0", "clippy/1.0", "Kilo CLI on Linux"] {
            assert_eq!(client(own), own);
        }
    }
}
