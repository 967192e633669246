//! The tail of the log in memory: pages that are not in the tables yet.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound::{Excluded, Unbounded};

use bytes::Bytes;
use units::WalletId;

use super::page::{Page, pages};
use crate::Fault;

/// Wallet by wallet, so that neighbours of a table can be projected one after the other.
#[derive(Default)]
pub(crate) struct Tail {
    wallets: BTreeMap<WalletId, Pending>,
    /// How many pages of each batch are left.
    batches: BTreeMap<i64, usize>,
    /// Wallets with more than [`MOST_OF_A_WALLET`].
    heavy: BTreeSet<WalletId>,
    /// Bytes of all pages.
    size: usize,
    /// Up to which wallet the sweep is.
    swept: Option<WalletId>,
}

#[derive(Default)]
struct Pending {
    pages: VecDeque<(i64, Bytes)>,
    size: usize,
}

/// The oldest pages of one wallet.
pub(crate) struct Slice {
    pub wallet: WalletId,
    pages: Vec<(i64, Bytes)>,
}

/// How many bytes one wallet may leave waiting. More would not be netted better, and whoever must see the wallet
/// in the tables waits for all of it.
const MOST_OF_A_WALLET: usize = 1 << 20;

/// How many bytes a wallet gives at least when it has too much.
const AT_LEAST: usize = MOST_OF_A_WALLET / 4;

impl Tail {
    /// Adds a batch, but for pages that `is_done` says are in the tables.
    pub(crate) fn push(&mut self, number: i64, body: &Bytes, is_done: impl Fn(WalletId) -> bool) -> Result<(), Fault> {
        for (wallet, bytes) in pages(number, body)? {
            if is_done(wallet) {
                continue;
            }
            // A slice would keep the whole batch in memory until the last of its wallets is projected.
            let bytes = if bytes.len() < body.len() / 2 { Bytes::copy_from_slice(&bytes) } else { bytes };
            *self.batches.entry(number).or_default() += 1;
            self.size += bytes.len();
            let pending = self.wallets.entry(wallet).or_default();
            pending.size += bytes.len();
            pending.pages.push_back((number, bytes));
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

    /// Bytes of all pages.
    pub(crate) const fn size(&self) -> usize {
        self.size
    }

    /// The oldest batch of which pages are left.
    pub(crate) fn oldest(&self) -> Option<i64> {
        self.batches.keys().next().copied()
    }

    /// All pages of a wallet.
    pub(crate) fn of(&self, wallet: WalletId) -> Option<Slice> {
        let mut everything = usize::MAX;
        Some(self.wallets.get(&wallet)?.slice(wallet, &mut everything))
    }

    /// What wallets that have too much must give.
    fn too_much(&self) -> Vec<Slice> {
        let excess = |wallet: &WalletId| {
            let pending = self.wallets.get(wallet)?;
            Some(pending.slice(*wallet, &mut (pending.size - MOST_OF_A_WALLET + AT_LEAST)))
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
            slices.push(pending.slice(*wallet, &mut bytes));
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
            for (number, bytes) in pending.pages.drain(..slice.pages.len()) {
                pending.size -= bytes.len();
                self.size -= bytes.len();
                let left = self.batches.get_mut(&number).expect("a batch with pages is counted");
                *left -= 1;
                if *left == 0 {
                    self.batches.remove(&number);
                }
            }
            if pending.size <= MOST_OF_A_WALLET {
                self.heavy.remove(&slice.wallet);
            }
            if pending.pages.is_empty() {
                self.wallets.remove(&slice.wallet);
            }
        }
    }
}

impl Pending {
    /// The oldest pages until so many bytes are used up; one at least.
    fn slice(&self, wallet: WalletId, bytes: &mut usize) -> Slice {
        let mut pages = Vec::new();
        for (number, page) in &self.pages {
            pages.push((*number, page.clone()));
            *bytes = bytes.saturating_sub(page.len());
            if *bytes == 0 {
                break;
            }
        }
        Slice { wallet, pages }
    }
}

impl Slice {
    /// Its pages as one.
    pub(crate) fn fold(&self) -> Result<Page, Fault> {
        Page::fold(self.wallet, &self.pages)
    }

    /// Bytes of its pages.
    pub(crate) fn size(&self) -> usize {
        self.pages.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// Its pages as they are in the log.
    pub(crate) fn pages(&self) -> &[(i64, Bytes)] {
        &self.pages
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::VERSION;
    use super::*;

    fn wallet(id: u128) -> WalletId {
        WalletId::from_uuid(uuid::Uuid::from_u128(id))
    }

    /// A batch with pages of so many bytes.
    fn batch(pages: &[(u128, usize)]) -> Bytes {
        let mut body = vec![VERSION];
        for (id, length) in pages {
            body.extend(id.to_be_bytes());
            body.extend((*length as u32).to_be_bytes());
            body.extend(vec![7; *length]);
        }
        body.into()
    }

    fn swept(tail: &mut Tail, bytes: usize) -> Vec<(WalletId, Vec<i64>)> {
        let slices = tail.sweep(bytes);
        let found =
            slices.iter().map(|slice| (slice.wallet, slice.pages().iter().map(|(number, _)| *number).collect()));
        let found = found.collect();
        tail.forget(&slices);
        found
    }

    #[test]
    fn a_sweep_goes_on_where_the_last_one_ended_and_takes_the_oldest_first() {
        let mut tail = Tail::default();
        tail.push(1, &batch(&[(1, 10), (2, 10), (3, 10)]), |_| false).unwrap();
        tail.push(2, &batch(&[(1, 10), (3, 10)]), |_| false).unwrap();
        assert_eq!((tail.size(), tail.oldest()), (50, Some(1)));
        assert_eq!(swept(&mut tail, 15), [(wallet(1), vec![1, 2])]);
        assert_eq!(swept(&mut tail, 11), [(wallet(2), vec![1]), (wallet(3), vec![1])]);
        assert_eq!((tail.size(), tail.oldest()), (10, Some(2)));
        tail.push(3, &batch(&[(1, 10)]), |_| false).unwrap();
        assert_eq!(swept(&mut tail, 100), [(wallet(1), vec![3]), (wallet(3), vec![2])]);
        assert!(tail.is_empty() && tail.size() == 0 && tail.oldest().is_none());
    }

    #[test]
    fn a_wallet_that_has_too_much_gives_its_oldest_pages() {
        let mut tail = Tail::default();
        for number in 1..=3 {
            tail.push(number, &batch(&[(1, MOST_OF_A_WALLET / 2), (2, 10)]), |id| id == wallet(2)).unwrap();
        }
        let slices = tail.too_much();
        assert_eq!(
            slices.iter().map(|slice| (slice.wallet, slice.pages().len())).collect::<Vec<_>>(),
            [(wallet(1), 2)]
        );
        tail.forget(&slices);
        assert!(tail.too_much().is_empty());
        assert_eq!(
            (tail.of(wallet(1)).map(|slice| slice.size()), tail.oldest()),
            (Some(MOST_OF_A_WALLET / 2), Some(3))
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
            assert!(tail.size() <= most + 10 * large, "{} bytes wait behind batch {number}", tail.size());
        }
        assert!(tail.size() > most / 2, "as much waits as may, to be netted");
        assert!(!tail.due(most, slice, true).is_empty());
    }

    #[test]
    fn a_batch_that_was_cut_or_is_of_another_version_is_refused() {
        let whole = batch(&[(1, 3)]);
        for length in [0, 2, 20, whole.len() - 1] {
            let cut = Tail::default().push(1, &whole.slice(..length), |_| false);
            assert!(matches!(cut, Err(Fault::Corrupt { .. })), "{length}: {cut:?}");
        }
        let newer = Bytes::from_iter([VERSION + 1].into_iter().chain(whole[1..].iter().copied()));
        assert!(matches!(Tail::default().push(1, &newer, |_| false), Err(Fault::Unusable(_))));
    }
}
