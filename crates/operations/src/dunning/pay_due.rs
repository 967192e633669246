//! Pays what is due, with somebody there.

use std::net::IpAddr;

use billing::role::Action;
use store::{AttemptRow, DebtKey, DebtRow, PaymentRow, Tx};
use units::{CardId, Cents, Instant, PaymentId, WalletId};

use super::keep;
use super::look::attempt;
use crate::bill::NewBill;
use crate::payment::{Bought, Chargeable, PaymentState, admit, charge_attended, find_chargeable, try_name};
use crate::{Caller, Context, Error, Services, access, bill, payment};

/// Who pays, and with what.
#[derive(Clone, Debug)]
pub struct PayDue {
    /// Who wishes it.
    pub caller: Caller,
    /// What which wallet owes.
    pub wallet: WalletId,
    /// With which card; the newest when absent.
    pub card: Option<CardId>,
    /// Where the person comes back to from their bank.
    pub return_url: String,
    /// From which address they ask, when they come over a network.
    pub from: Option<IpAddr>,
}

/// Something that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Which term.
    pub key: DebtKey,
    /// Since when.
    pub since: Instant,
    /// What stands on its invoice.
    pub text: String,
    /// What a card would pay.
    pub amount: Cents,
    /// Whether an attempt is on its way.
    pub is_trying: bool,
}

/// What a wallet owes now, the oldest first.
///
/// # Errors
/// `not_found` and `forbidden`.
pub async fn list_due(services: &Services, caller: &Caller, wallet: WalletId) -> Result<Vec<Due>, Error> {
    let (catalog, caller) = (services.catalog.current(), *caller);
    services
        .store
        .write(async move |tx| {
            let standing = access::wallet(tx, &caller, wallet, Action::SeeBilling).await?;
            let mut due = Vec::new();
            for row in open(tx, wallet).await? {
                let draft = match row.payment {
                    Some(payment) => tx.find_invoice_draft(payment).await?,
                    None => None,
                };
                let draft = match draft {
                    Some(draft) => draft,
                    None => bill::draft(tx, &catalog, &standing.wallet, &row.buys).await?,
                };
                due.push(Due {
                    key: row.key,
                    since: row.debt.billed_at,
                    text: draft.lines.first().map(|line| line.text.clone()).unwrap_or_default(),
                    amount: draft.total,
                    is_trying: row.debt.is_trying,
                });
            }
            Ok(due)
        })
        .await
}

/// Pays it, one after the other, and answers how each payment stands. Nothing due is nothing charged. A payment that is
/// on its way is not made again. Where a bank wants to see the person, what comes after it waits until they come back.
///
/// # Errors
/// `payment_method_missing`, `card_declined`, `card_blocked`, `too_many_card_tries`, `not_found` and `forbidden`.
pub async fn pay_due(services: &Services, ctx: &Context, request: PayDue) -> Result<Vec<Bought>, Error> {
    let reader = services.store.reader();
    access::read_wallet(reader, &request.caller, request.wallet, Action::ManageBilling).await?;
    let mut answers: Vec<Bought> = Vec::new();
    loop {
        let due = reader.list_debts(request.wallet).await?;
        let next = due
            .into_iter()
            .find(|row| row.purged_at.is_none() && answers.iter().all(|answer| row.payment != Some(answer.payment)));
        let Some(row) = next else { return Ok(answers) };
        let with = find_chargeable(services, request.wallet, request.card).await?;
        let planned = plan(services, ctx, &request, row.key, &with).await?;
        let bought = match planned {
            Planned::Try(planned) => {
                charge_attended(services, ctx, *planned, &with, request.return_url.clone()).await?
            }
            Planned::UnderWay(payment) => payment::see(services, ctx, &request.caller, payment).await?,
            Planned::Paid => continue,
        };
        let is_paid = bought.state == PaymentState::Paid;
        answers.push(bought);
        if !is_paid {
            return Ok(answers);
        }
    }
}

/// What the transaction has settled.
enum Planned {
    /// This attempt is to be made.
    Try(Box<(PaymentRow, AttemptRow)>),
    /// One is on its way.
    UnderWay(PaymentId),
    /// It was paid meanwhile.
    Paid,
}

async fn plan(
    services: &Services,
    ctx: &Context,
    request: &PayDue,
    key: DebtKey,
    with: &Chargeable,
) -> Result<Planned, Error> {
    let (ctx, request, catalog, card) = (ctx.clone(), request.clone(), services.catalog.current(), with.card.clone());
    let new = PaymentId::from_uuid(ctx.ids.uuid());
    services
        .store
        .write(async move |tx| {
            let standing = access::wallet(tx, &request.caller, request.wallet, Action::ManageBilling).await?;
            let open = open(tx, request.wallet).await?;
            let Some(mut row) = open.into_iter().find(|row| row.key == key) else { return Ok(Planned::Paid) };
            if let (true, Some(id)) = (row.debt.is_trying, row.payment) {
                return Ok(Planned::UnderWay(id));
            }
            if tx.is_card_blocked(card.wallet, &card.processor, &card.fingerprint).await? {
                return Err(Error::CardBlocked);
            }
            row.debt.tries(ctx.now);
            row.is_asked = true;
            let bill = NewBill { id: new, buys: &row.buys, card: &card, by: request.caller.user() };
            let (payment, attempt) = attempt(tx, &ctx, &catalog, &standing.wallet, row.payment, bill).await?;
            let reference = (request.wallet, try_name(&attempt));
            admit(tx, &ctx, &catalog.limits.cards, &request.caller, reference, request.from).await?;
            row.payment = Some(payment.id);
            keep(tx, &ctx, &catalog, row, ctx.now).await?;
            Ok(Planned::Try(Box::new((payment, attempt))))
        })
        .await
}

async fn open(tx: &mut Tx<'_>, wallet: WalletId) -> Result<Vec<DebtRow>, Error> {
    let debts = tx.list_debts(wallet).await?;
    Ok(debts.into_iter().filter(|row| row.purged_at.is_none()).collect())
}
