//! Holds, settlements and releases that a client of the metering API asks for, each by a key of its own.
//!
//! The gateway makes its holds itself and needs no keys. A metering client may lose an answer and ask again, so
//! every call is bound to its key: the same key with the same content answers as the first time, at once,
//! concurrently and after a restart. A refusal changed nothing and is not kept: asked again, it is decided again.

mod place;
pub use place::{PlaceMetered, place};

mod settle;
pub use settle::{SettleMetered, settle};

mod release;
pub use release::{ReleaseMetered, release};

/// The most bytes of the names that a settlement carries.
pub use store::LONGEST_LABEL;

use ledger::{Command, Outcome, Refusal};
use store::{IdempotencyKey, PostError, Posting};
use units::WalletId;

use crate::once::fingerprint;
use crate::{Context, Error, Services, secret::content_hash};

/// The caller's key and where it counts: the same key means something else at another route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallKey {
    /// The route, such as `POST /api/v1/holds`.
    pub route: &'static str,
    /// What the caller sent.
    pub key: String,
}

/// One keyed command.
struct Keyed<'a> {
    wallet: WalletId,
    key: &'a CallKey,
    /// All that the caller asked for, as text.
    content: String,
    command: Command,
    usage: Option<billing::UsageRecord>,
}

async fn post(services: &Services, ctx: &Context, keyed: Keyed<'_>) -> Result<Outcome, Error> {
    let CallKey { route, key } = keyed.key;
    let scoped = format!("{route} {key}");
    let content = content_hash(&keyed.content);
    let posting = Posting {
        wallet: keyed.wallet,
        now: ctx.now,
        command: keyed.command,
        key: Some(IdempotencyKey { key: scoped.clone(), content }),
        usage: keyed.usage,
    };
    let refused = match services.store.post(posting).await {
        Err(PostError::Refused(refusal @ Refusal::IdempotencyConflict { .. })) => refusal,
        answer => return Ok(answer?),
    };
    // The key or the hold's id was used before. Of the key it is known for what.
    match services.store.reader().find_key_content(keyed.wallet, &scoped).await? {
        Some(first) if first != content => {
            Err(Error::KeyConflict { key: key.clone(), first: fingerprint(first), given: fingerprint(content) })
        }
        _ => Err(refused.into()),
    }
}
