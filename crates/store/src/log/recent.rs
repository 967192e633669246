//! What was said last in a page. An id that comes again, a seal that comes again and a moment near the last one are short:
//! a charge names its hold, its grant and its moment three times over.

use uuid::Uuid;

/// How many ids are remembered: those of a request (its hold, its grant, who asked, with which key) and two more.
const KEPT: usize = 6;

/// The same for whoever writes a page and whoever reads it, at every place of it.
pub(super) struct Recent {
    /// The last one first.
    ids: [Uuid; KEPT],
    pub seal: [u8; 32],
    /// In microseconds.
    pub moment: i64,
}

impl Recent {
    /// Nothing was said.
    pub(super) const fn new() -> Self {
        Self { ids: [Uuid::nil(); KEPT], seal: [0; 32], moment: 0 }
    }

    /// The place of an id that was said, which is the first one now; else it is said now.
    pub(super) fn place(&mut self, id: Uuid) -> Option<u8> {
        let place = self.ids.iter().position(|recent| *recent == id);
        match place {
            Some(place) => self.ids[..=place].rotate_right(1),
            None => self.say(id),
        }
        place.map(|place| place as u8)
    }

    /// The id at a place, which is the first one now.
    pub(super) fn at(&mut self, place: u8) -> Option<Uuid> {
        let ids = self.ids.get_mut(..=usize::from(place))?;
        ids.rotate_right(1);
        Some(ids[0])
    }

    /// Remembers a new id in the place of the one that was not said for the longest time.
    pub(super) fn say(&mut self, id: Uuid) {
        self.ids.rotate_right(1);
        self.ids[0] = id;
    }
}

#[cfg(test)]
mod tests {
    use ledger::ChainHash;
    use units::{Instant, WalletId};

    use super::super::code::{Code, In, Out};
    use super::*;

    fn out() -> Out {
        Out { bytes: Vec::new(), own: WalletId::from_uuid(Uuid::nil()), recent: Recent::new() }
    }

    fn reads_back<T: Code + PartialEq + std::fmt::Debug>(values: &[T]) -> usize {
        let mut out = out();
        values.iter().for_each(|value| value.encode(&mut out));
        let mut from = In::page(out.own, &out.bytes);
        values.iter().for_each(|value| assert_eq!(T::decode(&mut from).as_ref(), Some(value)));
        assert!(from.bytes.is_empty());
        out.bytes.len()
    }

    #[test]
    fn an_id_is_short_when_it_was_said_lately() {
        let id = |n: u64| Uuid::from_u128(u128::from(n) << 64);
        // A grant that pays every request, among requests that come once.
        let requests: Vec<Uuid> = (1..100).flat_map(|n| [id(1000), id(n)]).collect();
        assert_eq!(reads_back(&requests), 99 * (17 + 1) + 16);
        // One more than are remembered, in turns: none is known when it comes again.
        let turns: Vec<Uuid> = (0..50).map(|n| id(1 + n % (KEPT as u64 + 1))).collect();
        assert_eq!(reads_back(&turns), 50 * 17);
        let mut random = sim::Random::new(1);
        let any: Vec<Uuid> = (0..1000).map(|_| id(random.below(8))).collect();
        assert!(reads_back(&any) < 1000 * 8);
    }

    #[test]
    fn a_place_at_which_nothing_is_remembered_is_no_id() {
        for place in KEPT as u8..u8::MAX {
            assert_eq!(Uuid::decode(&mut In::page(WalletId::from_uuid(Uuid::nil()), &[place])), None, "{place}");
        }
    }

    #[test]
    fn moments_and_seals_read_back_wherever_they_lie() {
        let moments = [0, 1, -1, i64::MAX, i64::MIN, i64::MIN, 7].map(Instant::from_micros);
        reads_back(&moments);
        let near: Vec<Instant> = (0..10).map(|n| Instant::from_micros(1_800_000_000_000_000 + n * 50)).collect();
        assert_eq!(reads_back(&near), 8 + 9);
        let seal = |byte| ChainHash([byte; 32]);
        assert_eq!(reads_back(&[seal(0), seal(1), seal(1), seal(2), seal(1)]), 2 + 3 * 33);
    }
}
