//! A receipt with its signature, as it is handed out and checked.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::key::{hex, unhex};
use super::{PublicKey, Receipt, SigningKey, canonical};

/// What is signed begins with this line, so that a signature for something else never fits a receipt.
const OPENING: &str = "tare receipt 1\n";
const ALGORITHM: &str = "ed25519";

/// A receipt as a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedReceipt {
    /// What is said.
    pub receipt: Receipt,
    /// By whom.
    pub signature: Signature,
}

/// A signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Always `ed25519`.
    pub algorithm: String,
    /// The short name of the key.
    pub key: String,
    /// 64 bytes in hexadecimal.
    pub value: String,
}

/// Why a file is no receipt of that key.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckError {
    /// Not the shape of a receipt.
    #[error("this is no receipt: {0}")]
    Unreadable(String),
    /// Signed by another.
    #[error("it is signed by the key {found}, and was to be checked with the key {expected}")]
    OtherKey {
        /// Whose it says it is.
        found: String,
        /// Which one was given.
        expected: String,
    },
    /// Something in it was changed.
    #[error("the signature does not fit: something in the receipt was changed after it was signed")]
    Changed,
}

impl SignedReceipt {
    /// Signs a receipt.
    pub fn sign(receipt: Receipt, key: &SigningKey) -> Self {
        let value = serde_json::to_value(&receipt).expect("a receipt is plain data");
        let signature = Signature {
            algorithm: ALGORITHM.to_owned(),
            key: key.public().id(),
            value: hex(&key.sign(&signed_bytes(&value))),
        };
        Self { receipt, signature }
    }

    /// Reads a file and checks it: the signature is over what the file says, not over what this program would
    /// write.
    pub fn check(text: &str, key: &PublicKey) -> Result<Receipt, CheckError> {
        let unreadable = |error: serde_json::Error| CheckError::Unreadable(error.to_string());
        let signed: Self = serde_json::from_str(text).map_err(unreadable)?;
        let whole: serde_json::Value = serde_json::from_str(text).map_err(unreadable)?;
        if signed.signature.key != key.id() {
            return Err(CheckError::OtherKey { found: signed.signature.key, expected: key.id() });
        }
        let is_sound = signed.signature.algorithm == ALGORITHM
            && unhex::<64>(&signed.signature.value)
                .is_some_and(|value| key.accepts(&signed_bytes(&whole["receipt"]), &value));
        match is_sound {
            true => Ok(signed.receipt),
            false => Err(CheckError::Changed),
        }
    }
}

fn signed_bytes(receipt: &serde_json::Value) -> Vec<u8> {
    format!("{OPENING}{}", canonical(receipt)).into_bytes()
}
