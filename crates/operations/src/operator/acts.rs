//! What operators do to somebody's wallet.
//!
//! Each act stands in the server's log before the books are asked, so that none is ever done that nobody can be asked
//! about; one that the books refuse has a second line that says so. The same act again, under the same key, has no
//! line of its own.

use ledger::{Adjusted, Corrected, Granted};
use serde_json::{Value, json};
use store::Holder;
use units::WalletId;

use crate::audit::{Change, Scope, record};
use crate::charge::{self, CorrectCharge};
use crate::grant::{self, AdjustWallet, IssueGrant};
use crate::refund::{RefundPurchase, Refunded, refund_purchase};
use crate::{Caller, Context, Error, Services, access};

/// Adds or takes away credits, see [`grant::adjust`].
///
/// # Errors
/// As [`grant::adjust`], `not_found` for the wallet, and `forbidden`.
pub async fn adjust(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    request: AdjustWallet,
) -> Result<Adjusted, Error> {
    request.check(&services.catalog.current())?;
    let after = json!({"amount": request.amount, "reason": request.reason});
    let act = Act { action: "wallet.adjust", wallet: request.wallet, key: request.key.clone(), after };
    act.note(services, ctx, caller).await?;
    let done = grant::adjust(services, ctx, request).await;
    act.end(services, ctx, caller, done).await
}

/// Gives credits, see [`grant::issue`].
///
/// # Errors
/// As [`grant::issue`], `invalid_field` without a reason, `not_found` for the wallet, and `forbidden`.
pub async fn give(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    request: IssueGrant,
    reason: &str,
) -> Result<Granted, Error> {
    require_reason(reason)?;
    let after = json!({
        "amount": request.amount,
        "paid": request.paid,
        "expires_at": request.expires.end(ctx.now),
        "reason": reason.trim(),
    });
    let act = Act { action: "wallet.grant", wallet: request.wallet, key: request.key.clone(), after };
    act.note(services, ctx, caller).await?;
    let done = grant::issue(services, ctx, request).await;
    act.end(services, ctx, caller, done).await
}

/// Gives back what a charge took wrongly, see [`charge::correct`].
///
/// # Errors
/// As [`charge::correct`], `not_found` for the wallet, and `forbidden`.
pub async fn correct(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    request: CorrectCharge,
) -> Result<Corrected, Error> {
    require_reason(&request.reason)?;
    let after =
        json!({"charge": request.charge.to_string(), "amount": request.amount, "reason": request.reason.trim()});
    let act = Act { action: "wallet.correct", wallet: request.wallet, key: request.key.clone(), after };
    act.note(services, ctx, caller).await?;
    let done = charge::correct(services, ctx, request).await;
    act.end(services, ctx, caller, done).await
}

/// Sends a purchase back to its card for its holder, see [`refund_purchase`]. The caller of the request is who runs
/// this server, and the holder's log tells no more of them.
///
/// # Errors
/// As [`refund_purchase`], and `forbidden`.
pub async fn refund(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    request: RefundPurchase,
) -> Result<Refunded, Error> {
    require_reason(&request.reason)?;
    let after = json!({
        "payment": request.payment.to_string(),
        "amount": request.amount.map(|amount| amount.to_string()),
        "reason": request.reason.trim(),
    });
    let act = Act { action: "wallet.refund", wallet: request.wallet, key: None, after };
    act.note(services, ctx, caller).await?;
    let done = refund_purchase(services, ctx, RefundPurchase { caller: Caller::Operator, ..request }).await;
    act.end(services, ctx, caller, done).await
}

pub(super) fn require_reason(reason: &str) -> Result<(), Error> {
    match reason.trim().is_empty() {
        true => Err(Error::Invalid { field: "reason", reason: "say why, in a few words".to_owned() }),
        false => Ok(()),
    }
}

struct Act {
    action: &'static str,
    wallet: WalletId,
    key: Option<String>,
    after: Value,
}

impl Act {
    async fn note(&self, services: &Services, ctx: &Context, caller: &Caller) -> Result<(), Error> {
        access::read_operator(services.store.reader(), caller).await?;
        if let Some(key) = &self.key
            && services.store.reader().find_key_content(self.wallet, key).await?.is_some()
        {
            return Ok(());
        }
        self.write(services, ctx, caller, self.action, self.after.clone()).await
    }

    /// What the books refuse has a line of its own.
    async fn end<T>(
        &self,
        services: &Services,
        ctx: &Context,
        caller: &Caller,
        done: Result<T, Error>,
    ) -> Result<T, Error> {
        if let Err(error @ Error::Refused(_)) = &done {
            let after = json!({"refused": self.action, "code": error.code()});
            self.write(services, ctx, caller, "wallet.refused", after).await?;
        }
        done
    }

    async fn write(
        &self,
        services: &Services,
        ctx: &Context,
        caller: &Caller,
        action: &'static str,
        after: Value,
    ) -> Result<(), Error> {
        let (wallet, ctx, caller) = (self.wallet, ctx.clone(), *caller);
        let written = services.store.write(async move |tx| {
            access::operator(tx, &caller).await?;
            let unknown = || Error::NotFound { what: "wallet", name: wallet.to_string() };
            let person = match tx.find_wallet(wallet).await?.ok_or_else(unknown)?.holder {
                Holder::User(user) => Some(user),
                Holder::Organization(_) => None,
            };
            let (subject, before, after) = (wallet.to_string(), Value::Null, after.clone());
            let change = Change { scope: Scope::Server, action, subject, person, before, after };
            record(tx, &ctx, &caller, change).await
        });
        written.await
    }
}
