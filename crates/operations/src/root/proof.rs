//! A proof as a file, and its check, which needs nothing but the root that was published.

use ledger::ChainHash;
use ledger::merkle::{leaf, root_of};
use serde::{Deserialize, Serialize};
use units::{Day, WalletId};

use crate::receipt::{CheckError, unhex};

/// That the journal of a wallet ended with this seal when the root of a day was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Of which UTC day.
    pub day: Day,
    /// The root, in hexadecimal.
    pub root: String,
    /// Whose journal.
    pub wallet: WalletId,
    /// Its last transfer.
    pub seq: u64,
    /// The seal of that transfer, in hexadecimal.
    pub seal: String,
    /// The place of its leaf, from 0.
    pub index: u64,
    /// How many leaves there are.
    pub wallets: u64,
    /// The hashes that lead from the leaf to the root, the lowest first, in hexadecimal.
    pub path: Vec<String>,
}

/// What a proof was found to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It leads to the root that it names.
    Sound(Proof),
    /// It leads elsewhere: to this root, when it leads to any.
    Elsewhere(Option<String>),
}

/// Reads a proof and follows it.
pub fn check(text: &str) -> Result<Checked, CheckError> {
    let proof: Proof = serde_json::from_str(text).map_err(|error| CheckError::Unreadable(error.to_string()))?;
    let wrong = |what: &str| CheckError::Unreadable(format!("{what} is not 64 hexadecimal digits"));
    let seal = ChainHash(unhex(&proof.seal).ok_or_else(|| wrong("seal"))?);
    let path: Option<Vec<[u8; 32]>> = proof.path.iter().map(|hash| unhex(hash)).collect();
    let path = path.ok_or_else(|| wrong("a hash of the path"))?;
    let root = root_of(leaf(proof.wallet, proof.seq, seal), proof.index, proof.wallets, &path);
    let root = root.map(|root| crate::receipt::hex(&root));
    Ok(match root.as_deref() == Some(proof.root.as_str()) {
        true => Checked::Sound(proof),
        false => Checked::Elsewhere(root),
    })
}
