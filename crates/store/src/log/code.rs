//! How values are written into a page: whole numbers as varints, lists with their length, and what comes again as that.
//!
//! A value has no name and no type in the bytes; reading asks for the same values in the same order. So a change
//! of any of the types in a page is a new version of the log, see [`super::page`].

use std::hash::Hash;

use foldhash::{HashMap, HashMapExt};
use units::WalletId;

use super::recent::Recent;

/// Bytes that grow, the wallet whose page it is, since its id is written once and not with everything in it, and what the
/// page said lately.
pub(super) struct Out {
    pub bytes: Vec<u8>,
    pub own: WalletId,
    pub recent: Recent,
}

/// Bytes that are read.
pub(super) struct In<'a> {
    pub bytes: &'a [u8],
    pub own: WalletId,
    pub recent: Recent,
}

impl<'a> In<'a> {
    /// The page of a wallet.
    pub(super) const fn page(own: WalletId, bytes: &'a [u8]) -> Self {
        Self { bytes, own, recent: Recent::new() }
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(*array)
    }
}

/// What a page can hold.
pub(super) trait Code: Sized {
    fn encode(&self, out: &mut Out);
    /// `None` when the bytes are not such a value.
    fn decode(from: &mut In<'_>) -> Option<Self>;
    /// Puts the value where another one was, into the room that it had.
    fn decode_into(&mut self, from: &mut In<'_>) -> Option<()> {
        *self = Self::decode(from)?;
        Some(())
    }
}

/// Seven bits a byte, the lowest first; the highest bit of a byte says that more follow.
macro_rules! varint {
    ($($number:ident)*) => {$(
        impl Code for $number {
            fn encode(&self, out: &mut Out) {
                let mut rest = *self;
                while rest >= 0x80 {
                    out.bytes.push(rest as u8 | 0x80);
                    rest >>= 7;
                }
                out.bytes.push(rest as u8);
            }

            fn decode(from: &mut In<'_>) -> Option<Self> {
                let mut number = 0;
                for shift in (0..Self::BITS).step_by(7) {
                    let [byte] = from.array()?;
                    number |= Self::from(byte & 0x7f) << shift;
                    if byte < 0x80 {
                        return Some(number);
                    }
                }
                None
            }
        }
    )*};
}

varint!(u64 u128);

/// Folded into the unsigned number of its width, so that small numbers of either sign are short.
macro_rules! zigzag {
    ($($number:ident in $folded:ident)*) => {$(
        impl Code for $number {
            fn encode(&self, out: &mut Out) {
                (((self << 1) ^ (self >> (Self::BITS - 1))) as $folded).encode(out);
            }

            fn decode(from: &mut In<'_>) -> Option<Self> {
                let number = $folded::decode(from)?;
                Some((number >> 1) as Self ^ -((number & 1) as Self))
            }
        }
    )*};
}

zigzag!(i64 in u64 i128 in u128);

impl Code for u8 {
    fn encode(&self, out: &mut Out) {
        out.bytes.push(*self);
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        from.array().map(|[byte]| byte)
    }
}

impl Code for bool {
    fn encode(&self, out: &mut Out) {
        u8::from(*self).encode(out);
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        match u8::decode(from)? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl Code for u32 {
    fn encode(&self, out: &mut Out) {
        u64::from(*self).encode(out);
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        u64::decode(from)?.try_into().ok()
    }
}

impl<const N: usize> Code for [u8; N] {
    fn encode(&self, out: &mut Out) {
        out.bytes.extend_from_slice(self);
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        from.array()
    }
}

impl Code for String {
    fn encode(&self, out: &mut Out) {
        self.len().encode(out);
        out.bytes.extend_from_slice(self.as_bytes());
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        let length = usize::decode(from)?;
        let (text, rest) = from.bytes.split_at_checked(length)?;
        from.bytes = rest;
        std::str::from_utf8(text).ok().map(str::to_owned)
    }
}

impl Code for usize {
    fn encode(&self, out: &mut Out) {
        (*self as u64).encode(out);
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        u64::decode(from)?.try_into().ok()
    }
}

impl<T: Code> Code for Option<T> {
    fn encode(&self, out: &mut Out) {
        self.is_some().encode(out);
        if let Some(value) = self {
            value.encode(out);
        }
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        match bool::decode(from)? {
            true => T::decode(from).map(Some),
            false => Some(None),
        }
    }
}

impl<T: Code> Code for Vec<T> {
    fn encode(&self, out: &mut Out) {
        self.len().encode(out);
        self.iter().for_each(|value| value.encode(out));
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        let mut values = Self::new();
        values.decode_into(from)?;
        Some(values)
    }

    fn decode_into(&mut self, from: &mut In<'_>) -> Option<()> {
        self.clear();
        let length = usize::decode(from)?;
        // A broken length must not be believed: each value takes a byte at least.
        self.reserve(length.min(from.bytes.len()));
        for _ in 0..length {
            self.push(T::decode(from)?);
        }
        Some(())
    }
}

impl<K: Code + Eq + Hash, V: Code> Code for HashMap<K, V> {
    fn encode(&self, out: &mut Out) {
        self.len().encode(out);
        for (key, value) in self {
            key.encode(out);
            value.encode(out);
        }
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        let mut values = Self::new();
        values.decode_into(from)?;
        Some(values)
    }

    fn decode_into(&mut self, from: &mut In<'_>) -> Option<()> {
        self.clear();
        let length = usize::decode(from)?;
        self.reserve(length.min(from.bytes.len()));
        for _ in 0..length {
            self.insert(K::decode(from)?, V::decode(from)?);
        }
        Some(())
    }
}

impl<A: Code, B: Code> Code for (A, B) {
    fn encode(&self, out: &mut Out) {
        self.0.encode(out);
        self.1.encode(out);
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        Some((A::decode(from)?, B::decode(from)?))
    }
}

impl<A: Code, B: Code, C: Code> Code for (A, B, C) {
    fn encode(&self, out: &mut Out) {
        self.0.encode(out);
        self.1.encode(out);
        self.2.encode(out);
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        Some((A::decode(from)?, B::decode(from)?, C::decode(from)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back<T: Code + Clone + PartialEq + std::fmt::Debug>(values: &[T]) {
        let own = WalletId::from_uuid(uuid::Uuid::from_u128(1));
        for value in values {
            let mut out = Out { bytes: Vec::new(), own, recent: Recent::new() };
            value.encode(&mut out);
            let mut from = In::page(own, &out.bytes);
            assert_eq!(T::decode(&mut from).as_ref(), Some(value));
            assert!(from.bytes.is_empty());
            for before in values {
                let mut place = before.clone();
                place.decode_into(&mut In::page(own, &out.bytes)).unwrap();
                assert_eq!(&place, value, "where {before:?} was");
            }
            for length in 0..out.bytes.len() {
                assert_eq!(T::decode(&mut In::page(own, &out.bytes[..length])), None, "{value:?} cut to {length}");
            }
        }
    }

    #[test]
    fn numbers_of_any_size_and_sign_read_back_and_cut_ones_do_not() {
        back(&[0u64, 1, 127, 128, u64::MAX]);
        back(&[0i64, -1, 1, 63, -64, 64, i64::MIN, i64::MAX]);
        back(&[0i128, -1, i128::MIN, i128::MAX]);
        back(&[0u32, u32::MAX]);
        back(&[true, false]);
    }

    #[test]
    fn lists_and_text_read_back_and_cut_ones_do_not() {
        back(&[String::new(), "naïve".to_owned()]);
        back(&[vec![(1u64, Some(true)), (2, None)], Vec::new()]);
        back(&[HashMap::from_iter([([1u8; 3], (1i64, 2u8, String::new()))])]);
    }

    #[test]
    fn a_broken_length_is_not_believed() {
        let own = WalletId::from_uuid(uuid::Uuid::from_u128(1));
        let bytes = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(Vec::<u64>::decode(&mut In::page(own, &bytes)), None);
        assert_eq!(String::decode(&mut In::page(own, &bytes)), None);
    }
}
