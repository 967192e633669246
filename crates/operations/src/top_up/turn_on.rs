//! Turns automatic top-up on, or changes it.

use std::net::IpAddr;

use billing::Catalog;
use billing::role::Action;
use billing::top_up::{self, CONSENT_VERSION, Settings, State, Wish};
use store::{CardRow, TopUpConsentRow, TopUpRow, Tx};
use units::WalletId;

use super::logged::change;
use super::see::{TopUp, see};
use super::{look, read, require_good, watch, wished};
use crate::audit::record;
use crate::{Caller, Context, Error, Services, access};

/// What is wished, by whom, and from where.
#[derive(Clone, Debug)]
pub struct TurnOn {
    /// Who wishes it. They have seen the text of the consent, see [`TopUp::consent`].
    pub caller: Caller,
    /// For which wallet.
    pub wallet: WalletId,
    /// When, how much, and how much in a month. What is absent is the catalog's default; when all of it is absent and
    /// it was on before, everything is as it was.
    pub wish: Wish,
    /// Their address, when they came over a network: part of the consent.
    pub address: Option<IpAddr>,
}

/// Turns it on with these settings, whatever it was before; also when it was paused. Below the threshold it buys at
/// once, and the answer says how that ended. The same wish again changes nothing.
///
/// # Errors
/// `payment_method_missing` without a saved card, `card_blocked` when a payment of it is contested, `account_suspended`,
/// `amount_out_of_range` with what is allowed, `not_found` and `forbidden`.
pub async fn turn_on(services: &Services, ctx: &Context, request: TurnOn) -> Result<TopUp, Error> {
    let TurnOn { caller, wallet, wish, address } = request;
    let reader = services.store.reader();
    let standing = access::read_wallet(reader, &caller, wallet, Action::ManageBilling).await?;
    let processor = services.outside.processor()?;
    let card = reader.list_cards(wallet, processor.name()).await?.pop().ok_or(Error::CardMissing)?;
    let catalog = services.catalog.current();
    let before = reader.find_top_up(wallet).await?;
    let settings = wished(&catalog, &standing.wallet.holder, before.as_ref(), &wish)?;
    let text = top_up::consent(&catalog.brand.name, &catalog.top_up, &settings);
    let consent = consent(ctx, &caller, wallet, settings, &card, text, address);
    let row = row(ctx, wallet, settings);
    let context = ctx.clone();
    services.store.write(async move |tx| save(tx, &context, &catalog, &caller, &row, &card, &consent).await).await?;
    look(services, ctx, wallet).await?;
    see(services, ctx, &caller, wallet).await
}

async fn save(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    caller: &Caller,
    row: &TopUpRow,
    card: &CardRow,
    consent: &TopUpConsentRow,
) -> Result<(), Error> {
    let standing = access::wallet(tx, caller, row.wallet, Action::ManageBilling).await?;
    access::require_good_standing(tx, ctx, catalog, &standing.wallet).await?;
    let before = tx.find_top_up(row.wallet).await?;
    if let Some(before) = &before
        && read(before)? == read(row)?
    {
        return Ok(());
    }
    require_good(tx, card).await?;
    tx.save_top_up(row).await?;
    tx.save_watch(&watch(row, ctx.now)).await?;
    tx.insert_top_up_consent(consent).await?;
    record(tx, ctx, caller, change(standing.scope(), "top_up.turn_on", before.as_ref(), row)).await
}

fn row(ctx: &Context, wallet: WalletId, settings: Settings) -> TopUpRow {
    TopUpRow {
        wallet,
        state: State::On.name().to_owned(),
        pause: None,
        threshold: settings.threshold,
        amount: settings.amount,
        monthly_cap: settings.monthly_cap,
        waits_for: None,
        changed_at: ctx.now,
    }
}

fn consent(
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    settings: Settings,
    card: &CardRow,
    text: String,
    address: Option<IpAddr>,
) -> TopUpConsentRow {
    TopUpConsentRow {
        wallet,
        id: ctx.ids.uuid(),
        given_at: ctx.now,
        by: caller.user(),
        text_version: CONSENT_VERSION.to_owned(),
        text,
        threshold: settings.threshold,
        amount: settings.amount,
        monthly_cap: settings.monthly_cap,
        card: card.id,
        address: address.map(|address| address.to_canonical().to_string()),
    }
}
