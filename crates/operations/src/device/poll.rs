//! A device asks whether its person has answered.

use serde_json::{Value, json};
use store::{DeviceState, SessionKind, UserRow};

use super::code_hash;
use crate::audit::{Change, Scope, record};
use crate::{Caller, Context, Error, Services, session};

/// What the device is told.
#[derive(Clone, Debug)]
pub enum Polled {
    /// Nobody has answered yet.
    Pending,
    /// Yes. This is said once.
    Approved {
        /// What the device shows from now on.
        token: String,
        /// Who said yes.
        user: Box<UserRow>,
    },
    /// No.
    Denied,
    /// Too late, collected already, or never known.
    Expired,
}

/// Answers the device. The token is made here, at the first question after the yes, and its hash is all that stays.
pub async fn poll(services: &Services, ctx: &Context, code: &str) -> Result<Polled, Error> {
    let Some(hash) = code_hash(code) else { return Ok(Polled::Expired) };
    let context = ctx.clone();
    services
        .store
        .write(async move |tx| {
            let Some(mut row) = tx.find_device_code(hash).await? else { return Ok(Polled::Expired) };
            if row.expires_at <= context.now {
                return Ok(Polled::Expired);
            }
            let user = match (row.state, row.user) {
                (DeviceState::Pending, _) => return Ok(Polled::Pending),
                (DeviceState::Denied, _) => return Ok(Polled::Denied),
                (DeviceState::Approved, Some(user)) => user,
                _ => return Ok(Polled::Expired),
            };
            let Some(user) = tx.find_user(user).await? else { return Ok(Polled::Expired) };
            row.state = DeviceState::Collected;
            tx.update_device_code(&row).await?;
            let (session, token) = session::start(&context, user.id, SessionKind::Device, &row.client);
            tx.insert_session(&session).await?;
            let caller = Caller::Person { user: user.id, session: session.id };
            let change = Change {
                scope: Scope::Person(user.id),
                action: "session.start",
                subject: session.id.to_string(),
                person: Some(user.id),
                before: Value::Null,
                after: json!({"kind": session.kind.name(), "client": session.client, "signed_up": false}),
            };
            record(tx, &context, &caller, change).await?;
            Ok::<_, Error>(Polled::Approved { token, user: Box::new(user) })
        })
        .await
}
