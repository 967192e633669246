//! Which provider keys a wallet has.

use billing::role::Action;
use units::WalletId;

use super::known::KnownProviderKey;
use crate::{Caller, Error, Services, access};

/// The wallet's provider keys, oldest first, without their secrets.
pub async fn list(services: &Services, caller: &Caller, wallet: WalletId) -> Result<Vec<KnownProviderKey>, Error> {
    let reader = services.store.reader();
    access::read_wallet(reader, caller, wallet, Action::ManageByok).await?;
    Ok(reader.list_byok_keys(wallet).await?.into_iter().map(KnownProviderKey::from).collect())
}
