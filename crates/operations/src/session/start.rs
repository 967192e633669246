//! A new session and its token.

use store::{SessionKind, SessionRow};
use units::{Seconds, SessionId, UserId};

use crate::secret::{self, content_hash};
use crate::{Context, words};

/// How long a browser may be away, and how long a session lasts at most.
pub const BROWSER_IDLE: Seconds = Seconds::from_days(14);
/// See [`BROWSER_IDLE`].
pub const BROWSER_LIFE: Seconds = Seconds::from_days(90);
/// The same for a device, whose person does not come back to it every week.
pub const DEVICE_IDLE: Seconds = Seconds::from_days(90);
/// See [`DEVICE_IDLE`].
pub const DEVICE_LIFE: Seconds = Seconds::from_days(365);

/// The row to save, and the token to hand out.
pub(crate) fn start(ctx: &Context, user: UserId, kind: SessionKind, client: &str) -> (SessionRow, String) {
    let (secret, life) = match kind {
        SessionKind::Browser => (secret::SESSION, BROWSER_LIFE),
        SessionKind::Device => (secret::DEVICE, DEVICE_LIFE),
    };
    let token = secret.text(ctx.ids.secret());
    let row = SessionRow {
        id: SessionId::from_uuid(ctx.ids.uuid()),
        user,
        kind,
        secret_hash: content_hash(&token),
        client: words::client(client),
        created_at: ctx.now,
        last_seen_at: ctx.now,
        expires_at: ctx.now.plus(life),
        revoked_at: None,
    };
    (row, token)
}

/// How long a session of this kind may go unused.
pub(super) fn idle(kind: SessionKind) -> Seconds {
    match kind {
        SessionKind::Browser => BROWSER_IDLE,
        SessionKind::Device => DEVICE_IDLE,
    }
}
