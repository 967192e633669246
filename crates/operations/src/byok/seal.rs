//! Sealing with AES-256-GCM: each key under a data key of its own, the data key under a master key.
//!
//! Nonces are random and each data key seals one text, so no nonce can meet its key twice; a master key wraps far
//! fewer than 2^32 data keys. What is sealed is bound to its place (wallet, id, provider, version and what it is
//! for): a row whose ciphertext was changed, or came from another row, does not open.

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use store::ByokKeyRow;
use units::{ByokKeyId, WalletId};
use zeroize::Zeroizing;

use super::master_keys::{MasterKey, MasterKeys};
use super::secret::ProviderKey;
use crate::{Error, Ids};

/// The place that a key is bound to.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub wallet: WalletId,
    pub id: ByokKeyId,
    pub provider: &'a str,
    pub version: u32,
}

/// A sealed key.
pub(super) struct Sealed {
    pub wrapped: Vec<u8>,
    pub sealed: Vec<u8>,
}

const NONCE: usize = 12;

impl<'a> Place<'a> {
    pub(super) fn of(row: &'a ByokKeyRow) -> Self {
        Self { wallet: row.wallet, id: row.id, provider: &row.provider, version: row.version }
    }

    /// What the ciphertext is bound to. Each part stands behind its length.
    fn bound(&self, purpose: &str, master_key: &str) -> Vec<u8> {
        let mut bound = Vec::new();
        for part in [
            purpose.as_bytes(),
            self.wallet.uuid().as_bytes(),
            self.id.uuid().as_bytes(),
            self.provider.as_bytes(),
            &self.version.to_be_bytes(),
            master_key.as_bytes(),
        ] {
            bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bound.extend_from_slice(part);
        }
        bound
    }

    fn of_key(&self) -> Vec<u8> {
        self.bound("tare provider key v1", "")
    }

    fn of_data_key(&self, master: &MasterKey) -> Vec<u8> {
        self.bound("tare data key v1", master.name())
    }
}

/// Seals a key for its place.
pub(super) fn seal(master: &MasterKey, place: Place<'_>, key: &ProviderKey, ids: &dyn Ids) -> Sealed {
    let data_key = Zeroizing::new(ids.secret());
    Sealed {
        wrapped: encrypt(master.bytes(), ids, &data_key[..], &place.of_data_key(master)),
        sealed: encrypt(&data_key, ids, key.text().as_bytes(), &place.of_key()),
    }
}

/// Opens a row.
pub(super) fn open(masters: &MasterKeys, row: &ByokKeyRow) -> Result<ProviderKey, Error> {
    let data_key = unwrap(masters, row)?;
    let text = decrypt(&data_key, &row.sealed, &Place::of(row).of_key()).ok_or_else(|| altered(row))?;
    let text = String::from_utf8(text.to_vec()).map_err(|_| altered(row))?;
    ProviderKey::new(text).map_err(|_| altered(row))
}

/// The data key of a row, wrapped anew under the master key that seals.
pub(super) fn rewrap(masters: &MasterKeys, row: &ByokKeyRow, ids: &dyn Ids) -> Result<Vec<u8>, Error> {
    let data_key = unwrap(masters, row)?;
    let master = masters.current();
    Ok(encrypt(master.bytes(), ids, &data_key[..], &Place::of(row).of_data_key(master)))
}

fn unwrap(masters: &MasterKeys, row: &ByokKeyRow) -> Result<Zeroizing<[u8; 32]>, Error> {
    let missing = || Error::MasterKeyMissing { name: row.master_key.clone() };
    let master = masters.find(&row.master_key).ok_or_else(missing)?;
    let plain =
        decrypt(master.bytes(), &row.wrapped, &Place::of(row).of_data_key(master)).ok_or_else(|| altered(row))?;
    let mut data_key = Zeroizing::new([0; 32]);
    if plain.len() != data_key.len() {
        return Err(altered(row));
    }
    data_key.copy_from_slice(&plain);
    Ok(data_key)
}

fn altered(row: &ByokKeyRow) -> Error {
    Error::ProviderKeyAltered { id: row.id, master_key: row.master_key.clone() }
}

/// Nonce, ciphertext and tag.
fn encrypt(key: &[u8; 32], ids: &dyn Ids, plain: &[u8], bound: &[u8]) -> Vec<u8> {
    let mut nonce = [0; NONCE];
    nonce.copy_from_slice(&ids.secret()[..NONCE]);
    let cipher = Aes256Gcm::new(&(*key).into());
    let payload = Payload { msg: plain, aad: bound };
    let sealed = cipher.encrypt(&Nonce::from(nonce), payload).expect("a key is far below the bound of a message");
    [&nonce[..], &sealed].concat()
}

fn decrypt(key: &[u8; 32], sealed: &[u8], bound: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
    let cipher = Aes256Gcm::new(&(*key).into());
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: bound }).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests;
