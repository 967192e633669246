//! Passes as they stand, and what they grant.

use billing::pass::Pass;
use ledger::Source;
use units::{Amount, GrantId, Instant, PassId, WalletId};

use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// A pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassRow {
    /// Its id.
    pub id: PassId,
    /// Whose.
    pub wallet: WalletId,
    /// How it stands.
    pub pass: Pass,
    /// Whether it is the wallet's pass. There is one at most.
    pub is_in_force: bool,
    /// When it began: when its first term was paid.
    pub begun_at: Instant,
    /// When its time alone makes something due.
    pub due_at: Option<Instant>,
}

/// Credits that a pass grants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PassGrantRow {
    /// Which pass.
    pub pass: PassId,
    /// Which month of it, counted from its anchor.
    pub month: u32,
    /// Base or bonus. There is one for each pass, month and source.
    pub source: Source,
    /// Whose.
    pub wallet: WalletId,
    /// The grant in the books.
    pub grant: GrantId,
    /// How much.
    pub amount: Amount,
    /// Whether it was paid for.
    pub paid: bool,
    /// When the pass granted it.
    pub granted_at: Instant,
    /// When it expires.
    pub expires_at: Option<Instant>,
    /// When it was in the books.
    pub booked_at: Option<Instant>,
}

const PASS: &str = "id, wallet, pass, is_in_force, begun_at, due_at";
const GRANT: &str = "pass, month, source, wallet, grant_id, amount_nanos, paid, granted_at, expires_at, booked_at";

impl Tx<'_> {
    /// The pass of this id.
    pub async fn find_pass(&mut self, id: PassId) -> Result<Option<PassRow>, Fault> {
        find(&mut self.session, id).await
    }

    /// The pass of a wallet that is in force.
    pub async fn find_pass_in_force(&mut self, wallet: WalletId) -> Result<Option<PassRow>, Fault> {
        find_in_force(&mut self.session, wallet).await
    }

    /// A wallet's passes, oldest first.
    pub async fn list_passes(&mut self, wallet: WalletId) -> Result<Vec<PassRow>, Fault> {
        list(&mut self.session, wallet).await
    }

    /// Adds a pass, or writes how it stands now.
    ///
    /// # Errors
    /// [`Fault::Rejected`] when another one of the wallet is in force.
    pub async fn save_pass(&mut self, row: &PassRow) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO passes ({PASS}) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (id) DO UPDATE SET pass = excluded.pass, is_in_force = excluded.is_in_force, \
             due_at = excluded.due_at"
        );
        let pass = serde_json::to_string(&row.pass).expect("a pass is plain data");
        let values: [Value; 6] = [
            row.id.into(),
            row.wallet.into(),
            pass.into(),
            row.is_in_force.into(),
            row.begun_at.into(),
            row.due_at.into(),
        ];
        self.session.execute(&sql, &values).await.map(drop)
    }

    /// Writes down what a pass grants.
    ///
    /// # Errors
    /// [`Fault::Taken`] when it granted this before.
    pub async fn insert_pass_grant(&mut self, row: &PassGrantRow) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO pass_grants ({GRANT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING"
        );
        let values: [Value; 10] = [
            row.pass.into(),
            row.month.into(),
            row.source.name().into(),
            row.wallet.into(),
            row.grant.into(),
            row.amount.into(),
            row.paid.into(),
            row.granted_at.into(),
            row.expires_at.into(),
            row.booked_at.into(),
        ];
        match self.session.execute(&sql, &values).await? {
            0 => Err(Fault::Taken { what: "a grant of this month of a pass" }),
            _ => Ok(()),
        }
    }

    /// Notes that a grant is in the books. Answers whether nobody did before.
    pub async fn book_pass_grant(&mut self, row: &PassGrantRow, at: Instant) -> Result<bool, Fault> {
        let sql = "UPDATE pass_grants SET booked_at = $4 \
                   WHERE pass = $1 AND month = $2 AND source = $3 AND booked_at IS NULL";
        let values = [row.pass.into(), row.month.into(), row.source.name().into(), at.into()];
        Ok(self.session.execute(sql, &values).await? == 1)
    }
}

impl Reader {
    /// The pass of this id.
    pub async fn find_pass(&self, id: PassId) -> Result<Option<PassRow>, Fault> {
        self.read_beside("looking for a pass", move |session| Box::pin(find(session, id))).await
    }

    /// The pass of a wallet that is in force.
    pub async fn find_pass_in_force(&self, wallet: WalletId) -> Result<Option<PassRow>, Fault> {
        self.read_beside("looking for a pass", move |session| Box::pin(find_in_force(session, wallet))).await
    }

    /// A wallet's passes, oldest first.
    pub async fn list_passes(&self, wallet: WalletId) -> Result<Vec<PassRow>, Fault> {
        self.read_beside("listing passes", move |session| Box::pin(list(session, wallet))).await
    }

    /// What a pass granted under this id.
    pub async fn find_pass_grant(&self, id: GrantId) -> Result<Option<PassGrantRow>, Fault> {
        let sql = format!("SELECT {GRANT} FROM pass_grants WHERE grant_id = $1");
        self.read_beside("looking for a grant of a pass", move |session| {
            Box::pin(async move { session.find(&sql, &[id.into()]).await?.map(grant).transpose() })
        })
        .await
    }

    /// What a pass granted that is not known to be in the books, in order.
    pub async fn list_pass_grants_to_book(&self, pass: PassId) -> Result<Vec<PassGrantRow>, Fault> {
        let sql = format!(
            "SELECT {GRANT} FROM pass_grants WHERE pass = $1 AND booked_at IS NULL ORDER BY granted_at, month, source"
        );
        self.read_beside("listing grants of a pass", move |session| {
            Box::pin(async move { session.query(&sql, &[pass.into()]).await?.into_iter().map(grant).collect() })
        })
        .await
    }

    /// What the passes of a wallet granted last, the newest first.
    pub async fn list_pass_grants(&self, wallet: WalletId, limit: u32) -> Result<Vec<PassGrantRow>, Fault> {
        let sql = format!(
            "SELECT {GRANT} FROM pass_grants WHERE wallet = $1 \
             ORDER BY granted_at DESC, month DESC, source DESC LIMIT $2"
        );
        self.read_beside("listing grants of passes", move |session| {
            Box::pin(async move {
                session.query(&sql, &[wallet.into(), limit.into()]).await?.into_iter().map(grant).collect()
            })
        })
        .await
    }
}

async fn find(session: &mut Session<'_>, id: PassId) -> Result<Option<PassRow>, Fault> {
    let sql = format!("SELECT {PASS} FROM passes WHERE id = $1");
    session.find(&sql, &[id.into()]).await?.map(pass).transpose()
}

async fn find_in_force(session: &mut Session<'_>, wallet: WalletId) -> Result<Option<PassRow>, Fault> {
    let sql = format!("SELECT {PASS} FROM passes WHERE wallet = $1 AND is_in_force = 1");
    session.find(&sql, &[wallet.into()]).await?.map(pass).transpose()
}

async fn list(session: &mut Session<'_>, wallet: WalletId) -> Result<Vec<PassRow>, Fault> {
    let sql = format!("SELECT {PASS} FROM passes WHERE wallet = $1 ORDER BY id");
    session.query(&sql, &[wallet.into()]).await?.into_iter().map(pass).collect()
}

fn pass(mut row: Row) -> Result<PassRow, Fault> {
    let (id, wallet, pass): (PassId, _, String) = (row.take()?, row.take()?, row.take()?);
    let pass = serde_json::from_str(&pass).map_err(|_| Fault::corrupt(format!("the pass {id}")))?;
    Ok(PassRow { id, wallet, pass, is_in_force: row.take()?, begun_at: row.take()?, due_at: row.take()? })
}

fn grant(mut row: Row) -> Result<PassGrantRow, Fault> {
    let (pass, month, source): (PassId, _, String) = (row.take()?, row.take()?, row.take()?);
    let source = Source::from_name(&source).ok_or_else(|| Fault::corrupt(format!("a grant of {pass}")))?;
    Ok(PassGrantRow {
        pass,
        month,
        source,
        wallet: row.take()?,
        grant: row.take()?,
        amount: row.take()?,
        paid: row.take()?,
        granted_at: row.take()?,
        expires_at: row.take()?,
        booked_at: row.take()?,
    })
}
