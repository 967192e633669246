//! A bank suspects a fraud: the money goes back at once while most of it is unused, else what is left is frozen.
//!
//! A refund costs less than the dispute that most warnings become. It is never made beside a dispute.

use billing::contest::{ContestKind, ContestState};
use ledger::Refusal;
use store::ContestRow;
use units::{DisputeId, GrantId};

use crate::payment::consequences;
use crate::refund::{RefundPurchase, refund_purchase};
use crate::secret::content_hash;
use crate::{Caller, Context, Error, Services};

/// Refunds, or freezes. Again, it goes on with what was chosen.
pub(crate) async fn answer_warning(services: &Services, ctx: &Context, contest: DisputeId) -> Result<(), Error> {
    let Some(row) = services.store.reader().find_contest(contest).await? else { return Ok(()) };
    if ContestState::from_name(&row.state) != Some(ContestState::Inquiry) {
        return super::book(services, ctx, contest).await;
    }
    let key = format!("warning {contest}");
    if !is_worth_a_refund(services, ctx, &row, &key).await? {
        tracing::error!(payment = %row.payment, "a bank suspects a fraud, and most of the credits are used; the rest is frozen");
        return super::book(services, ctx, contest).await;
    }
    let request = RefundPurchase {
        caller: Caller::Operator,
        wallet: row.wallet,
        payment: row.payment,
        amount: None,
        reason: "the bank suspects a fraud".to_owned(),
        key: Some(key),
    };
    match refund_purchase(services, ctx, request).await {
        Ok(refunded) => {
            tracing::error!(payment = %row.payment, amount = %refunded.amount, "a bank suspects a fraud; the payment goes back to its card");
            Ok(())
        }
        // Contested meanwhile, used meanwhile, or not taken by the card: what is left stays where it is.
        Err(
            Error::Refused(Refusal::GrantDisputed { .. } | Refusal::RefundTooLarge { .. }) | Error::RefundFailed { .. },
        ) => super::book(services, ctx, contest).await,
        Err(error) => Err(error),
    }
}

/// Whether at least half of the credits are unused, or the refund has begun.
async fn is_worth_a_refund(services: &Services, ctx: &Context, row: &ContestRow, key: &str) -> Result<bool, Error> {
    let reader = services.store.reader();
    let hash = content_hash(key);
    if reader.list_card_refunds(row.payment).await?.iter().any(|refund| refund.key_hash == hash) {
        return Ok(true);
    }
    let wallet = reader.load_wallet(row.wallet).await?;
    let id = GrantId::from_uuid(row.payment.uuid());
    let grant = wallet.as_ref().and_then(|wallet| wallet.grants().iter().find(|grant| grant.id == id));
    let Some(grant) = grant.filter(|grant| !grant.is_frozen() && !grant.has_expired(ctx.now)) else { return Ok(false) };
    Ok(i128::from(grant.unheld().nanos()) * 2 >= i128::from(grant.amount.nanos()))
}

/// The time is over in which the bank could take the payment back: what is frozen thaws.
pub(crate) async fn thaw(services: &Services, ctx: &Context, contest: DisputeId) -> Result<(), Error> {
    let context = ctx.clone();
    services
        .store
        .write(async move |tx| {
            let Some(mut row) = tx.find_contest(contest).await? else { return Ok(()) };
            if row.kind != ContestKind::Warning.name() || row.state != ContestState::Inquiry.name() {
                return Ok(());
            }
            end(&mut row, &context);
            tx.save_contest(&row).await?;
            consequences::contested(tx, &context, &row).await
        })
        .await
}

/// Nothing came of it.
pub(super) fn end(row: &mut ContestRow, ctx: &Context) {
    (row.state, row.is_blocking, row.changed_at) = (ContestState::Won.name().to_owned(), false, ctx.now);
}
