//! Signing a device in by saying yes in a browser.

mod start;
pub use start::{DEVICE_CODE_LIFE, StartDevice, StartedDevice, start};

mod poll;
pub use poll::{Polled, poll};

mod decide;
pub use decide::{WaitingDevice, approve, deny, find};

use crate::secret::content_hash;

/// Letters and digits that nobody takes for one another: no 0 and O, no 1 and I.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
const LENGTH: usize = 8;

/// Such as `K7QM-2XHP`, from 256 random bits, of which it takes 40.
fn code(random: [u8; 32]) -> String {
    let mut code: String = random[..LENGTH].iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    code.insert(LENGTH / 2, '-');
    code
}

/// What is stored of a code, however it was typed. `None` for a text that cannot be one.
fn code_hash(text: &str) -> Option<[u8; 32]> {
    let letters: String =
        text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect::<String>().to_uppercase();
    let is_code = letters.len() == LENGTH && letters.bytes().all(|letter| ALPHABET.contains(&letter));
    is_code.then(|| content_hash(&format!("device {letters}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        let mut random = [0; 32];
        random[..8].copy_from_slice(&[0, 31, 32, 63, 7, 200, 255, 128]);
        assert_eq!(code(random), "A9A9-HJ9A");
        let hash = code_hash("A9A9-HJ9A");
        assert!(hash.is_some());
        for text in ["a9a9-hj9a", " A9A9 HJ9A ", "a9a9hj9a"] {
            assert_eq!(code_hash(text), hash, "{text}");
        }
        for text in ["", "A9A9-HJ9", "A9A9-HJ9AA", "A9A9-HJ90", "A9A9-HJ9I", "A9A9-HJ9é"] {
            assert_eq!(code_hash(text), None, "{text}");
        }
    }
}
