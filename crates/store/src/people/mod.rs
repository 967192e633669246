//! People, what they hold, how they sign in, the organizations they form, and who changed what.
//!
//! One file a noun: its row, how it is written inside a transaction, and how it is read. What both a
//! transaction and a reader ask stands once, below both.

mod user;
pub use user::UserRow;

mod suspension;
pub use suspension::SuspensionRow;

mod wallet;
pub use wallet::{Holder, WalletRow};

mod api_key;
pub use api_key::{ApiKeyRow, ApiKeyUse, KnownKeyRow};

mod organization;
pub(crate) use organization::find_standing;
pub use organization::{OrganizationRow, StandingRow};

mod member;
pub use member::{MemberRow, MemberUse};

mod invitation;
pub use invitation::InvitationRow;

mod sign_in_code;
pub use sign_in_code::SignInCodeRow;

mod session;
pub use session::{KnownSessionRow, SessionKind, SessionRow, SessionUse};

mod device_code;
pub use device_code::{DeviceCodeRow, DeviceState};

mod setup_token;

mod oidc;
pub use oidc::OidcSetoutRow;

mod policy;
pub use policy::PolicyRow;
pub(crate) use policy::find_policy;

mod audit;
pub use audit::{ActorKind, AuditFilter, AuditRow};

mod search;
pub use search::HolderRow;

use crate::value::Value;
use crate::{Fault, Tx};

impl Tx<'_> {
    async fn insert(&mut self, sql: &str, values: &[Value], what: &'static str) -> Result<(), Fault> {
        match self.session.execute(sql, values).await? {
            0 => Err(Fault::Taken { what }),
            _ => Ok(()),
        }
    }

    /// Changes a row, and answers whether there was one.
    async fn change(&mut self, sql: &str, values: &[Value]) -> Result<bool, Fault> {
        Ok(self.session.execute(sql, values).await? > 0)
    }
}

/// Text without zero bytes, which PostgreSQL does not take.
pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.replace('\0', " "))
}

fn some_text(text: Option<&str>) -> Value {
    text.map(self::text).into()
}
