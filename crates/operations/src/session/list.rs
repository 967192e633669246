//! Where somebody is signed in.

use store::SessionRow;

use super::start::idle;
use crate::{Caller, Context, Error, Services, access};

/// The caller's sessions that still hold, the newest first.
pub async fn list(services: &Services, ctx: &Context, caller: &Caller) -> Result<Vec<SessionRow>, Error> {
    let user = access::person(caller, "see sessions")?;
    let mut sessions = services.store.reader().list_sessions(user, ctx.now).await?;
    sessions.retain(|session| ctx.now < session.last_seen_at.plus(idle(session.kind)));
    Ok(sessions)
}
