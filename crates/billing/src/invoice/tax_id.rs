//! Tax ids, and what they look like in each country.
//!
//! Only the form is checked: whether the id exists, only its country's office can say. Countries whose form stands
//! here are those of the European Union and some whose tax on services from abroad knows a reverse charge.

/// A tax id as it is printed: capital letters and digits without blanks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxId {
    /// The id.
    pub text: String,
    /// Whether the form of its country is known here and the id has it.
    pub is_valid: bool,
}

/// Each country with its forms: `9` is a digit, `A` a letter, `X` either, and any other letter itself; `@9` is the
/// letter before it, where that would mean something else. The last digits of a form with `?` may be absent.
const FORMS: &[(&str, &[&str])] = &[
    ("AT", &["@ATU99999999"]),
    ("AU", &["99999999999"]),
    ("BE", &["BE0999999999", "BE1999999999"]),
    ("BG", &["BG999999999?"]),
    ("CA", &["999999999RT9999"]),
    ("CH", &["CHE999999999", "CHE999999999MWST", "CHE999999999TV@A", "CHE999999999IV@A"]),
    ("CY", &["CY99999999A"]),
    ("CZ", &["CZ99999999??"]),
    ("DE", &["DE999999999"]),
    ("DK", &["DK99999999"]),
    ("EE", &["EE999999999"]),
    ("ES", &["ESX9999999X"]),
    ("FI", &["FI99999999"]),
    ("FR", &["FRXX999999999"]),
    ("GB", &["GB999999999", "GB999999999999", "GBGD999", "GBH@A999", "@XI999999999"]),
    ("GR", &["EL999999999"]),
    ("HR", &["HR99999999999"]),
    ("HU", &["HU99999999"]),
    ("IE", &["IE9X99999A", "IE9999999AA"]),
    ("IN", &["99AAAAA9999AXZX"]),
    ("IT", &["IT99999999999"]),
    ("JP", &["T9999999999999"]),
    ("LT", &["LT999999999", "LT999999999999"]),
    ("LU", &["LU99999999"]),
    ("LV", &["LV99999999999"]),
    ("MT", &["MT99999999"]),
    ("NL", &["NL999999999B99"]),
    ("NO", &["999999999MV@A", "NO999999999MV@A"]),
    ("NZ", &["99999999?"]),
    ("PL", &["PL9999999999"]),
    ("PT", &["PT999999999"]),
    ("RO", &["RO99????????"]),
    ("SE", &["SE999999999901"]),
    ("SI", &["SI99999999"]),
    ("SK", &["SK9999999999"]),
    ("ZA", &["4999999999"]),
];

/// The longest id of a country whose form is not known here.
const LONGEST: usize = 30;

/// Reads an id of a country. People write blanks, dots and dashes into them; those go.
///
/// # Errors
/// What is wrong with it and what would be right.
pub fn read_tax_id(country: &str, text: &str) -> Result<TaxId, String> {
    let text: String =
        text.chars().filter(|letter| !letter.is_whitespace() && !".-/".contains(*letter)).collect::<String>();
    let text = text.to_uppercase();
    if !text.chars().all(|letter| letter.is_ascii_alphanumeric()) || text.is_empty() || text.len() > LONGEST {
        return Err(format!("a tax id of 1 to {LONGEST} letters and digits"));
    }
    let Ok(at) = FORMS.binary_search_by_key(&country, |(country, _)| country) else {
        return Ok(TaxId { text, is_valid: false });
    };
    let forms = FORMS[at].1;
    // Many write the digits alone.
    let with_country = format!("{}{text}", if country == "GR" { "EL" } else { country });
    match [text, with_country].into_iter().find(|text| forms.iter().any(|form| has_form(text, form))) {
        Some(text) => Ok(TaxId { text, is_valid: true }),
        None => {
            let examples = forms.iter().map(|form| example(form)).collect::<Vec<_>>().join(" or ");
            Err(format!("a tax id of {country} looks like {examples}"))
        }
    }
}

fn has_form(text: &str, form: &str) -> bool {
    let mut letters = text.chars();
    let mut is_literal = false;
    for sign in form.chars() {
        if sign == '@' && !is_literal {
            is_literal = true;
            continue;
        }
        let letter = letters.next();
        let fits = match (sign, letter) {
            (_, Some(letter)) if is_literal => letter == sign,
            ('9', Some(letter)) => letter.is_ascii_digit(),
            ('A', Some(letter)) => letter.is_ascii_uppercase(),
            ('X', Some(letter)) => letter.is_ascii_alphanumeric(),
            ('?', letter) => letter.is_none_or(|letter| letter.is_ascii_digit()),
            (sign, Some(letter)) => letter == sign,
            (_, None) => false,
        };
        is_literal = false;
        if !fits {
            return false;
        }
    }
    letters.next().is_none()
}

/// A form with something in it.
fn example(form: &str) -> String {
    let mut shown = String::new();
    let mut is_literal = false;
    for sign in form.chars() {
        match sign {
            '@' => {
                is_literal = true;
                continue;
            }
            'X' if !is_literal => shown.push('X'),
            '?' => {}
            '9' => shown.push(char::from(b'1' + (shown.len() % 9) as u8)),
            other => shown.push(other),
        }
        is_literal = false;
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_takes_its_own_form() {
        assert!(FORMS.is_sorted_by_key(|(country, _)| *country), "the search needs order");
        for (country, forms) in FORMS {
            for form in *forms {
                let id = read_tax_id(country, &example(form)).unwrap();
                assert!(id.is_valid, "{country} {form} {id:?}");
                let wrong = read_tax_id(country, &format!("{}9999999999", example(form)));
                assert!(wrong.is_err(), "{country} {form} {wrong:?}");
            }
        }
    }

    #[test]
    fn real_ids_are_read_as_people_write_them() {
        for (country, text, read) in [
            ("DE", "DE 123 456 788", "DE123456788"),
            ("DE", "123456788", "DE123456788"),
            ("AT", "ATU12345675", "ATU12345675"),
            ("FR", "fr 40 303 265 045", "FR40303265045"),
            ("NL", "NL004495445B01", "NL004495445B01"),
            ("IE", "IE6388047V", "IE6388047V"),
            ("IE", "3628739UA", "IE3628739UA"),
            ("ES", "ESX9999999X", "ESX9999999X"),
            ("CH", "CHE-123.456.788 MWST", "CHE123456788MWST"),
            ("GR", "094259216", "EL094259216"),
            ("GB", "GB 980 7806 84", "GB980780684"),
            ("GB", "XI110305878", "XI110305878"),
            ("NO", "NO 974 760 673 MVA", "NO974760673MVA"),
            ("IN", "27AAPFU0939F1ZV", "27AAPFU0939F1ZV"),
            ("RO", "RO18547290", "RO18547290"),
        ] {
            assert_eq!(read_tax_id(country, text), Ok(TaxId { text: read.to_owned(), is_valid: true }), "{text}");
        }
    }

    #[test]
    fn what_has_another_form_is_refused_or_not_valid() {
        for (country, text) in [
            ("DE", "DE12345678"),
            ("DE", "FR40303265045"),
            ("AT", "AT12345675"),
            ("DE", ""),
            ("DE", "DE12345678\u{664}"),
        ] {
            assert!(read_tax_id(country, text).is_err(), "{country} {text}");
        }
        assert_eq!(read_tax_id("DE", "12").unwrap_err(), "a tax id of DE looks like DE345678912");
        assert!(!read_tax_id("US", "12-3456789").unwrap().is_valid);
        assert!(read_tax_id("US", "<script>").is_err());
    }
}
