//! Gives credits to a wallet.

use ledger::{Command, Granted, Issue, Outcome, Source};
use store::{IdempotencyKey, Posting};
use units::{Amount, GrantId, Instant, WalletId};

use crate::{Context, Error, Services, secret::content_hash};

/// What to give.
#[derive(Clone, Debug)]
pub struct IssueGrant {
    /// To whom.
    pub wallet: WalletId,
    /// Where the credits come from.
    pub source: Source,
    /// How much; more than zero.
    pub amount: Amount,
    /// Whether real money paid for it.
    pub paid: bool,
    /// From when it can no longer be spent.
    pub expires: Expiry,
    /// The caller's idempotency key: the same key with the same grant gives once.
    pub key: Option<String>,
}

/// When credits can no longer be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// They can be spent for ever.
    Never,
    /// From this moment on.
    At(Instant),
    /// So many days after they are given. Whoever asks again later, under the same key, asks for the same.
    AfterDays(u32),
}

/// Issues the grant, spendable at once.
pub async fn issue(services: &Services, ctx: &Context, request: IssueGrant) -> Result<Granted, Error> {
    let content = format!(
        "issue {} {} {} {}",
        request.source.name(),
        request.amount,
        request.paid,
        match request.expires {
            Expiry::Never => String::new(),
            Expiry::At(end) => end.to_string(),
            Expiry::AfterDays(days) => format!("{days} days"),
        }
    );
    let command = request.command(ctx);
    let key = request.key.map(|key| IdempotencyKey { key, content: content_hash(&content) });
    match services.store.post(Posting { wallet: request.wallet, now: ctx.now, command, key, usage: None }).await? {
        Outcome::Granted(granted) => Ok(granted),
        other => unreachable!("an issued grant was answered with {other:?}"),
    }
}

impl IssueGrant {
    /// What the books are asked: credits that can be spent at once.
    pub(crate) fn command(&self, ctx: &Context) -> Command {
        Command::Issue(Issue {
            grant: GrantId::from_uuid(ctx.ids.uuid()),
            source: self.source,
            amount: self.amount,
            paid: self.paid,
            effective_at: ctx.now,
            expires_at: self.expires.end(ctx.now),
        })
    }
}

impl Expiry {
    /// The end of what is given now.
    pub fn end(self, now: Instant) -> Option<Instant> {
        match self {
            Self::Never => None,
            Self::At(end) => Some(end),
            Self::AfterDays(days) => Some(now.plus_days(days)),
        }
    }
}

impl From<Option<Instant>> for Expiry {
    fn from(end: Option<Instant>) -> Self {
        end.map_or(Self::Never, Self::At)
    }
}
