//! The tail of the log in memory: pages that are not in the tables yet.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound::{Excluded, Unbounded};

use units::WalletId;

use super::page::{Page, pages};
use crate::Fault;

#[derive(Default)]
pub(crate) struct Tail {
    /// In the order of the tables, so that neighbours can be projected one after the other.
    wallets: BTreeMap<WalletId, Pending>,
    /// How many pages of each batch are left.
    batches: BTreeMap<i64, usize>,
    /// Wallets with more than [`MOST_OF_A_WALLET`].
    heavy: BTreeSet<WalletId>,
    /// Bytes of all pages, and of what stands before each.
    size: usize,
    /// Up to which wallet the sweep is.
    swept: Option<WalletId>,
}

/// The pages of one wallet, the oldest first and one behind the other, each with its batch and its length before it: most
/// are small, and there are very many.
#[derive(Default)]
struct Pending {
    /// Pieces that never move. A page is in one of them.
    pieces: VecDeque<Vec<u8>>,
    /// How many bytes of the first piece are gone.
    gone: usize,
    size: usize,
}

/// The oldest pages of one wallet.
pub(crate) struct Slice {
    pub wallet: WalletId,
    bytes: Vec<u8>,
}

/// How many bytes one wallet may leave waiting. Whoever must see the wallet in the tables waits for all of it.
const MOST_OF_A_WALLET: usize = 3 << 19;

/// How many bytes a wallet gives at least when it has too much: some thousand requests, of which all holds but those of the
/// last ones are netted. A batch waits about ten milliseconds for it.
const AT_LEAST: usize = MOST_OF_A_WALLET / 2;

/// How much room is made for small pages at once, at most. Many of one size leave no holes behind.
const MOST_OF_A_PIECE: usize = 512;

/// What stands before a page: the number of its batch, and its length.
const HEADER: usize = size_of::<i64>() + size_of::<u32>();

impl Tail {
    /// Adds a batch, but for pages that `is_done` says are in the tables.
    pub(crate) fn push(&mut self, number: i64, body: &[u8], is_done: impl Fn(WalletId) -> bool) -> Result<(), Fault> {
        let mut pages = pages(number, body)?;
        pages.retain(|(wallet, _)| !is_done(*wallet));
        if pages.is_empty() {
            return Ok(());
        }
        *self.batches.entry(number).or_default() += pages.len();
        for (wallet, bytes) in pages {
            let pending = self.wallets.entry(wallet).or_default();
            self.size += pending.push(number, bytes);
            if pending.size > MOST_OF_A_WALLET {
                self.heavy.insert(wallet);
            }
        }
        Ok(())
    }

    /// Whether everything is in the tables.
    pub(crate) fn is_empty(&self) -> bool {
        self.wallets.is_empty()
    }

    /// Bytes of all pages, and of what stands before each.
    pub(crate) const fn size(&self) -> usize {
        self.size
    }

    /// The oldest batch of which pages are left.
    pub(crate) fn oldest(&self) -> Option<i64> {
        self.batches.keys().next().copied()
    }

    /// All pages of a wallet.
    pub(crate) fn of(&self, wallet: WalletId) -> Option<Slice> {
        Some(self.wallets.get(&wallet)?.slice(wallet, usize::MAX))
    }

    /// All pages of all wallets, in the order of their ids.
    pub(crate) fn into_slices(self) -> Vec<Slice> {
        self.wallets.into_iter().map(|(wallet, pending)| pending.slice(wallet, usize::MAX)).collect()
    }

    /// What wallets that have too much must give.
    fn too_much(&self) -> Vec<Slice> {
        let excess = |wallet: &WalletId| {
            let pending = self.wallets.get(wallet)?;
            Some(pending.slice(*wallet, pending.size - MOST_OF_A_WALLET + AT_LEAST))
        };
        self.heavy.iter().filter_map(excess).collect()
    }

    /// The next wallets in the order of their ids, with about so many bytes of their oldest pages. Behind the last
    /// wallet comes the first one again.
    pub(crate) fn sweep(&mut self, mut bytes: usize) -> Vec<Slice> {
        let behind = |swept: Option<WalletId>| (swept.map_or(Unbounded, Excluded), Unbounded);
        if self.wallets.range(behind(self.swept)).next().is_none() {
            self.swept = None;
        }
        let mut slices = Vec::new();
        for (wallet, pending) in self.wallets.range(behind(self.swept)) {
            let slice = pending.slice(*wallet, bytes);
            bytes = bytes.saturating_sub(slice.size());
            slices.push(slice);
            self.swept = Some(*wallet);
            if bytes == 0 {
                break;
            }
        }
        slices
    }

    /// What is to be projected now: of wallets that have too much, and of others as many bytes as are more than `most`,
    /// or a slice of `at_least` where that is wanted anyway. So what waits does not grow beyond `most` and a
    /// batch or two, however large batches are.
    pub(crate) fn due(&mut self, most: usize, at_least: usize, is_wanted: bool) -> Vec<Slice> {
        let excess = self.size.saturating_sub(most);
        let mut slices = self.too_much();
        if is_wanted || excess > 0 {
            let heavy: Vec<WalletId> = slices.iter().map(|slice| slice.wallet).collect();
            let swept = self.sweep(excess.max(at_least));
            slices.extend(swept.into_iter().filter(|slice| !heavy.contains(&slice.wallet)));
        }
        slices
    }

    /// Forgets what was projected.
    pub(crate) fn forget(&mut self, slices: &[Slice]) {
        for slice in slices {
            let Some(pending) = self.wallets.get_mut(&slice.wallet) else { continue };
            for (number, _) in slice.pages() {
                let left = self.batches.get_mut(&number).expect("a batch with pages is counted");
                *left -= 1;
                if *left == 0 {
                    self.batches.remove(&number);
                }
            }
            pending.forget(slice);
            self.size -= slice.size();
            if pending.size <= MOST_OF_A_WALLET {
                self.heavy.remove(&slice.wallet);
            }
            if pending.size == 0 {
                self.wallets.remove(&slice.wallet);
            }
        }
    }
}

impl Pending {
    /// Adds a page. Answers how many bytes more wait.
    fn push(&mut self, number: i64, page: &[u8]) -> usize {
        let size = HEADER + page.len();
        let mut piece = self.pieces.pop_back().unwrap_or_default();
        if piece.capacity() - piece.len() < size {
            if !piece.is_empty() {
                self.pieces.push_back(piece);
            }
            // The more waits the more is made room for: a wallet that is changed once takes no more than it needs.
            piece = Vec::with_capacity(size.max(self.size.min(MOST_OF_A_PIECE)));
        }
        piece.extend(number.to_ne_bytes());
        piece.extend((page.len() as u32).to_ne_bytes());
        piece.extend_from_slice(page);
        self.pieces.push_back(piece);
        self.size += size;
        size
    }

    /// The oldest pages until there are so many bytes; one at least.
    fn slice(&self, wallet: WalletId, enough: usize) -> Slice {
        let (mut gone, mut bytes) = (self.gone, Vec::with_capacity(enough.min(self.size)));
        for piece in &self.pieces {
            let piece = &piece[std::mem::take(&mut gone)..];
            let mut end = if bytes.len() + piece.len() <= enough { piece.len() } else { 0 };
            while (bytes.len() + end < enough || bytes.len() + end == 0)
                && let Some((_, page, _)) = first_page(&piece[end..])
            {
                end += HEADER + page.len();
            }
            bytes.extend_from_slice(&piece[..end]);
            if end < piece.len() {
                break;
            }
        }
        Slice { wallet, bytes }
    }

    fn forget(&mut self, slice: &Slice) {
        self.size -= slice.size();
        self.gone += slice.size();
        while let Some(piece) = self.pieces.pop_front_if(|piece| piece.len() <= self.gone) {
            self.gone -= piece.len();
        }
    }
}

impl Slice {
    /// Its pages as one.
    pub(crate) fn fold(&self) -> Result<Page, Fault> {
        Page::fold(self.wallet, self.pages())
    }

    /// Bytes of its pages, and of what stands before each.
    pub(crate) const fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Its pages as they are in the log.
    pub(crate) fn pages(&self) -> impl Iterator<Item = (i64, &[u8])> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            let (number, page, behind) = first_page(rest)?;
            rest = behind;
            Some((number, page))
        })
    }
}

/// The batch of the first page, the page, and what is behind it. `None` where nothing is.
fn first_page(bytes: &[u8]) -> Option<(i64, &[u8], &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (page, behind) = rest.split_at(u32::from_ne_bytes(*length) as usize);
    Some((i64::from_ne_bytes(*number), page, behind))
}

#[cfg(test)]
mod tests {
    use super::super::page::VERSION;
    use super::*;

    fn wallet(id: u128) -> WalletId {
        WalletId::from_uuid(uuid::Uuid::from_u128(id))
    }

    /// A batch with pages of so many bytes.
    fn batch(pages: &[(u128, usize)]) -> Vec<u8> {
        let mut body = vec![VERSION];
        for (id, length) in pages {
            body.extend(id.to_be_bytes());
            body.extend((*length as u32).to_be_bytes());
            body.extend(vec![7; *length]);
        }
        body
    }

    fn swept(tail: &mut Tail, bytes: usize) -> Vec<(WalletId, Vec<i64>)> {
        let slices = tail.sweep(bytes);
        let found = slices.iter().map(|slice| (slice.wallet, slice.pages().map(|(number, _)| number).collect()));
        let found = found.collect();
        tail.forget(&slices);
        found
    }

    #[test]
    fn a_sweep_goes_on_where_the_last_one_ended_and_takes_the_oldest_first() {
        let mut tail = Tail::default();
        tail.push(1, &batch(&[(1, 10), (2, 10), (3, 10)]), |_| false).unwrap();
        tail.push(2, &batch(&[(1, 10), (3, 10)]), |_| false).unwrap();
        assert_eq!((tail.size(), tail.oldest()), (5 * (HEADER + 10), Some(1)));
        assert_eq!(swept(&mut tail, HEADER + 15), [(wallet(1), vec![1, 2])]);
        assert_eq!(swept(&mut tail, HEADER + 11), [(wallet(2), vec![1]), (wallet(3), vec![1])]);
        assert_eq!((tail.size(), tail.oldest()), (HEADER + 10, Some(2)));
        tail.push(3, &batch(&[(1, 10)]), |_| false).unwrap();
        assert_eq!(swept(&mut tail, 100), [(wallet(1), vec![3]), (wallet(3), vec![2])]);
        assert!(tail.is_empty() && tail.size() == 0 && tail.oldest().is_none());
    }

    #[test]
    fn pages_come_out_as_they_went_in_wherever_a_piece_ends() {
        let lengths = [0, 1, 100, MOST_OF_A_PIECE - 1, MOST_OF_A_PIECE, 3 * MOST_OF_A_PIECE];
        let page = |number: i64| vec![number as u8; lengths[number as usize % lengths.len()]];
        let mut pending = Pending::default();
        let mut next = 1;
        for number in 1..=600 {
            pending.push(number, &page(number));
            if number % 4 != 0 {
                continue;
            }
            let slice = pending.slice(wallet(1), pending.size / 5);
            for (number, bytes) in slice.pages() {
                assert_eq!((number, bytes), (next, &page(next)[..]));
                next += 1;
            }
            pending.forget(&slice);
            assert_eq!(pending.size, (next..=number).map(|number| HEADER + page(number).len()).sum::<usize>());
            let room: usize = pending.pieces.iter().map(Vec::capacity).sum();
            assert!(room <= pending.size * 5 / 4 + 4 * MOST_OF_A_PIECE, "{room} bytes of room for {}", pending.size);
        }
        assert!(next > 500, "{next}");
    }

    #[test]
    fn a_wallet_that_has_too_much_gives_its_oldest_pages() {
        let mut tail = Tail::default();
        for number in 1..=3 {
            tail.push(number, &batch(&[(1, MOST_OF_A_WALLET / 5 * 2), (2, 10)]), |id| id == wallet(2)).unwrap();
        }
        let slices = tail.too_much();
        assert_eq!(
            slices.iter().map(|slice| (slice.wallet, slice.pages().count())).collect::<Vec<_>>(),
            [(wallet(1), 2)]
        );
        tail.forget(&slices);
        assert!(tail.too_much().is_empty());
        assert_eq!(
            (tail.of(wallet(1)).map(|slice| slice.size()), tail.oldest()),
            (Some(HEADER + MOST_OF_A_WALLET / 5 * 2), Some(3))
        );
    }

    #[test]
    fn what_waits_is_bounded_when_each_batch_is_more_than_a_slice() {
        let (most, slice, large) = (1000, 100, 40);
        let mut tail = Tail::default();
        for number in 1..=100 {
            // Ten wallets of a hundred, so that a sweep has to come around.
            let wallets: Vec<_> = (0..10).map(|index| ((number * 7 + index) as u128 % 100, large)).collect();
            tail.push(number, &batch(&wallets), |_| false).unwrap();
            let slices = tail.due(most, slice, false);
            tail.forget(&slices);
            // A sweep that ends at the last wallet leaves the rest to the next one.
            assert!(tail.size() <= most + 10 * (HEADER + large), "{} bytes wait behind batch {number}", tail.size());
        }
        assert!(tail.size() > most / 2, "as much waits as may, to be netted");
        assert!(!tail.due(most, slice, true).is_empty());
    }

    #[test]
    fn a_batch_that_was_cut_or_is_of_another_version_is_refused() {
        let whole = batch(&[(1, 3)]);
        for length in [0, 2, 20, whole.len() - 1] {
            let cut = Tail::default().push(1, &whole[..length], |_| false);
            assert!(matches!(cut, Err(Fault::Corrupt { .. })), "{length}: {cut:?}");
        }
        let newer = [&[VERSION + 1], &whole[1..]].concat();
        assert!(matches!(Tail::default().push(1, &newer, |_| false), Err(Fault::Unusable(_))));
    }
}
