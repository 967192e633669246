//! Keeps a provider's key for a wallet.

use billing::Catalog;
use billing::role::Action;
use connectors::upstream::Upstreams;
use serde_json::Value;
use store::{ByokKeyRow, Tx};
use units::{ByokKeyId, WalletId};

use super::check::check;
use super::known::{KnownProviderKey, shown};
use super::seal::{Place, Sealed, seal};
use super::secret::ProviderKey;
use crate::audit::{Change, record};
use crate::{Caller, Context, Error, Services, access, words};

/// Which key.
pub struct AddByokKey {
    /// Whose requests shall go out with it.
    pub wallet: WalletId,
    /// For which upstream, by its name.
    pub provider: String,
    /// What its owner calls it.
    pub name: String,
    /// The key.
    pub key: ProviderKey,
}

/// Checks the key with its provider, seals it and keeps it. A wallet has one for each provider.
pub async fn add(
    services: &Services,
    upstreams: &Upstreams,
    ctx: &Context,
    caller: &Caller,
    request: AddByokKey,
) -> Result<KnownProviderKey, Error> {
    let AddByokKey { wallet, provider, name, key } = request;
    let name = words::name("name", &name)?;
    // Before the provider is asked: what may not be kept need not be shown to anybody.
    let reader = services.store.reader();
    access::read_wallet(reader, caller, wallet, Action::ManageByok).await?;
    let masters = services.keyring.keys()?;
    require_none(&reader.list_byok_keys(wallet).await?, &provider)?;
    check(upstreams, &provider, &key).await?;

    let id = ByokKeyId::from_uuid(ctx.ids.uuid());
    let place = Place { wallet, id, provider: &provider, version: 1 };
    let Sealed { wrapped, sealed } = seal(masters.current(), place, &key, &*ctx.ids);
    let row = ByokKeyRow {
        id,
        wallet,
        name,
        last4: key.last4(),
        version: 1,
        master_key: masters.current().name().to_owned(),
        wrapped,
        sealed,
        added_by: caller.user(),
        created_at: ctx.now,
        changed_at: ctx.now,
        provider,
    };
    let (context, caller, catalog) = (ctx.clone(), *caller, services.catalog.current());
    services.store.write(async move |tx| save(tx, &context, &catalog, &caller, &row).await).await
}

async fn save(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    caller: &Caller,
    row: &ByokKeyRow,
) -> Result<KnownProviderKey, Error> {
    let standing = access::wallet(tx, caller, row.wallet, Action::ManageByok).await?;
    access::require_served_wallet(tx, ctx, catalog, caller, &standing).await?;
    require_none(&tx.list_byok_keys(row.wallet).await?, &row.provider)?;
    tx.insert_byok_key(row).await?;
    let change = Change {
        scope: standing.scope(),
        action: "byok_key.add",
        subject: row.id.to_string(),
        person: None,
        before: Value::Null,
        after: shown(row),
    };
    record(tx, ctx, caller, change).await?;
    Ok(row.clone().into())
}

fn require_none(keys: &[ByokKeyRow], provider: &str) -> Result<(), Error> {
    match keys.iter().any(|key| key.provider == provider) {
        true => Err(Error::Exists { what: "a key for", name: provider.to_owned() }),
        false => Ok(()),
    }
}
