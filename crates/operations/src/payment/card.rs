//! Saves a card, once, while the person is there.

use std::net::IpAddr;

use billing::role::Action;
use connectors::processor::{ProcessorError, Setup, SetupStatus};
use store::{CardRow, Fault};
use units::{CardId, WalletId};

use super::guard::{admit, admit_card};
use crate::secret::shown;
use crate::{Caller, Context, Error, Services, access, dunning};

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

/// Who wants to type a card.
#[derive(Clone, Debug)]
pub struct BeginCard {
    /// Who adds it.
    pub caller: Caller,
    /// For which wallet.
    pub wallet: WalletId,
    /// Where they come back to from the processor's page.
    pub return_url: String,
    /// From which address they ask, when they come over a network.
    pub from: Option<IpAddr>,
}

/// Begins: answers the processor's page on which the card is typed. A person who tried too often waits
/// (`too_many_card_tries`).
pub async fn begin_card(services: &Services, ctx: &Context, request: BeginCard) -> Result<Setup, Error> {
    let BeginCard { caller, wallet, return_url, from } = request;
    let processor = services.outside.processor()?;
    access::read_wallet(services.store.reader(), &caller, wallet, Action::ManageBilling).await?;
    let key = format!("{wallet}:setup:{}", ctx.ids.uuid().simple());
    let (context, limits, ours) = (ctx.clone(), services.catalog.current().limits.cards, key.clone());
    services
        .store
        .write(async move |tx| {
            access::wallet(tx, &caller, wallet, Action::ManageBilling).await?;
            admit(tx, &context, &limits, &caller, (wallet, ours.clone()), from).await
        })
        .await?;
    let known = services.store.reader().find_customer(wallet, processor.name()).await?;
    let customer = match known {
        Some(customer) => customer,
        None => processor.create_customer(&wallet.to_string(), &format!("{wallet}:customer")).await?,
    };
    let (name, id, now) = (processor.name(), customer.clone(), ctx.now);
    let noted = services.store.write(async move |tx| tx.insert_customer(wallet, name, &id, now).await);
    noted.await.map_err(|fault: Fault| Error::from(fault))?;
    let setup = processor.begin_setup(&customer, &return_url, &key).await?;
    let theirs = setup.id.clone();
    let named = services.store.write(async move |tx| tx.rename_card_try(wallet, &key, &theirs).await);
    named.await.map_err(|fault: Fault| Error::from(fault))?;
    Ok(setup)
}

/// Ends: keeps what may be shown of the card, when the processor has it. What the wallet owes is tried with it next.
/// Adding it again changes nothing. Another
/// card than those of the day may be one too many (`too_many_cards`). A refusal does not say why: whoever tries
/// stolen cards would learn from it.
pub async fn add_card(services: &Services, ctx: &Context, request: AddCard) -> Result<CardRow, Error> {
    let processor = services.outside.processor()?;
    access::read_wallet(services.store.reader(), &request.caller, request.wallet, Action::ManageBilling).await?;
    let unknown = || Error::NotFound { what: "card", name: shown(&request.setup) };
    let setup = processor.get_setup(&request.setup).await.map_err(|error| match error {
        // In the words of a card of somebody else.
        ProcessorError::NotFound(_) => unknown(),
        error => error.into(),
    })?;
    let customer = services.store.reader().find_customer(request.wallet, processor.name()).await?;
    if setup.customer.is_none() || setup.customer != customer {
        return Err(unknown());
    }
    let method = match (&setup.method, setup.status) {
        (Some(method), SetupStatus::Succeeded) => processor.get_method(method).await?,
        _ => {
            if setup.failure.is_some() {
                let (wallet, id) = (request.wallet, setup.id.clone());
                let noted = services.store.write(async move |tx| tx.end_card_try(wallet, &id, true).await);
                noted.await.map_err(|fault: Fault| Error::from(fault))?;
            }
            return Err(refused(&setup));
        }
    };
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
    let (context, catalog) = (ctx.clone(), services.catalog.current());
    services
        .store
        .write(async move |tx| {
            access::wallet(tx, &request.caller, request.wallet, Action::ManageBilling).await?;
            admit_card(tx, &context, &catalog.limits.cards, &request.caller, request.wallet, &row.fingerprint).await?;
            tx.insert_card(&row).await?;
            tx.end_card_try(request.wallet, &request.setup, false).await?;
            let saved = tx.find_card_by_foreign_id(&row.processor, &row.foreign_id).await?;
            let saved = saved.unwrap_or_else(|| row.clone());
            if saved.id == row.id {
                dunning::card_added(tx, &context, &catalog, request.wallet).await?;
            }
            Ok::<_, Error>(saved)
        })
        .await
}

/// The same whatever the bank said.
const NOT_SAVED: &str = "the card could not be saved; check what you typed, or try another one";

fn refused(setup: &Setup) -> Error {
    match (&setup.failure, setup.status, &setup.page) {
        (Some(_), ..) => Error::CardDeclined { reason: NOT_SAVED },
        (None, SetupStatus::ActionRequired, Some(page)) => Error::AuthenticationRequired { page: page.clone() },
        _ => Error::CardMissing,
    }
}
