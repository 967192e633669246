//! A device that waits for its person to say yes.

use units::{Instant, UserId};

use super::text;
use crate::value::{FromValue, Row, Value};
use crate::{Fault, Tx};

/// How far a device is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeviceState {
    /// Nobody has said anything.
    Pending,
    /// The person said yes; the device has not asked since.
    Approved,
    /// The person said no.
    Denied,
    /// The device has its token.
    Collected,
}

/// A device code, without the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCodeRow {
    /// The SHA-256 of the code.
    pub code_hash: [u8; 32],
    /// How far it is.
    pub state: DeviceState,
    /// Who said yes or no.
    pub user: Option<UserId>,
    /// From which network it was asked for.
    pub network: String,
    /// What the device calls itself.
    pub client: String,
    /// Since when.
    pub created_at: Instant,
    /// From when it is refused.
    pub expires_at: Instant,
}

const DEVICE_CODE: &str = "code_hash, state, user_id, network, client, created_at, expires_at";

impl DeviceState {
    /// As it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Collected => "collected",
        }
    }
}

impl Tx<'_> {
    /// Adds a code.
    ///
    /// # Errors
    /// [`Fault::Taken`] when it exists.
    pub async fn insert_device_code(&mut self, code: &DeviceCodeRow) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO device_codes ({DEVICE_CODE}) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING"
        );
        let values: [Value; 7] = [
            code.code_hash.into(),
            code.state.name().into(),
            code.user.into(),
            text(&code.network),
            text(&code.client),
            code.created_at.into(),
            code.expires_at.into(),
        ];
        self.insert(&sql, &values, "this device code").await
    }

    /// Writes how far a code is, and by whom.
    pub async fn update_device_code(&mut self, code: &DeviceCodeRow) -> Result<(), Fault> {
        let sql = "UPDATE device_codes SET state = $2, user_id = $3 WHERE code_hash = $1";
        self.change(sql, &[code.code_hash.into(), code.state.name().into(), code.user.into()]).await.map(drop)
    }

    /// The code with this SHA-256.
    pub async fn find_device_code(&mut self, code_hash: [u8; 32]) -> Result<Option<DeviceCodeRow>, Fault> {
        let sql = format!("SELECT {DEVICE_CODE} FROM device_codes WHERE code_hash = $1");
        self.session.find(&sql, &[code_hash.into()]).await?.map(device_code).transpose()
    }

    /// How many codes of a network wait for an answer.
    pub async fn count_pending_device_codes(&mut self, network: &str, now: Instant) -> Result<u64, Fault> {
        let sql = "SELECT count(*) FROM device_codes WHERE network = $1 AND expires_at > $2 AND state = 'pending'";
        match self.session.find(sql, &[text(network), now.into()]).await? {
            Some(mut row) => row.take(),
            None => Ok(0),
        }
    }

    /// Forgets codes that ended before a moment.
    pub async fn delete_device_codes(&mut self, before: Instant) -> Result<u64, Fault> {
        self.session.execute("DELETE FROM device_codes WHERE expires_at < $1", &[before.into()]).await
    }
}

fn device_code(mut row: Row) -> Result<DeviceCodeRow, Fault> {
    Ok(DeviceCodeRow {
        code_hash: row.take()?,
        state: row.take()?,
        user: row.take()?,
        network: row.take()?,
        client: row.take()?,
        created_at: row.take()?,
        expires_at: row.take()?,
    })
}

impl FromValue for DeviceState {
    fn from_value(value: Value) -> Option<Self> {
        let name = String::from_value(value)?;
        [Self::Pending, Self::Approved, Self::Denied, Self::Collected].into_iter().find(|state| state.name() == name)
    }
}
