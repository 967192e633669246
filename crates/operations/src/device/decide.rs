//! The person answers for the device.

use serde_json::{Value, json};
use store::{DeviceCodeRow, DeviceState, Tx};
use units::Instant;

use super::code_hash;
use crate::audit::{Change, Scope, record};
use crate::{Caller, Context, Error, Services, access};

/// A device that waits.
#[derive(Clone, Debug)]
pub struct WaitingDevice {
    /// What it calls itself.
    pub client: String,
    /// From which network it asks.
    pub network: String,
    /// Since when.
    pub created_at: Instant,
    /// Until when.
    pub expires_at: Instant,
}

/// The device of a code, for its person to recognise before they answer.
pub async fn find(services: &Services, ctx: &Context, caller: &Caller, code: &str) -> Result<WaitingDevice, Error> {
    access::person(caller, "see this device")?;
    let hash = code_hash(code).ok_or(Error::DeviceCodeClosed)?;
    let now = ctx.now;
    let row = services.store.write(async move |tx| load(tx, hash, now).await).await?;
    let DeviceCodeRow { client, network, created_at, expires_at, .. } = row;
    Ok(WaitingDevice { client, network, created_at, expires_at })
}

/// Signs the device in as the caller. Only a browser can say so: a device cannot let further devices in.
pub async fn approve(services: &Services, ctx: &Context, caller: &Caller, code: &str) -> Result<(), Error> {
    decide(services, ctx, caller, code, DeviceState::Approved, "device.approve").await
}

/// Sends the device away.
pub async fn deny(services: &Services, ctx: &Context, caller: &Caller, code: &str) -> Result<(), Error> {
    decide(services, ctx, caller, code, DeviceState::Denied, "device.deny").await
}

async fn decide(
    services: &Services,
    ctx: &Context,
    caller: &Caller,
    code: &str,
    state: DeviceState,
    action: &'static str,
) -> Result<(), Error> {
    let what = "answer for a device";
    let user = access::person(caller, what)?;
    let hash = code_hash(code).ok_or(Error::DeviceCodeClosed)?;
    let (context, caller) = (ctx.clone(), *caller);
    services
        .store
        .write(async move |tx| {
            require_browser(tx, &caller, what).await?;
            let mut row = load(tx, hash, context.now).await?;
            row.state = state;
            row.user = Some(user);
            tx.update_device_code(&row).await?;
            let change = Change {
                scope: Scope::Person(user),
                action,
                subject: row.client.clone(),
                person: Some(user),
                before: Value::Null,
                after: json!({"client": row.client, "network": row.network}),
            };
            record(tx, &context, &caller, change).await
        })
        .await
}

/// The code, while it waits for an answer.
async fn load(tx: &mut Tx<'_>, hash: [u8; 32], now: Instant) -> Result<DeviceCodeRow, Error> {
    let found = tx.find_device_code(hash).await?;
    found.filter(|row| row.state == DeviceState::Pending && now < row.expires_at).ok_or(Error::DeviceCodeClosed)
}

async fn require_browser(tx: &mut Tx<'_>, caller: &Caller, what: &'static str) -> Result<(), Error> {
    let session = match caller {
        Caller::Person { user, session } => tx.find_session(*user, *session).await?,
        _ => None,
    };
    match session {
        Some(session) if session.kind == store::SessionKind::Browser => Ok(()),
        _ => Err(Error::Forbidden { what, who: "a person in a browser".to_owned() }),
    }
}
