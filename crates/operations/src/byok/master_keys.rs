//! The keys that seal all others. They stand in a file or the environment of the server, never in the database.
//!
//! As text: one a line, a name and 64 hexadecimal digits; lines that begin with `#` are comments, and commas may
//! stand for line breaks. The first one seals; the others only open what was sealed before.

use thiserror::Error;
use zeroize::Zeroizing;

/// Master keys, the one that seals first. Never empty.
#[derive(Clone)]
pub struct MasterKeys(Vec<MasterKey>);

/// One of them. It has no `Debug` and no `Serialize`, and is wiped when it is dropped.
#[derive(Clone)]
pub struct MasterKey {
    name: String,
    bytes: Zeroizing<[u8; 32]>,
}

/// Why a text holds no master keys. No part of a key is repeated.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum MasterKeysError {
    /// There is none.
    #[error("there is no master key in it; `tare keys new FILE` makes one")]
    Empty,
    /// A line is not a name and a key.
    #[error("line {0} is not a name and 64 hexadecimal digits, such as `2026-11 0123...`")]
    Line(usize),
    /// A name stands there twice.
    #[error("two master keys are called {0}; each needs a name of its own")]
    Twice(String),
}

const LONGEST_NAME: usize = 64;

impl MasterKeys {
    /// Reads the text.
    ///
    /// # Errors
    /// When there is none, a line cannot be read, or a name is there twice.
    pub fn parse(text: &str) -> Result<Self, MasterKeysError> {
        let mut keys: Vec<MasterKey> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if line.trim_start().starts_with('#') {
                continue;
            }
            for item in line.split(',').map(str::trim).filter(|item| !item.is_empty()) {
                let key = MasterKey::parse(item).ok_or(MasterKeysError::Line(index + 1))?;
                if keys.iter().any(|other| other.name == key.name) {
                    return Err(MasterKeysError::Twice(key.name));
                }
                keys.push(key);
            }
        }
        match keys.is_empty() {
            true => Err(MasterKeysError::Empty),
            false => Ok(Self(keys)),
        }
    }

    /// The one that seals.
    pub fn current(&self) -> &MasterKey {
        &self.0[0]
    }

    /// The one of that name.
    pub fn find(&self, name: &str) -> Option<&MasterKey> {
        self.0.iter().find(|key| key.name == name)
    }

    /// The names of all.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(MasterKey::name)
    }
}

impl MasterKey {
    /// What it is called: letters, digits, `-`, `_` and `.`.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// The line of a new key, from 256 random bits.
    pub fn line(name: &str, random: [u8; 32]) -> Zeroizing<String> {
        let random = Zeroizing::new(random);
        let mut line = Zeroizing::new(String::with_capacity(name.len() + 66));
        line.push_str(name);
        line.push(' ');
        for byte in random.iter() {
            for digit in [byte >> 4, byte & 15] {
                line.push(char::from_digit(digit.into(), 16).expect("a digit below 16"));
            }
        }
        line
    }

    fn parse(line: &str) -> Option<Self> {
        let (name, hex) = line.split_once(char::is_whitespace)?;
        let is_plain = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.".contains(&letter);
        let hex = hex.trim();
        if name.len() > LONGEST_NAME || !name.bytes().all(is_plain) || hex.len() != 64 {
            return None;
        }
        let mut bytes = Zeroizing::new([0; 32]);
        for (byte, pair) in bytes.iter_mut().zip(hex.as_bytes().chunks(2)) {
            let digit = |letter: u8| char::from(letter).to_digit(16);
            *byte = u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()?;
        }
        Some(Self { name: name.to_owned(), bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_wrong_ones_are_told_without_the_keys() {
        let (one, two) = (MasterKey::line("one", [1; 32]), MasterKey::line("two", [0xab; 32]));
        let keys = MasterKeys::parse(&format!("# comment, with a comma\n{}\n\n  {}\n", *one, *two)).ok().unwrap();
        assert_eq!(keys.names().collect::<Vec<_>>(), ["one", "two"]);
        assert_eq!((keys.current().name(), keys.find("two").unwrap().bytes()), ("one", &[0xab; 32]));
        assert!(keys.find("three").is_none());
        let in_one_line = MasterKeys::parse(&format!("{}, {}", *two, *one)).ok().unwrap();
        assert_eq!(in_one_line.current().name(), "two");

        let wrong = |text: &str| MasterKeys::parse(text).err().unwrap();
        assert_eq!(wrong(" \n# none\n"), MasterKeysError::Empty);
        assert_eq!(wrong(&format!("{}\n{}", *one, *one)), MasterKeysError::Twice("one".to_owned()));
        for line in ["one", "one 0123", &format!("one {}", "g".repeat(64)), &format!("a/b {}", "0".repeat(64))] {
            assert_eq!(wrong(&format!("# x\n{line}")), MasterKeysError::Line(2), "{line}");
        }
    }
}
