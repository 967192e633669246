//! What a pass granted enters the books.

use billing::pass::threshold;
use ledger::{Command, Issue, Source};
use store::{Fault, GaugeRow, IdempotencyKey, PassGrantRow, PassRow, Posting, Tx};
use units::{Amount, GrantId, PassId, PaymentId};

use crate::secret::content_hash;
use crate::{Context, Error, Services};

/// Posts what the books do not have, in order. Again, it changes nothing.
pub(crate) async fn book(services: &Services, ctx: &Context, pass: PassId) -> Result<(), Error> {
    for row in services.store.reader().list_pass_grants_to_book(pass).await? {
        post(services, ctx, &row).await?;
        note(services, ctx, row).await?;
    }
    Ok(())
}

/// The credits of a payment of a term.
pub(crate) async fn book_payment(services: &Services, ctx: &Context, payment: PaymentId) -> Result<(), Error> {
    match services.store.reader().find_pass_grant(GrantId::from_uuid(payment.uuid())).await? {
        Some(row) => book(services, ctx, row.pass).await,
        None => Ok(()),
    }
}

async fn post(services: &Services, ctx: &Context, row: &PassGrantRow) -> Result<(), Error> {
    // Who was away for all the time that a bonus is good for finds it good for as long.
    let again = ctx.now.plus_months(services.catalog.current().pass.bonus.months);
    let expires_at = row.expires_at.map(|end| if ctx.now < end { end } else { again });
    let command = Command::Issue(Issue {
        grant: row.grant,
        source: row.source,
        amount: row.amount,
        paid: row.paid,
        effective_at: ctx.now,
        expires_at,
    });
    let key = format!("{}:{}:{}", row.pass, row.month, row.source.name());
    let content = content_hash(&format!("{key} {} {}", row.grant, row.amount));
    let key = Some(IdempotencyKey { key, content });
    services.store.post(Posting { wallet: row.wallet, now: ctx.now, command, key, usage: None }).await?;
    Ok(())
}

/// Notes it, and counts from here on what is used for the month's bonus.
async fn note(services: &Services, ctx: &Context, row: PassGrantRow) -> Result<(), Error> {
    // Behind its own transfer, whatever else was charged in that moment.
    let transfers = services.store.reader().list_transfers_of_grant(row.wallet, row.grant, 0, 1).await?;
    let seq = transfers.first().map(|transfer| transfer.seq);
    let seq = seq.ok_or_else(|| Fault::Bug { what: format!("{} was posted and is not there", row.grant) })?;
    let context = ctx.clone();
    services
        .store
        .write(async move |tx| {
            if !tx.book_pass_grant(&row, context.now).await? || row.source != Source::PassBase {
                return Ok(());
            }
            note_credited(tx, &context, &row).await?;
            let pass = tx.find_pass(row.pass).await?;
            if let Some(gauge) = pass.and_then(|pass| gauge(&context, &row, &pass)) {
                tx.start_gauge(&gauge, seq).await?;
            }
            Ok::<_, Error>(())
        })
        .await
}

/// The first month of a term has the id of its payment.
async fn note_credited(tx: &mut Tx<'_>, ctx: &Context, row: &PassGrantRow) -> Result<(), Error> {
    let payment = tx.find_payment(PaymentId::from_uuid(row.grant.uuid())).await?;
    if let Some(mut payment) = payment.filter(|payment| payment.wallet == row.wallet) {
        payment.credited_at.get_or_insert(ctx.now);
        tx.update_payment(&payment).await?;
    }
    Ok(())
}

/// None when the month is not the last that was granted, or has its bonus.
fn gauge(ctx: &Context, row: &PassGrantRow, pass: &PassRow) -> Option<GaugeRow> {
    let month = pass.pass.granted.filter(|month| month.number == row.month && month.bonus_at.is_none())?;
    Some(GaugeRow {
        wallet: row.wallet,
        pass: row.pass,
        month: row.month,
        until: pass.pass.term.month_at(row.month).end,
        line: threshold(month.base),
        used: Amount::ZERO,
        look_at: Some(ctx.now),
    })
}
