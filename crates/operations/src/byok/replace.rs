//! Puts another key in the place of a kept one, so that no request goes out without one in between.

use billing::Catalog;
use billing::role::Action;
use connectors::upstream::Upstreams;
use store::{ByokKeyRow, Tx};
use units::{ByokKeyId, WalletId};

use super::check::check;
use super::known::{KnownProviderKey, shown};
use super::seal::{Place, Sealed, seal};
use super::secret::ProviderKey;
use crate::audit::{Change, record};
use crate::{Caller, Context, Error, Services, access};

/// Checks the new key with the provider, seals it and keeps it instead of the old one, which is gone.
pub async fn replace(
    services: &Services,
    upstreams: &Upstreams,
    ctx: &Context,
    caller: &Caller,
    (wallet, id): (WalletId, ByokKeyId),
    key: ProviderKey,
) -> Result<KnownProviderKey, Error> {
    let reader = services.store.reader();
    access::read_wallet(reader, caller, wallet, Action::ManageByok).await?;
    let masters = services.keyring.keys()?;
    let old = find(reader.list_byok_keys(wallet).await?, id)?;
    check(upstreams, &old.provider, &key).await?;

    let version = old.version + 1;
    let place = Place { version, ..Place::of(&old) };
    let Sealed { wrapped, sealed } = seal(masters.current(), place, &key, &*ctx.ids);
    let new = ByokKeyRow {
        last4: key.last4(),
        version,
        master_key: masters.current().name().to_owned(),
        wrapped,
        sealed,
        added_by: caller.user(),
        changed_at: ctx.now,
        ..old.clone()
    };
    let (context, caller, catalog) = (ctx.clone(), *caller, services.catalog.current());
    services.store.write(async move |tx| save(tx, &context, &catalog, &caller, &old, &new).await).await
}

async fn save(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    caller: &Caller,
    old: &ByokKeyRow,
    new: &ByokKeyRow,
) -> Result<KnownProviderKey, Error> {
    let standing = access::wallet(tx, caller, new.wallet, Action::ManageByok).await?;
    access::require_served_wallet(tx, ctx, catalog, caller, &standing).await?;
    if !tx.replace_byok_key(new, old.version).await? {
        return Err(not_found(new.id));
    }
    let change = Change {
        scope: standing.scope(),
        action: "byok_key.replace",
        subject: new.id.to_string(),
        person: None,
        before: shown(old),
        after: shown(new),
    };
    record(tx, ctx, caller, change).await?;
    Ok(new.clone().into())
}

pub(super) fn find(keys: Vec<ByokKeyRow>, id: ByokKeyId) -> Result<ByokKeyRow, Error> {
    keys.into_iter().find(|key| key.id == id).ok_or_else(|| not_found(id))
}

fn not_found(id: ByokKeyId) -> Error {
    Error::NotFound { what: "provider key", name: id.to_string() }
}
