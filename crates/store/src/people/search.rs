//! Whoever has a wallet, found by a part of what they are called.

use units::{OrganizationId, UserId, WalletId};

use super::{Holder, text};
use crate::value::Row;
use crate::{Fault, Reader};

/// A holder and their wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderRow {
    /// Who.
    pub holder: Holder,
    /// Their wallet.
    pub wallet: WalletId,
    /// What they are called.
    pub name: String,
}

impl Reader {
    /// People and organizations whose name or address has this part, in whatever letters: people first, each in the
    /// order in which they came. Every name is looked at, so this is for people who wait and not for each request.
    pub async fn search_holders(&self, part: &str, limit: u32) -> Result<Vec<HolderRow>, Fault> {
        let like = format!("%{}%", escaped(&part.to_lowercase()));
        self.read_beside("searching", move |session| {
            Box::pin(async move {
                let users = "SELECT id, wallet, coalesce(email, name) FROM users WHERE lower(coalesce(email, '')) LIKE $1 \
                             ESCAPE '!' OR lower(name) LIKE $1 ESCAPE '!' OR lower(coalesce(display_name, '')) LIKE $1 \
                             ESCAPE '!' ORDER BY id LIMIT $2";
                let organizations =
                    "SELECT id, wallet, name FROM organizations WHERE lower(name) LIKE $1 ESCAPE '!' ORDER BY id LIMIT $2";
                let mut found = Vec::new();
                for row in session.query(users, &[text(&like), limit.into()]).await? {
                    found.push(holder(row, |id| Holder::User(UserId::from_uuid(id)))?);
                }
                for row in session.query(organizations, &[text(&like), limit.into()]).await? {
                    found.push(holder(row, |id| Holder::Organization(OrganizationId::from_uuid(id)))?);
                }
                found.truncate(limit as usize);
                Ok(found)
            })
        })
        .await
    }
}

fn holder(mut row: Row, of: impl Fn(uuid::Uuid) -> Holder) -> Result<HolderRow, Fault> {
    Ok(HolderRow { holder: of(row.take()?), wallet: row.take()?, name: row.take()? })
}

/// A text in which nothing stands for something else.
fn escaped(part: &str) -> String {
    part.replace('!', "!!").replace('%', "!%").replace('_', "!_")
}
