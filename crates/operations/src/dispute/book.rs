//! The books follow what a bank said.

use billing::contest::ContestState;
use ledger::Refusal;
use store::ContestRow;
use units::{DisputeId, GrantId};

use super::see::named;
use super::{CloseDispute, OpenDispute, close, open};
use crate::payment::brings_credits;
use crate::{Context, Error, Services, pass};

/// Freezes, takes or thaws the credits as the contest stands now. Again, it changes nothing.
pub(crate) async fn book(services: &Services, ctx: &Context, contest: DisputeId) -> Result<(), Error> {
    let Some(row) = services.store.reader().find_contest(contest).await? else { return Ok(()) };
    let payment = services.store.reader().find_payment(row.payment).await?;
    if payment.is_some_and(|payment| !brings_credits(&payment)) {
        // It brought no credits that could be frozen; its card pays nothing while the bank thinks.
        tracing::error!(payment = %row.payment, state = row.state, "a payment for a subscription is contested");
        return Ok(());
    }
    let state = ContestState::from_name(&row.state);
    if state == Some(ContestState::Lost) {
        pass::taken_back(services, ctx, row.payment).await?;
    }
    book_one(services, ctx, &row, row.id, GrantId::from_uuid(row.payment.uuid())).await?;
    for grant in pass::later_grants(services, ctx, row.payment).await? {
        book_one(services, ctx, &row, named(&format!("{contest} {grant}")), grant).await?;
    }
    match state {
        Some(ContestState::Won) => pass::go_on(services, ctx, row.payment).await,
        _ => Ok(()),
    }
}

/// One of the grants that the payment has brought: a purchase has brought one.
async fn book_one(
    services: &Services,
    ctx: &Context,
    row: &ContestRow,
    dispute: DisputeId,
    grant: GrantId,
) -> Result<(), Error> {
    let wallet = row.wallet;
    let ended = |is_won| CloseDispute { wallet, dispute, grant, is_won };
    let booked = match ContestState::from_name(&row.state) {
        Some(ContestState::Inquiry | ContestState::Open) => {
            open(services, ctx, OpenDispute { wallet, dispute, grant }).await
        }
        Some(ContestState::Won) => close(services, ctx, ended(true)).await,
        Some(ContestState::Lost) => close(services, ctx, ended(false)).await,
        None => return Ok(()),
    };
    match booked {
        // It ended before, and its end stands.
        Ok(_) | Err(Error::Refused(Refusal::DisputeClosed { .. })) => Ok(()),
        Err(error) => Err(error),
    }
}
