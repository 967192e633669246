//! Forgets a provider's key.

use billing::role::Action;
use serde_json::Value;
use units::{ByokKeyId, WalletId};

use super::known::shown;
use super::replace::find;
use crate::audit::{Change, record};
use crate::{Caller, Context, Error, Services, access};

/// Takes the key out. Requests that are admitted from then on spend credits again.
pub async fn delete(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    id: ByokKeyId,
) -> Result<(), Error> {
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let standing = access::wallet(tx, &caller, wallet, Action::ManageByok).await?;
            let key = find(tx.list_byok_keys(wallet).await?, id)?;
            tx.delete_byok_key(wallet, id).await?;
            let change = Change {
                scope: standing.scope(),
                action: "byok_key.delete",
                subject: id.to_string(),
                person: None,
                before: shown(&key),
                after: Value::Null,
            };
            record(tx, &context, &caller, change).await
        })
        .await
}
