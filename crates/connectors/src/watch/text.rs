//! The inside of a JSON string, read in pieces.

use memchr::memchr2;

/// A string that is being read: the length of what it says, and its first bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Text {
    /// How many bytes of UTF-8 it stands for, escapes resolved.
    pub bytes: u64,
    start: [u8; Text::KEPT],
    kept: usize,
    escape: Escape,
}

#[derive(Clone, Copy, Debug, Default)]
enum Escape {
    #[default]
    No,
    Begun,
    /// So many hexadecimal digits of a code unit are still to come.
    Unit {
        left: u8,
        value: u16,
    },
}

impl Text {
    /// The longest names that are looked for are shorter.
    pub(super) const KEPT: usize = 24;

    /// A whole string without escapes.
    pub(super) fn plain(text: &[u8]) -> Self {
        let mut plain = Self::default();
        plain.keep(text);
        plain
    }

    /// Reads on behind the opening quote. The number of bytes up to and with the closing quote, or
    /// `None` when it has not come yet.
    pub(super) fn read(&mut self, piece: &[u8]) -> Option<usize> {
        let mut at = 0;
        while at < piece.len() {
            match self.escape {
                Escape::No => {
                    let plain = memchr2(b'"', b'\\', &piece[at..]).unwrap_or(piece.len() - at);
                    self.keep(&piece[at..at + plain]);
                    at += plain + 1;
                    match piece.get(at - 1) {
                        Some(b'"') => return Some(at),
                        Some(_) => self.escape = Escape::Begun,
                        None => return None,
                    }
                }
                Escape::Begun => {
                    self.escape = match piece[at] {
                        b'u' => Escape::Unit { left: 4, value: 0 },
                        _ => self.resolved(1),
                    };
                    at += 1;
                }
                Escape::Unit { left, value } => {
                    let digit = char::from(piece[at]).to_digit(16).unwrap_or(0) as u16;
                    let value = value << 4 | digit;
                    self.escape = match left {
                        1 => self.resolved(utf8_length(value)),
                        _ => Escape::Unit { left: left - 1, value },
                    };
                    at += 1;
                }
            }
        }
        None
    }

    /// Its first bytes, as many as any name has that is looked for. A string with an escape is no name.
    pub(super) fn start(&self) -> &[u8] {
        &self.start[..self.kept.min(Self::KEPT)]
    }

    /// The whole string, when it is short enough to be a name.
    pub(super) fn name(&self) -> Option<&[u8]> {
        (self.kept as u64 == self.bytes && self.kept <= Self::KEPT).then(|| self.start())
    }

    fn keep(&mut self, plain: &[u8]) {
        self.bytes += plain.len() as u64;
        if self.kept < Self::KEPT {
            let some = plain.len().min(Self::KEPT - self.kept);
            self.start[self.kept..self.kept + some].copy_from_slice(&plain[..some]);
            self.kept += some;
        }
    }

    fn resolved(&mut self, bytes: u64) -> Escape {
        self.bytes += bytes;
        Escape::No
    }
}

/// Of the character that a UTF-16 code unit stands for; of half of it, for one half of a pair.
fn utf8_length(unit: u16) -> u64 {
    match unit {
        0..0x80 => 1,
        0x80..0x800 | 0xd800..0xe000 => 2,
        _ => 3,
    }
}
