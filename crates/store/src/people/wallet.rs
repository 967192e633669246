//! Whose wallet it is. What is in it is the books'.

use units::{Instant, OrganizationId, UserId, WalletId};
use uuid::Uuid;

use super::suspension::{SUSPENSION_OF_X, SuspensionRow, take_suspension};
use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// Whose wallet it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// A person's.
    User(UserId),
    /// An organization's.
    Organization(OrganizationId),
}

/// A wallet and its holder. What is in it is asked with [`crate::Reader::load_wallet`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WalletRow {
    /// Its id.
    pub id: WalletId,
    /// Whose it is.
    pub holder: Holder,
    /// Since when.
    pub created_at: Instant,
    /// Whether an operator has stopped its service.
    pub suspension: Option<SuspensionRow>,
}

impl Tx<'_> {
    /// Adds an empty wallet that is served.
    ///
    /// # Errors
    /// [`Fault::Taken`] when it exists, or its holder has one.
    pub async fn insert_wallet(&mut self, wallet: &WalletRow) -> Result<(), Fault> {
        let start = ledger::ChainHead::START;
        let (kind, holder) = match wallet.holder {
            Holder::User(user) => (1, user.uuid()),
            Holder::Organization(organization) => (2, organization.uuid()),
        };
        let sql = "INSERT INTO wallets (id, holder_kind, holder, created_at, remainder, head_seq, head_hash, head_at) \
                   VALUES ($1, $2, $3, $4, 0, 0, $5, $6) ON CONFLICT DO NOTHING";
        let values: [Value; 6] = [
            wallet.id.into(),
            Value::Int(kind),
            holder.into(),
            wallet.created_at.into(),
            start.hash.0.into(),
            start.at.into(),
        ];
        self.insert(sql, &values, "a wallet of this holder").await
    }

    /// The wallet of this id.
    pub async fn find_wallet(&mut self, id: WalletId) -> Result<Option<WalletRow>, Fault> {
        find_wallet(&mut self.session, id).await
    }
}

impl Reader {
    /// The wallet of this id and its holder.
    pub async fn find_wallet(&self, id: WalletId) -> Result<Option<WalletRow>, Fault> {
        self.read_beside("looking for a wallet", move |session| Box::pin(find_wallet(session, id))).await
    }
}

async fn find_wallet(session: &mut Session<'_>, id: WalletId) -> Result<Option<WalletRow>, Fault> {
    let sql = format!(
        "SELECT w.id, w.holder_kind, w.holder, w.created_at, {SUSPENSION_OF_X} FROM wallets w \
         LEFT JOIN suspensions x ON x.wallet = w.id WHERE w.id = $1"
    );
    session.find(&sql, &[id.into()]).await?.map(wallet).transpose()
}

fn wallet(mut row: Row) -> Result<WalletRow, Fault> {
    let (id, kind, by): (WalletId, i64, Uuid) = (row.take()?, row.take()?, row.take()?);
    let (holder, created_at) = (holder(kind, by)?, row.take()?);
    Ok(WalletRow { id, holder, created_at, suspension: take_suspension(&mut row)? })
}

pub(super) fn holder(kind: i64, holder: Uuid) -> Result<Holder, Fault> {
    match kind {
        1 => Ok(Holder::User(UserId::from_uuid(holder))),
        2 => Ok(Holder::Organization(OrganizationId::from_uuid(holder))),
        _ => Err(Fault::corrupt(format!("the holder {holder}"))),
    }
}
