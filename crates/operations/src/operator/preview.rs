//! What an act of an operator would do to a wallet, before it is done; and whether others have acted since.
//!
//! What is used by requests in between is no reason to look again: it goes on all the time, and the books refuse what
//! would go below zero. What others gave, took away or sent back is one, since two people may answer one complaint. It is
//! looked for just before the act and not within it, as a help for people; every rule about money stands in the books.

use ledger::{Adjust, Changes, Command, Grant, Wallet, decide};
use units::{Amount, Cents, GrantId, PaymentId, WalletId};

use super::acts::require_reason;
use crate::grant::{AdjustWallet, IssueGrant};
use crate::refund::preview_refund;
use crate::secret::content_hash;
use crate::{Caller, Context, Error, Services, access};

/// What would happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActPreview {
    /// The balance now.
    pub before: Amount,
    /// The balance after it.
    pub after: Amount,
    /// What the card gets back, with the tax on it, where it is a refund.
    pub to_card: Option<Cents>,
    /// Stands for what others have done to the wallet until now.
    pub seen: String,
}

/// What [`super::adjust`] would do.
///
/// # Errors
/// As [`super::adjust`].
pub async fn preview_adjust(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    request: &AdjustWallet,
) -> Result<ActPreview, Error> {
    request.check(&services.catalog.current())?;
    let adjust = Adjust { grant: GrantId::from_uuid(ctx.ids.uuid()), amount: request.amount };
    try_out(services, ctx, caller, request.wallet, Command::Adjust(adjust)).await
}

/// What [`super::give`] would do.
///
/// # Errors
/// As [`super::give`].
pub async fn preview_give(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    request: &IssueGrant,
    reason: &str,
) -> Result<ActPreview, Error> {
    require_reason(reason)?;
    try_out(services, ctx, caller, request.wallet, request.command(ctx)).await
}

/// What [`super::refund`] would do with this amount of a purchase.
///
/// # Errors
/// As [`super::refund`].
pub async fn preview_purchase_refund(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    (wallet, payment): (WalletId, PaymentId),
    amount: Cents,
    reason: &str,
) -> Result<ActPreview, Error> {
    require_reason(reason)?;
    let books = load(services, caller, wallet).await?;
    let refund = preview_refund(services, ctx, &Caller::Operator, (wallet, payment), Some(amount)).await?;
    let too_large = |error: units::AmountOverflow| Error::Invalid { field: "amount", reason: error.to_string() };
    let before = books.balance(ctx.now);
    let credits = Amount::from_cents(refund.credits).map_err(too_large)?;
    let after = before.checked_sub(credits).map_err(too_large)?;
    Ok(ActPreview { before, after, to_card: Some(refund.amount), seen: seen(&books) })
}

/// That nobody else has acted on the wallet since somebody saw it so. An act that was done under this key is let through:
/// it answers as it did.
///
/// # Errors
/// `changed_meanwhile`, `not_found` and `forbidden`.
pub async fn require_unchanged(
    services: &Services,
    caller: &Caller,
    wallet: WalletId,
    seen_then: &str,
    key: &str,
    refunded: Option<PaymentId>,
) -> Result<(), Error> {
    let books = load(services, caller, wallet).await?;
    let reader = services.store.reader();
    let is_done = match refunded {
        Some(payment) => {
            let key = content_hash(key);
            reader.list_card_refunds(payment).await?.iter().any(|row| row.key_hash == key)
        }
        None => reader.find_key_content(wallet, key).await?.is_some(),
    };
    match is_done || seen(&books) == seen_then {
        true => Ok(()),
        false => Err(Error::ChangedMeanwhile {
            what: "the wallet",
            now: "Somebody gave, took away or sent back credits, or some came to an end. Look again".to_owned(),
        }),
    }
}

async fn load(services: &Services, caller: &Caller, wallet: WalletId) -> Result<Wallet, Error> {
    let reader = services.store.reader();
    access::read_operator(reader, caller).await?;
    let books = reader.load_wallet(wallet).await?;
    books.ok_or_else(|| Error::NotFound { what: "wallet", name: wallet.to_string() })
}

/// Decides the command on a copy of the wallet that nobody keeps.
async fn try_out(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    wallet: WalletId,
    command: Command,
) -> Result<ActPreview, Error> {
    let mut books = load(services, caller, wallet).await?;
    let (before, seen) = (books.balance(ctx.now), seen(&books));
    decide(&mut books, &command, ctx.now, &mut Changes::default())?;
    Ok(ActPreview { before, after: books.balance(ctx.now), to_card: None, seen })
}

/// The grants and what happened to them beside being spent.
fn seen(books: &Wallet) -> String {
    let grant = |grant: &Grant| format!("{} {:?};", grant.id, grant.marks);
    let hash = content_hash(&books.grants().iter().map(grant).collect::<String>());
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
