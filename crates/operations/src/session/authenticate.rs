//! Whose token it is.

use store::{KnownSessionRow, SessionRow, SuspensionRow, UserRow};

use super::start::idle;
use crate::secret::{DEVICE, SESSION};
use crate::{Caller, Context, Error, Services};

/// A person who is signed in.
#[derive(Clone, Debug)]
pub struct Authenticated {
    /// Where.
    pub session: SessionRow,
    /// Who.
    pub user: UserRow,
    /// Whether an operator has stopped the service of their own wallet.
    pub suspension: Option<SuspensionRow>,
}

impl Authenticated {
    /// Who asks, for operations.
    pub fn caller(&self) -> Caller {
        Caller::Person { user: self.user.id, session: self.session.id }
    }
}

/// Finds the session of a browser's or device's token. Nothing is remembered between requests, so what was
/// revoked on one node has ended on all.
pub async fn authenticate(services: &Services, ctx: &Context, token: &str) -> Result<Authenticated, Error> {
    let ended = || Error::Unauthenticated("you are not signed in, or not any more; sign in again");
    let hash = SESSION.hash(token).or_else(|| DEVICE.hash(token)).ok_or_else(ended)?;
    let found = services.store.reader().find_session_by_hash(hash).await?;
    let KnownSessionRow { session, user, suspension } = found.ok_or_else(ended)?;
    let is_over = session.revoked_at.is_some()
        || session.expires_at <= ctx.now
        || session.last_seen_at.plus(idle(session.kind)) <= ctx.now;
    if is_over {
        return Err(ended());
    }
    services.activity.note_session(session.id, session.last_seen_at, ctx.now);
    Ok(Authenticated { session, user, suspension })
}
