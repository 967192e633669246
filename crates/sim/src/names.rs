//! Short names for ids, so that stories can be read aloud.
//!
//! A name is the UUID: its letters are the bytes, padded with zeros. So no table is needed to print one,
//! and ids sort as their names do, which a story about the order of use relies on.

use units::{CorrectionId, DisputeId, GrantId, HoldId, MoveId, RefundId, WalletId};
use uuid::Uuid;

/// The UUID of a name; `None` when it is not 1 to 16 lower-case letters, digits, `-` or `_`. An id that the ledger
/// made for itself has no name and stands for itself, as 32 hexadecimal digits.
pub fn uuid(name: &str) -> Option<Uuid> {
    if name.len() == 32 {
        return Uuid::try_parse(name).ok();
    }
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
    if name.is_empty() || name.len() > 16 || !name.bytes().all(is_plain) {
        return None;
    }
    let mut bytes = [0; 16];
    bytes[..name.len()].copy_from_slice(name.as_bytes());
    Some(Uuid::from_bytes(bytes))
}

/// The name of a UUID that was made from one; other UUIDs are printed as they are.
pub fn name(uuid: Uuid) -> String {
    let bytes = uuid.into_bytes();
    let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    match std::str::from_utf8(&bytes[..length]) {
        Ok(text) if self::uuid(text) == Some(uuid) => text.to_owned(),
        _ => uuid.as_simple().to_string(),
    }
}

/// A text of the ledger with the names instead of the ids in it.
pub fn in_words(text: &str) -> String {
    let mut words = text.to_owned();
    let of_books = [WalletId::PREFIX, GrantId::PREFIX, HoldId::PREFIX];
    let of_amendments = [RefundId::PREFIX, DisputeId::PREFIX, CorrectionId::PREFIX, MoveId::PREFIX];
    for prefix in of_books.into_iter().chain(of_amendments) {
        let opening = format!("{prefix}_");
        while let Some(start) = words.find(&opening) {
            let end = (start + opening.len() + 32).min(words.len());
            let Some(id) = words.get(start + opening.len()..end).and_then(|hex| Uuid::try_parse(hex).ok()) else {
                break;
            };
            words.replace_range(start..end, &name(id));
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_ids_are_the_same_thing_in_the_same_order() {
        for text in ["g1", "a", "exactly-16-bytes"] {
            assert_eq!(name(uuid(text).unwrap()), text);
        }
        assert!(uuid("g1") < uuid("g10") && uuid("g10") < uuid("g2"));
        let made = Uuid::from_u128(7 << 100);
        assert_eq!(uuid(&name(made)), Some(made));
        for text in ["", "G1", "a b", "seventeen-letters"] {
            assert_eq!(uuid(text), None);
        }
        assert_eq!(name(Uuid::from_u128(7)), "00000000000000000000000000000007");
    }

    #[test]
    fn messages_name_what_they_are_about() {
        let hold = HoldId::from_uuid(uuid("h1").unwrap());
        assert_eq!(in_words(&format!("hold {hold} was released, not {hold}")), "hold h1 was released, not h1");
        assert_eq!(in_words("hld_ is a prefix"), "hld_ is a prefix");
    }
}
