//! Terms that have to be paid.

use billing::dunning::{Cause, Debt, Letter};
use serde::{Deserialize, Serialize};
use units::{Instant, PaymentId, WalletId};

use crate::invoice::{json, parse};
use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Buys, Fault, Reader, Tx};

/// Which term of which subscription. No two debts have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DebtKey {
    /// Who owes.
    pub wallet: WalletId,
    /// What for.
    pub cause: Cause,
    /// When the subscription began.
    pub anchor: Instant,
    /// How many months later the term begins.
    pub month: u32,
}

/// A term that has to be paid, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DebtRow {
    /// Which term.
    pub key: DebtKey,
    /// What its payment buys.
    pub buys: Buys,
    /// The payment that all attempts belong to, once there was a card.
    pub payment: Option<PaymentId>,
    /// What was tried.
    pub debt: Debt,
    /// Whether somebody asked for the latest attempt.
    pub is_asked: bool,
    /// The letter that was sent last.
    pub letter: Option<Letter>,
    /// When what could be deleted was.
    pub purged_at: Option<Instant>,
    /// When it ended, and how.
    pub closed: Option<(Instant, DebtEnd)>,
}

/// How a debt ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DebtEnd {
    /// The money is there.
    Paid,
    /// Nobody owes it any more.
    Void,
}

const DEBT: &str =
    "wallet, cause, anchor, month, content, payment, debt, is_asked, letter, purged_at, closed_at, closed_by";

impl Tx<'_> {
    /// Adds a debt. Answers whether it is new: one that is there stays as it is.
    pub async fn insert_debt(&mut self, row: &DebtRow) -> Result<bool, Fault> {
        let sql = format!(
            "INSERT INTO debts ({DEBT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             ON CONFLICT DO NOTHING"
        );
        Ok(self.session.execute(&sql, &values(row)?).await? == 1)
    }

    /// Writes how a debt stands now.
    pub async fn update_debt(&mut self, row: &DebtRow) -> Result<(), Fault> {
        let sql = "UPDATE debts SET content = $5, payment = $6, debt = $7, is_asked = $8, letter = $9, purged_at = $10, \
                   closed_at = $11, closed_by = $12 WHERE wallet = $1 AND cause = $2 AND anchor = $3 AND month = $4";
        self.session.execute(sql, &values(row)?).await.map(drop)
    }

    /// The debt of this term.
    pub async fn find_debt(&mut self, key: DebtKey) -> Result<Option<DebtRow>, Fault> {
        let sql = format!("SELECT {DEBT} FROM debts WHERE wallet = $1 AND cause = $2 AND anchor = $3 AND month = $4");
        let values = [key.wallet.into(), cause(key.cause).into(), key.anchor.into(), key.month.into()];
        self.session.find(&sql, &values).await?.map(debt).transpose()
    }

    /// The debt that a payment pays.
    pub async fn find_debt_of_payment(&mut self, payment: PaymentId) -> Result<Option<DebtRow>, Fault> {
        let sql = format!("SELECT {DEBT} FROM debts WHERE payment = $1");
        self.session.find(&sql, &[payment.into()]).await?.map(debt).transpose()
    }

    /// What a wallet owes, and what was purged and not forgotten; the oldest first.
    pub async fn list_debts(&mut self, wallet: WalletId) -> Result<Vec<DebtRow>, Fault> {
        list_debts(&mut self.session, wallet).await
    }
}

impl Reader {
    /// What a wallet owes, and what was purged and not forgotten; the oldest first.
    pub async fn list_debts(&self, wallet: WalletId) -> Result<Vec<DebtRow>, Fault> {
        self.read_beside("looking for debts", move |session| Box::pin(list_debts(session, wallet))).await
    }

    /// Wallets that owe something, in the order of their ids.
    pub async fn list_owing_wallets(&self) -> Result<Vec<WalletId>, Fault> {
        let sql = "SELECT DISTINCT wallet FROM debts WHERE closed_at IS NULL AND purged_at IS NULL ORDER BY wallet";
        self.read_beside("looking for debts", move |session| {
            Box::pin(async move { session.query(sql, &[]).await?.into_iter().map(|mut row| row.take()).collect() })
        })
        .await
    }

    /// Every debt of a wallet, those that ended too; the oldest first.
    pub async fn list_all_debts(&self, wallet: WalletId) -> Result<Vec<DebtRow>, Fault> {
        let sql = format!("SELECT {DEBT} FROM debts WHERE wallet = $1 ORDER BY anchor, month");
        self.read_beside("listing debts", move |session| {
            Box::pin(async move { session.query(&sql, &[wallet.into()]).await?.into_iter().map(debt).collect() })
        })
        .await
    }
}

pub(crate) async fn list_debts(session: &mut Session<'_>, wallet: WalletId) -> Result<Vec<DebtRow>, Fault> {
    let sql = format!("SELECT {DEBT} FROM debts WHERE wallet = $1 AND closed_at IS NULL ORDER BY anchor, month");
    session.query(&sql, &[wallet.into()]).await?.into_iter().map(debt).collect()
}

fn values(row: &DebtRow) -> Result<[Value; 12], Fault> {
    let DebtRow { key, buys, payment, debt, is_asked, letter, purged_at, closed } = row;
    Ok([
        key.wallet.into(),
        cause(key.cause).into(),
        key.anchor.into(),
        key.month.into(),
        json(buys)?,
        (*payment).into(),
        json(debt)?,
        (*is_asked).into(),
        letter.as_ref().map(json).transpose()?.into(),
        (*purged_at).into(),
        closed.map(|(at, _)| at).into(),
        closed.map(|(_, how)| how.name()).into(),
    ])
}

const fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::Pass => "pass",
        Cause::Seats => "seats",
    }
}

impl DebtEnd {
    const fn name(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Void => "void",
        }
    }
}

fn debt(mut row: Row) -> Result<DebtRow, Fault> {
    let wallet = row.take()?;
    let for_what: String = row.take()?;
    let cause = [Cause::Pass, Cause::Seats].into_iter().find(|known| cause(*known) == for_what);
    let cause = cause.ok_or_else(|| Fault::corrupt(format!("a debt of {wallet}")))?;
    let key = DebtKey { wallet, cause, anchor: row.take()?, month: row.take()? };
    let buys = parse(&row.take::<String>()?, "a debt")?;
    let payment = row.take()?;
    let debt = parse(&row.take::<String>()?, "a debt")?;
    let is_asked = row.take()?;
    let letter = row.take::<Option<String>>()?.map(|text| parse(&text, "a letter")).transpose()?;
    let purged_at = row.take()?;
    let (at, how): (Option<Instant>, Option<String>) = (row.take()?, row.take()?);
    let how = how.and_then(|name| [DebtEnd::Paid, DebtEnd::Void].into_iter().find(|end| end.name() == name));
    Ok(DebtRow { key, buys, payment, debt, is_asked, letter, purged_at, closed: at.zip(how) })
}
