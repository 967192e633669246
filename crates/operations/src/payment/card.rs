//! Saves a card, once, while the person is there.

use billing::role::Action;
use connectors::processor::{ProcessorError, Setup, SetupStatus};
use store::{CardRow, Fault};
use units::{CardId, WalletId};

use crate::secret::shown;
use crate::{Caller, Context, Error, Services, access};

/// A card that was typed on the processor's page.
#[derive(Clone, Debug)]
pub struct AddCard {
    /// Who adds it.
    pub caller: Caller,
    /// For which wallet.
    pub wallet: WalletId,
    /// What [`begin_card`] answered.
    pub setup: String,
}

/// Begins: answers the processor's page on which the card is typed.
pub async fn begin_card(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    return_url: &str,
) -> Result<Setup, Error> {
    let processor = services.outside.processor()?;
    access::read_wallet(services.store.reader(), caller, wallet, Action::ManageBilling).await?;
    let known = services.store.reader().find_customer(wallet, processor.name()).await?;
    let customer = match known {
        Some(customer) => customer,
        None => processor.create_customer(&wallet.to_string(), &format!("{wallet}:customer")).await?,
    };
    // Also when it is known: whoever asks twice with one key is bound to the first by this change.
    let (name, id, now) = (processor.name(), customer.clone(), ctx.now);
    let noted = services.store.write(async move |tx| tx.insert_customer(wallet, name, &id, now).await);
    noted.await.map_err(|fault: Fault| Error::from(fault))?;
    let key = format!("{wallet}:setup:{}", ctx.ids.uuid().simple());
    Ok(processor.begin_setup(&customer, return_url, &key).await?)
}

/// Ends: keeps what may be shown of the card, when the processor has it. Adding it again changes nothing.
pub async fn add_card(services: &Services, ctx: &Context, request: AddCard) -> Result<CardRow, Error> {
    let processor = services.outside.processor()?;
    access::read_wallet(services.store.reader(), &request.caller, request.wallet, Action::ManageBilling).await?;
    let unknown = || Error::NotFound { what: "card", name: shown(&request.setup) };
    let setup = processor.get_setup(&request.setup).await.map_err(|error| match error {
        // In the words of a card of somebody else.
        ProcessorError::NotFound(_) => unknown(),
        error => error.into(),
    })?;
    let method = match (&setup.method, setup.status) {
        (Some(method), SetupStatus::Succeeded) => processor.get_method(method).await?,
        _ => return Err(refused(&setup)),
    };
    let customer = services.store.reader().find_customer(request.wallet, processor.name()).await?;
    if customer.as_ref() != Some(&method.customer) {
        return Err(unknown());
    }
    let row = CardRow {
        id: CardId::from_uuid(ctx.ids.uuid()),
        wallet: request.wallet,
        processor: processor.name().to_owned(),
        foreign_id: method.id,
        brand: method.brand,
        last4: method.last4,
        exp_month: method.exp_month.into(),
        exp_year: method.exp_year.into(),
        fingerprint: method.fingerprint,
        added_at: ctx.now,
        removed_at: None,
    };
    services
        .store
        .write(async move |tx| {
            access::wallet(tx, &request.caller, request.wallet, Action::ManageBilling).await?;
            tx.insert_card(&row).await?;
            let saved = tx.find_card_by_foreign_id(&row.processor, &row.foreign_id).await?;
            Ok::<_, Error>(saved.unwrap_or_else(|| row.clone()))
        })
        .await
}

fn refused(setup: &Setup) -> Error {
    match (&setup.failure, setup.status, &setup.page) {
        (Some(failure), ..) => Error::CardDeclined { reason: failure.customer_text() },
        (None, SetupStatus::ActionRequired, Some(page)) => Error::AuthenticationRequired { page: page.clone() },
        _ => Error::CardMissing,
    }
}
