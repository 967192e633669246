//! The bank thinks about the payment of a term: what it brought is frozen with it, and what it has not brought yet waits.

use billing::contest::{ContestKind, ContestState};
use ledger::Source;
use store::{PassGrantRow, PassRow, Tx};
use units::{Cents, GrantId, PaymentId};

use super::advance;
use super::book::book;
use crate::{Context, Error, Services};

/// What a payment of a term has brought so far beyond its first month, which has the payment's id. All of it is in the
/// books.
pub(crate) async fn later_grants(
    services: &Services,
    ctx: &Context,
    payment: PaymentId,
) -> Result<Vec<GrantId>, Error> {
    let reader = services.store.reader();
    let Some(first) = reader.find_pass_grant(GrantId::from_uuid(payment.uuid())).await? else { return Ok(Vec::new()) };
    book(services, ctx, first.pass).await?;
    let mut later = reader.list_pass_grants(first.wallet, u32::MAX).await?;
    later.retain(|row| row.pass == first.pass && row.source == Source::PassBase && row.month > first.month);
    later.sort_by_key(|row| row.month);
    let mut brought = Vec::new();
    for row in later {
        // The first month of the next payment.
        if reader.find_payment(PaymentId::from_uuid(row.grant.uuid())).await?.is_some() {
            break;
        }
        brought.push(row.grant);
    }
    Ok(brought)
}

/// The payment that prepaid what a pass has not granted yet; none where nothing is prepaid.
pub(super) async fn prepayment(services: &Services, row: &PassRow) -> Result<Option<PaymentId>, Error> {
    if row.pass.ended.is_some() || row.pass.prepaid() == Cents::ZERO {
        return Ok(None);
    }
    let grants = services.store.reader().list_pass_grants(row.wallet, u32::MAX).await?;
    let first = grants
        .iter()
        .find(|grant| (grant.pass, grant.month, grant.source) == (row.id, row.pass.term.month, Source::PassBase));
    Ok(first.map(|grant| PaymentId::from_uuid(grant.grant.uuid())))
}

/// Whether its bank thinks about it.
pub(super) async fn is_contested(tx: &mut Tx<'_>, payment: Option<PaymentId>) -> Result<bool, Error> {
    let Some(payment) = payment else { return Ok(false) };
    let contests = tx.list_contests(payment).await?;
    let is_open = |state: &str| ContestState::from_name(state).is_some_and(|state| !state.is_over());
    Ok(contests.iter().any(|row| row.kind == ContestKind::Dispute.name() && is_open(&row.state)))
}

/// The bank has decided: what waited comes.
pub(crate) async fn go_on(services: &Services, ctx: &Context, payment: PaymentId) -> Result<(), Error> {
    let found = services.store.reader().find_pass_grant(GrantId::from_uuid(payment.uuid())).await?;
    let Some(PassGrantRow { pass, .. }) = found else { return Ok(()) };
    advance(services, ctx, pass).await.map(drop)
}
