//! What may be known of a kept key.

use serde::Serialize;
use serde_json::{Value, json};
use store::ByokKeyRow;
use units::{ByokKeyId, Instant, UserId};

/// A kept key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KnownProviderKey {
    /// Its id.
    pub id: ByokKeyId,
    /// For which provider.
    pub provider: String,
    /// What its owner calls it.
    pub name: String,
    /// The last four characters.
    pub last4: String,
    /// Who brought it; absent for the command line.
    pub added_by: Option<UserId>,
    /// Since when there is one.
    pub created_at: Instant,
    /// When it was brought or replaced.
    pub changed_at: Instant,
}

impl From<ByokKeyRow> for KnownProviderKey {
    fn from(row: ByokKeyRow) -> Self {
        let ByokKeyRow { id, provider, name, last4, added_by, created_at, changed_at, .. } = row;
        Self { id, provider, name, last4, added_by, created_at, changed_at }
    }
}

/// A key as the audit log shows it.
pub(super) fn shown(row: &ByokKeyRow) -> Value {
    json!({"provider": row.provider, "name": row.name, "ends_in": row.last4, "version": row.version})
}
