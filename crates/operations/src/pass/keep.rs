//! One command about a pass, and all that follows from it, in the caller's transaction.

use billing::Catalog;
use billing::dunning::Cause;
use billing::pass::{self, Command, Effect, EndedBy, Facts, Offer, Pass};
use billing::period::Term;
use ledger::Source;
use store::{Buys, DebtKey, GaugeRow, Job, PassGrantRow, PassRow, Tx};
use units::{Amount, GrantId, Instant, PassId, PaymentId, WalletId};

use crate::jobs::Task;
use crate::{Context, Error, dunning};

/// The payment of a term, and the month at which the term begins.
#[derive(Clone, Copy)]
pub(super) struct Paying {
    pub payment: PaymentId,
    pub month: u32,
}

/// What was used in which month of a pass, seen before the transaction.
#[derive(Clone, Copy, Default)]
pub(super) struct Used {
    month: Option<u32>,
    amount: Amount,
}

impl Used {
    pub(super) fn seen(gauge: Option<GaugeRow>) -> Self {
        gauge.map_or(Self::default(), |gauge| Self { month: Some(gauge.month), amount: gauge.used })
    }

    /// Counts only for the month that it was seen in.
    fn within(self, pass: &Pass) -> Amount {
        match pass.granted {
            Some(month) if Some(month.number) == self.month => self.amount,
            _ => Amount::ZERO,
        }
    }
}

/// A pass whose offer was paid. Where another one is in force it is beside it: it brings what was paid, and ends.
pub(super) async fn begin(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    wallet: WalletId,
    offer: Offer,
    payment: PaymentId,
) -> Result<(), Error> {
    let is_first = tx.list_passes(wallet).await?.is_empty();
    let facts = Facts { now: ctx.now, used: Amount::ZERO, rules: &catalog.pass };
    let (pass, effects) = pass::begin(offer, is_first, &facts);
    let id = PassId::from_uuid(ctx.ids.uuid());
    let row = PassRow { id, wallet, pass, is_in_force: false, begun_at: ctx.now, due_at: None };
    save(tx, ctx, catalog, row, &effects, Some(Paying { payment, month: 0 })).await
}

/// Decides and saves. Answers what followed; when that is nothing and the pass is as before, nothing is written.
pub(super) async fn keep(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    row: PassRow,
    command: Command,
    used: Used,
    paying: Option<Paying>,
) -> Result<Vec<Effect>, Error> {
    let facts = Facts { now: ctx.now, used: used.within(&row.pass), rules: &catalog.pass };
    let mut pass = row.pass.clone();
    let effects = pass::decide(&mut pass, command, &facts)?;
    if pass != row.pass {
        save(tx, ctx, catalog, PassRow { pass, ..row }, &effects, paying).await?;
    }
    Ok(effects)
}

async fn save(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    mut row: PassRow,
    effects: &[Effect],
    paying: Option<Paying>,
) -> Result<(), Error> {
    let is_over = row.pass.ended.is_some();
    row.is_in_force = !is_over && (row.is_in_force || tx.find_pass_in_force(row.wallet).await?.is_none());
    if !is_over && !row.is_in_force {
        let facts = Facts { now: ctx.now, used: Amount::ZERO, rules: &catalog.pass };
        pass::decide(&mut row.pass, Command::Cancel, &facts)?;
    }
    let due_at = row.pass.due_at();
    if let Some(at) = due_at.filter(|_| due_at != row.due_at) {
        tx.insert_job(&advance_job(ctx, row.id, at)).await?;
    }
    row.due_at = due_at;
    tx.save_pass(&row).await?;
    for effect in effects {
        follow(tx, ctx, catalog, &row, effect, paying).await?;
    }
    if effects.iter().any(|effect| matches!(effect, Effect::Grant(_))) {
        tx.insert_job(&Task::BookPass { pass: row.id }.job(ctx)).await?;
    }
    Ok(())
}

/// Looks of one pass come one after the other.
fn advance_job(ctx: &Context, pass: PassId, at: Instant) -> Job {
    Job { due_at: at, lane: Some(pass.to_string()), ..Task::AdvancePass { pass }.job(ctx) }
}

async fn follow(
    tx: &mut Tx<'_>,
    ctx: &Context,
    catalog: &Catalog,
    row: &PassRow,
    effect: &Effect,
    paying: Option<Paying>,
) -> Result<(), Error> {
    match effect {
        Effect::Grant(grant) => {
            let is_base = grant.source == Source::PassBase;
            let payment = paying.filter(|paying| is_base && paying.month == grant.month);
            let id = payment.map_or_else(|| ctx.ids.uuid(), |paying| paying.payment.uuid());
            let granted = PassGrantRow {
                pass: row.id,
                month: grant.month,
                source: grant.source,
                wallet: row.wallet,
                grant: GrantId::from_uuid(id),
                amount: grant.amount,
                paid: grant.paid,
                granted_at: ctx.now,
                expires_at: grant.expires_at,
                booked_at: None,
            };
            tx.insert_pass_grant(&granted).await?;
            // The bonus was unlocked, or the month after it begins: what was used is not asked for any more.
            tx.end_gauge(row.wallet, row.id).await?;
        }
        Effect::Bill(bill) => {
            let (term, buys) = (bill.term, Buys::PassTerm { bill: *bill });
            dunning::owe(tx, ctx, catalog, debt(row.wallet, term), term.start(), buys).await?;
        }
        Effect::End(ended) => {
            tx.end_gauge(row.wallet, row.id).await?;
            if ended.why == EndedBy::Cancellation && !row.pass.is_paid {
                dunning::void(tx, ctx, debt(row.wallet, row.pass.term)).await?;
            }
        }
    }
    Ok(())
}

/// What is owed for a term.
fn debt(wallet: WalletId, term: Term) -> DebtKey {
    DebtKey { wallet, cause: Cause::Pass, anchor: term.anchor, month: term.month }
}
