//! One hash over the ends of all journals, in which the end of each can be proven.
//!
//! The tree is that of RFC 9162: leaves and nodes are hashed under different first bytes, and a tree of `n`
//! leaves splits at the largest power of two below `n`. It is built leaf by leaf and keeps only the roots of
//! its full subtrees, so a million wallets need twenty hashes.

use sha2::{Digest, Sha256};
use units::WalletId;

use crate::ChainHash;

/// A node of the tree.
pub type TreeHash = [u8; 32];

/// The leaf of a wallet whose journal ends with this seq and seal.
pub fn leaf(wallet: WalletId, seq: u64, seal: ChainHash) -> TreeHash {
    let hash = Sha256::new_with_prefix([0]);
    hash.chain_update(wallet.uuid()).chain_update(seq.to_be_bytes()).chain_update(seal.0).finalize().into()
}

fn node(left: TreeHash, right: TreeHash) -> TreeHash {
    Sha256::new_with_prefix([1]).chain_update(left).chain_update(right).finalize().into()
}

/// A tree that grows to the right.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    count: u64,
    /// The full subtrees that the leaves make so far, the largest first.
    full: Vec<TreeHash>,
}

impl Tree {
    /// Adds a leaf.
    pub fn push(&mut self, leaf: TreeHash) {
        let mut hash = leaf;
        let mut rest = self.count;
        while rest & 1 == 1 {
            hash = node(self.full.pop().expect("each bit of the count is a subtree"), hash);
            rest >>= 1;
        }
        self.full.push(hash);
        self.count += 1;
    }

    /// How many leaves there are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The root. That of a tree without leaves is the hash of nothing.
    pub fn root(&self) -> TreeHash {
        let mut subtrees = self.full.iter().rev();
        match subtrees.next() {
            Some(last) => subtrees.fold(*last, |right, left| node(*left, right)),
            None => Sha256::digest([]).into(),
        }
    }
}

/// The hashes that lead from a leaf to the root, the lowest first.
pub fn prove(leaves: &[TreeHash], index: usize) -> Vec<TreeHash> {
    if leaves.len() < 2 || index >= leaves.len() {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
    let (mut path, other) = match index < left.len() {
        true => (prove(left, index), right),
        false => (prove(right, index - left.len()), left),
    };
    let mut tree = Tree::default();
    other.iter().for_each(|leaf| tree.push(*leaf));
    path.push(tree.root());
    path
}

/// The root that a leaf and its path lead to; `None` when the path cannot be one of that tree.
pub fn root_of(leaf: TreeHash, index: u64, count: u64, path: &[TreeHash]) -> Option<TreeHash> {
    let (mut place, mut last) = (index, count.checked_sub(1)?);
    if index > last {
        return None;
    }
    let mut hash = leaf;
    for other in path {
        if last == 0 {
            return None;
        }
        if place & 1 == 1 || place == last {
            hash = node(*other, hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(hash, *other);
        }
        place >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(count: u64) -> Vec<TreeHash> {
        (0..count).map(|n| Sha256::digest(n.to_be_bytes()).into()).collect()
    }

    /// The definition, word for word.
    fn by_definition(leaves: &[TreeHash]) -> TreeHash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
                node(by_definition(left), by_definition(right))
            }
        }
    }

    /// Published roots rest on it, so it never changes. The digest was made by another program, from the bytes that
    /// `docs/receipts.md` tells.
    #[test]
    fn a_leaf_binds_wallet_seq_and_seal() {
        let of = |wallet, seq, seal| {
            leaf(WalletId::from_uuid(uuid::Uuid::from_u128(wallet)), seq, ChainHash([seal; 32]))
                .map(|byte| format!("{byte:02x}"))
                .concat()
        };
        assert_eq!(of(7, 258, 9), "9b4cd8539318083f5c1a1d6434d36746a4eac4a091c3793371cb47c64327b502");
        assert!([of(8, 258, 9), of(7, 259, 9), of(7, 258, 8)].iter().all(|other| *other != of(7, 258, 9)));
    }

    #[test]
    fn a_tree_that_grows_has_the_root_of_the_definition() {
        let mut tree = Tree::default();
        for (count, leaf) in leaves(70).into_iter().enumerate() {
            assert_eq!(tree.root(), by_definition(&leaves(count as u64)));
            tree.push(leaf);
        }
        assert_eq!(tree.count(), 70);
    }

    #[test]
    fn every_leaf_is_proven_and_no_other() {
        for count in 1..40u64 {
            let leaves = leaves(count);
            let root = by_definition(&leaves);
            for index in 0..count {
                let path = prove(&leaves, index as usize);
                assert_eq!(root_of(leaves[index as usize], index, count, &path), Some(root));
                assert_ne!(root_of([7; 32], index, count, &path), Some(root));
                let elsewhere = (index + 1) % count;
                assert!(count == 1 || root_of(leaves[index as usize], elsewhere, count, &path) != Some(root));
                let longer: Vec<TreeHash> = path.iter().copied().chain([[0; 32]]).collect();
                assert_eq!(root_of(leaves[index as usize], index, count, &longer), None);
                if let Some((_, shorter)) = path.split_last() {
                    assert_ne!(root_of(leaves[index as usize], index, count, shorter), Some(root));
                }
            }
        }
        assert_eq!(root_of([0; 32], 0, 0, &[]), None);
        assert_eq!(root_of([0; 32], 3, 3, &[]), None);
    }
}
