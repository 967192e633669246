//! A device asks to be signed in.

use std::net::IpAddr;

use store::{DeviceCodeRow, DeviceState};
use units::{Instant, Seconds};

use super::{code, code_hash};
use crate::network::network;
use crate::{Context, Error, Services, words};

/// How long a device waits for its person.
pub const DEVICE_CODE_LIFE: Seconds = Seconds(600);

/// Which device.
#[derive(Clone, Debug)]
pub struct StartDevice {
    /// The address that asks.
    pub from: IpAddr,
    /// What the device calls itself.
    pub client: String,
}

/// What the device shows to its person.
#[derive(Clone, Debug)]
pub struct StartedDevice {
    /// Such as `K7QM-2XHP`.
    pub code: String,
    /// From when it is refused.
    pub expires_at: Instant,
}

/// Makes a code. A network has a few devices waiting at once at most.
pub async fn start(services: &Services, ctx: &Context, request: StartDevice) -> Result<StartedDevice, Error> {
    let limit = services.catalog.current().limits.devices_per_network;
    let code = code(ctx.ids.secret());
    let expires_at = ctx.now.plus(DEVICE_CODE_LIFE);
    let row = DeviceCodeRow {
        code_hash: code_hash(&code).expect("a code that was made just now"),
        state: DeviceState::Pending,
        user: None,
        network: network(request.from),
        client: words::client(&request.client),
        created_at: ctx.now,
        expires_at,
    };
    let now = ctx.now;
    services
        .store
        .write(async move |tx| {
            if tx.count_pending_device_codes(&row.network, now).await? >= u64::from(limit) {
                return Err(Error::TooManyDevices { limit });
            }
            Ok(tx.insert_device_code(&row).await?)
        })
        .await?;
    Ok(StartedDevice { code, expires_at })
}
