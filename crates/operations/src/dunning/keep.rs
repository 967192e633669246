//! Writes a debt down as it stands now, with the letter that is due and the next look.

use billing::Catalog;
use billing::dunning::{Cause, Letter};
use connectors::mail::{self, UnpaidStep};
use store::{DebtRow, Fault, Tx};
use units::Instant;

use crate::jobs::{Task, timer};
use crate::{Context, Error, bill, holder};

/// Keeps an open debt. Nothing is tried again before `not_before`.
pub(super) async fn keep(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    mut row: DebtRow,
    not_before: Instant,
) -> Result<(), Error> {
    let rules = &catalog.dunning;
    let letter = row.debt.letter(rules, row.letter, ctx.now);
    // An attempt that is on its way can still keep a pass from its lapse.
    if let Some(letter) = letter.filter(|letter| *letter != Letter::Lapsed || row.closed.is_some()) {
        write(tx, ctx, catalog, &row, letter).await?;
        row.letter = Some(letter);
    }
    tx.update_debt(&row).await?;
    if row.purged_at.is_some() || row.closed.is_some() {
        return Ok(());
    }
    let due = row.debt.next_due(rules).map(|at| at.max(not_before));
    match [due, row.debt.next_letter(rules, ctx.now)].into_iter().flatten().min() {
        Some(at) => Ok(tx.insert_job(&timer(ctx, &Task::Dun { debt: row.key }, at)).await?),
        None => Ok(()),
    }
}

async fn write(tx: &mut Tx<'_>, ctx: &Context, catalog: &Catalog, row: &DebtRow, letter: Letter) -> Result<(), Error> {
    let rules = &catalog.dunning;
    let ladder = row.debt.ladder(rules);
    let ladder =
        ladder.ok_or_else(|| Fault::Bug { what: "a letter about a debt of which nothing failed".to_owned() })?;
    let day = |at: Instant| at.day().to_string();
    let (ends_on, next_try) = (day(ladder.grace_ends_at), row.debt.next_try(rules).map(day));
    let step = match letter {
        Letter::Failed => UnpaidStep::Failed { times: 1, next_try, ends_on },
        Letter::FailedAgain(again) => UnpaidStep::Failed { times: again + 1, next_try, ends_on },
        Letter::Lapsed => UnpaidStep::Lapsed,
        Letter::Suspended => UnpaidStep::Suspended { kept_until: ladder.purges_at.map(day).unwrap_or(ends_on) },
        Letter::PurgeSoon(days) => UnpaidStep::PurgeSoon { days: days.0 },
        Letter::Purged => UnpaidStep::Purged,
    };
    let Some(wallet) = tx.find_wallet(row.key.wallet).await? else { return Ok(()) };
    let amount = bill::draft(tx, catalog, &wallet, &row.buys).await?.total.to_string();
    let what = match row.key.cause {
        Cause::Pass => catalog.brand.pass(),
        Cause::Seats => "seats".to_owned(),
    };
    holder::write_to(tx, ctx, &wallet.holder, |organization, link| mail::Letter::Unpaid {
        organization,
        what,
        amount,
        step,
        link,
    })
    .await
}
