//! What people type, checked; and how they are called in letters.

use billing::Role;
use store::Tx;

use crate::{Caller, Error};

const LONGEST_NAME: usize = 100;
/// Browsers name others first and themselves last.
const LONGEST_CLIENT: usize = 200;
/// The longest mail address.
pub(crate) const LONGEST_EMAIL: usize = 254;

/// A name without spaces around it.
pub(crate) fn name(field: &'static str, text: &str) -> Result<String, Error> {
    let text = text.trim();
    let is_name = (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    match is_name {
        true => Ok(text.to_owned()),
        false => Err(Error::Invalid { field, reason: format!("a name of 1 to {LONGEST_NAME} characters") }),
    }
}

/// A mail address in small letters. Whether somebody reads it shows the code that is sent there; here it must
/// only be possible, and must not carry a second header or a second address.
pub(crate) fn email(text: &str) -> Result<String, Error> {
    let text = text.trim();
    let wrong = || Error::Invalid { field: "email", reason: "a mail address such as ana@example.com".to_owned() };
    let (mailbox, domain) = text.rsplit_once('@').ok_or_else(wrong)?;
    let is_plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !"<>()[],;:\\\"@".contains(letter);
    let is_label = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
    let is_address = text.len() <= LONGEST_EMAIL
        && !mailbox.is_empty()
        && mailbox.chars().all(is_plain)
        && domain.chars().all(|letter| letter.is_alphanumeric() || letter == '-' || letter == '.')
        && domain.split('.').all(is_label);
    match is_address {
        true => Ok(text.to_lowercase()),
        false => Err(wrong()),
    }
}

/// What a browser or device calls itself: for people to recognise it by, so it is only shortened.
pub(crate) fn client(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(LONGEST_CLIENT).collect::<String>().trim().to_owned()
}

/// Who asks, as a letter names them. The command line speaks for the organization.
pub(crate) async fn person(tx: &mut Tx<'_>, caller: &Caller, organization: &str) -> Result<String, Error> {
    let user = match caller.user() {
        Some(user) => tx.find_user(user).await?,
        None => None,
    };
    Ok(user.map_or_else(|| organization.to_owned(), |user| user.display_name.or(user.email).unwrap_or(user.name)))
}

/// A role, as a letter names it.
pub(crate) fn role(role: Role) -> String {
    role.name().replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_addresses() {
        for (text, email) in [
            (" Ana@Example.COM ", "ana@example.com"),
            ("a.b+c@sub.example.org", "a.b+c@sub.example.org"),
            ("root@localhost", "root@localhost"),
            ("ÄNN@müller.example", "änn@müller.example"),
        ] {
            assert_eq!(super::email(text).unwrap(), email);
        }
        for text in [
            "",
            "ana",
            "@example.com",
            "ana@",
            "ana@@example.com",
            "ana@b@example.com",
            "ana@example..com",
            "ana@-example.com",
            "ana@exa mple.com",
            "ana@example.com\r\nBcc: eve@example.com",
            "ana@example.com,eve@example.com",
            "<ana@example.com>",
            &format!("{}@example.com", "x".repeat(250)),
        ] {
            assert_eq!(super::email(text).unwrap_err().code(), "invalid_field", "{text:?}");
        }
    }

    #[test]
    fn names_are_short_and_of_one_line() {
        assert_eq!(name("name", "  Acme  ").unwrap(), "Acme");
        for text in ["", "   ", "a\nb", &"x".repeat(101)] {
            assert_eq!(name("name", text).unwrap_err().to_string(), "name: a name of 1 to 100 characters");
        }
        assert_eq!(client("curl\r\n/8"), "curl/8");
        assert_eq!(client(&"x".repeat(500)).len(), 200);
    }
}
