//! The keys that a wallet's requests go out with.

use connectors::upstream::ApiKey;
use store::ByokKeyRow;
use units::WalletId;

use super::check::for_upstream;
use super::seal::open;
use crate::{Error, Services};

/// The sealed keys of one wallet, as one request found them.
pub struct OwnKeys(Vec<ByokKeyRow>);

/// Reads the wallet's keys. Nothing is remembered between requests: a key that was taken out is not used any more
/// on any node.
pub async fn load(services: &Services, wallet: WalletId) -> Result<OwnKeys, Error> {
    Ok(OwnKeys(services.store.reader().list_byok_keys(wallet).await?))
}

impl OwnKeys {
    /// Which of these providers, in their order, the wallet has a key for.
    pub fn provider<'a>(&self, mut providers: impl Iterator<Item = &'a str>) -> Option<&'a str> {
        providers.find(|provider| self.0.iter().any(|key| key.provider == *provider))
    }

    /// Opens the key for a provider, for one request.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened. Then nothing may go out: neither with this key nor with another.
    pub fn open(&self, services: &Services, provider: &str) -> Result<ApiKey, Error> {
        let row = self.0.iter().find(|key| key.provider == provider);
        let row = row.ok_or_else(|| Error::NotFound { what: "provider key", name: provider.to_owned() })?;
        Ok(for_upstream(&open(&services.keyring.keys()?, row)?))
    }
}
