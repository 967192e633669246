//! What a change would cost now.

use billing::invoice::Draft;
use billing::role::Action;
use billing::seat::{Facts, Order, Quote, Wish, quote as price};
use store::{Buys, OrganizationRow, Tx, WalletRow};
use units::{Cents, OrganizationId, PaymentId};

use super::advance;
use crate::{Caller, Context, Error, Services, access, bill};

/// What a change would cost now, and what it would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// What the rules say: the line, and what changes when it is paid. Without tax.
    pub quote: Quote,
    /// What the invoice would say, with its tax. Nothing when the change is free.
    pub draft: Option<Draft>,
    /// What a card would pay: to be agreed to by [`super::order`].
    pub total: Cents,
}

/// Prices a wish. Nothing is changed by it, but for what was due before.
///
/// # Errors
/// What [`super::order`] would be refused with: `amount_out_of_range`, `seats_in_use`, `subscription_exists`,
/// `subscription_required`, `payment_due`, `change_pending`; `not_found` and `forbidden`.
pub async fn quote(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    organization: OrganizationId,
    wish: Wish,
) -> Result<Quoted, Error> {
    let reader = services.store.reader();
    access::read_organization(reader, caller, organization, Action::SeeBilling).await?;
    advance(services, ctx, organization).await?;
    let (context, caller, catalog) = (ctx.clone(), *caller, services.catalog.current());
    services
        .store
        .write(async move |tx| {
            let standing = access::organization(tx, &caller, organization, Action::SeeBilling).await?;
            let nobody = PaymentId::from_uuid(uuid::Uuid::nil());
            quote_in(tx, &context, &catalog, &standing.organization, wish, nobody).await.map(|(quoted, _)| quoted)
        })
        .await
}

/// The quote, and what a payment for it would buy: nothing when it is free.
pub(super) async fn quote_in(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &billing::Catalog,
    organization: &OrganizationRow,
    wish: Wish,
    payment: PaymentId,
) -> Result<(Quoted, Option<Buys>), Error> {
    let used = tx.count_seats_used(organization.id, ctx.now).await?;
    let facts = Facts { now: ctx.now, used, prices: &catalog.seats };
    let quote = price(&organization.seating, wish, &facts)?;
    let Some(line) = quote.line.filter(|_| quote.total > Cents::ZERO) else {
        return Ok((Quoted { quote, draft: None, total: Cents::ZERO }, None));
    };
    let order = Order { payment, amount: quote.total, change: quote.change.clone() };
    let buys = Buys::SeatsOrder { organization: organization.id, order, line };
    let wallet = wallet_of(tx, organization).await?;
    let draft = bill::draft(tx, catalog, &wallet, &buys).await?;
    Ok((Quoted { quote, total: draft.total, draft: Some(draft) }, Some(buys)))
}

pub(super) async fn wallet_of(tx: &mut Tx<'_>, organization: &OrganizationRow) -> Result<WalletRow, Error> {
    let found = tx.find_wallet(organization.wallet).await?;
    found.ok_or_else(|| Error::NotFound { what: "wallet", name: organization.wallet.to_string() })
}
