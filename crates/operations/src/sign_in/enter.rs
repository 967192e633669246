//! A person who has shown that an address is theirs comes in, for the first time or again.

use ledger::Source;
use serde_json::{Value, json};
use store::{SessionKind, Tx, UserRow};
use units::{Instant, Seconds, SessionId, UserId, WalletId};

use crate::audit::{Change, Scope, record};
use crate::grant::{Expiry, IssueGrant, issue};
use crate::{Caller, Context, Error, Services, session};

/// A person who is signed in. `token` is shown now and never again.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// Who.
    pub user: UserId,
    /// Their own wallet.
    pub wallet: WalletId,
    /// Where.
    pub session: SessionId,
    /// What the browser or device shows from now on.
    pub token: String,
    /// When the session ends at the latest.
    pub expires_at: Instant,
    /// Whether they were not known before.
    pub is_new: bool,
}

/// Finds the person of the address, or signs them up, and begins a session.
pub(crate) async fn enter(
    tx: &mut Tx<'_>,
    ctx: &Context,
    email: &str,
    kind: SessionKind,
    client: &str,
) -> Result<SignedIn, Error> {
    let known = tx.find_user_by_email(email).await?;
    let is_new = known.is_none();
    let user = match known {
        Some(user) => user,
        None => sign_up(tx, ctx, email).await?,
    };
    let (row, token) = session::start(ctx, user.id, kind, client);
    tx.insert_session(&row).await?;
    let caller = Caller::Person { user: user.id, session: row.id };
    let before = Value::Null;
    let after = json!({"kind": kind.name(), "client": row.client, "signed_up": is_new});
    let (subject, person) = (row.id.to_string(), Some(user.id));
    let change = Change { scope: Scope::Person(user.id), action: "session.start", subject, person, before, after };
    record(tx, ctx, &caller, change).await?;
    Ok(SignedIn { user: user.id, wallet: user.wallet, session: row.id, token, expires_at: row.expires_at, is_new })
}

async fn sign_up(tx: &mut Tx<'_>, ctx: &Context, email: &str) -> Result<UserRow, Error> {
    let (id, wallet) = (UserId::from_uuid(ctx.ids.uuid()), WalletId::from_uuid(ctx.ids.uuid()));
    let user = UserRow { email: Some(email.to_owned()), ..UserRow::new(id, wallet, email.to_owned(), ctx.now) };
    tx.insert_user_with_wallet(&user).await?;
    Ok(user)
}

/// Gives the welcome grant to a wallet that never had a grant. The books have a queue of their own, so it
/// cannot be part of the sign-up; done again it changes nothing, and a sign-in that was cut off between the
/// two completes it the next time. Answers whether this call gave it.
pub async fn complete_welcome(services: &Services, ctx: &Context, wallet: WalletId) -> Result<bool, Error> {
    let catalog = services.catalog.current();
    let welcome = &catalog.welcome;
    if !welcome.amount.is_positive() || !services.store.reader().list_grants(wallet, None, 1).await?.is_empty() {
        return Ok(false);
    }
    let grant = IssueGrant {
        wallet,
        source: Source::Welcome,
        amount: welcome.amount,
        paid: false,
        expires: Expiry::At(ctx.now.plus(Seconds::from_days(welcome.days))),
        key: Some("welcome".to_owned()),
    };
    match issue(services, ctx, grant).await {
        Ok(_) => Ok(true),
        // Somebody else gave it at another moment, so with another expiry: it is there.
        Err(Error::Refused(ledger::Refusal::IdempotencyConflict { .. })) => Ok(false),
        Err(error) => Err(error),
    }
}
