//! Which keys a wallet has.

use billing::role::{Action, allows};
use store::ApiKeyRow;
use units::WalletId;

use crate::{Caller, Error, Services, access};

/// The wallet's keys, oldest first: all of them for who manages them, otherwise one's own.
pub async fn list(services: &Services, caller: &Caller, wallet: WalletId) -> Result<Vec<ApiKeyRow>, Error> {
    let reader = services.store.reader();
    let standing = access::read_wallet(reader, caller, wallet, Action::SeeOrganization).await?;
    let mut keys = reader.list_api_keys(wallet).await?;
    let sees_all = allows(standing.role, Action::ManageAllKeys) && !matches!(caller, Caller::Key(_));
    if !sees_all {
        keys.retain(|key| key.user.is_some() && key.user == caller.user());
    }
    Ok(keys)
}
