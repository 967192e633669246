//! Cards that are saved: which there are, and forgetting one.

use billing::role::Action;
use serde_json::{Value, json};
use store::CardRow;
use units::{CardId, WalletId};

use crate::audit::{Change, record};
use crate::{Caller, Context, Error, Services, access};

/// The wallet's cards at the processor of this server, oldest first. Without a processor there are none.
pub async fn list_cards(services: &Services, wallet: WalletId) -> Result<Vec<CardRow>, Error> {
    match &services.outside.processor {
        Some(processor) => Ok(services.store.reader().list_cards(wallet, processor.name()).await?),
        None => Ok(Vec::new()),
    }
}

/// Forgets a card: nothing is charged to it from now on. What it paid for stays.
pub async fn remove_card(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    card: CardId,
) -> Result<(), Error> {
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            let standing = access::wallet(tx, &caller, wallet, Action::ManageBilling).await?;
            let removed = tx.remove_card(wallet, card, context.now).await?;
            let row = removed.ok_or_else(|| Error::NotFound { what: "card", name: card.to_string() })?;
            let change = Change {
                scope: standing.scope(),
                action: "payment_method.delete",
                subject: format!("{} {}", row.brand, row.last4),
                person: None,
                before: json!({"id": row.id, "brand": row.brand, "last4": row.last4}),
                after: Value::Null,
            };
            record(tx, &context, &caller, change).await
        })
        .await
}
