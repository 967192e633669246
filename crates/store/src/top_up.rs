//! Automatic top-up: what holders allow, what was tried, and who agreed to it.

use units::{Amount, CardId, Cents, Instant, PaymentId, Seconds, UserId, WalletId};
use uuid::Uuid;

use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// What a holder allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUpRow {
    /// Whose.
    pub wallet: WalletId,
    /// Whether it is on, by the name of `billing::top_up::State`.
    pub state: String,
    /// Why it is paused, by the name of `billing::top_up::Pause`.
    pub pause: Option<String>,
    /// It fires below this.
    pub threshold: Amount,
    /// How much is bought at once.
    pub amount: Cents,
    /// The most in a UTC month.
    pub monthly_cap: Cents,
    /// The limit that is reached, by the name of `billing::top_up::Limit`.
    pub waits_for: Option<String>,
    /// When it last changed.
    pub changed_at: Instant,
}

/// A payment that was made without asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUpAttemptRow {
    /// Whose.
    pub wallet: WalletId,
    /// The payment.
    pub payment: PaymentId,
    /// How much.
    pub amount: Cents,
    /// What became of it.
    pub state: TopUpAttemptState,
    /// When it began.
    pub began_at: Instant,
    /// When its fate was known.
    pub ended_at: Option<Instant>,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopUpAttemptState {
    /// Nobody knows yet. A wallet has one at most.
    Open,
    /// The money is there.
    Paid,
    /// The bank said no.
    Declined,
    /// It was called off before the bank said anything.
    CalledOff,
}

/// What was tried so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TopUpTally {
    /// Whether one is open.
    pub is_open: bool,
    /// How many began since the day's start.
    pub today: u32,
    /// What those that began since the month's start have taken or may still take.
    pub this_month: Cents,
    /// When the last one was called off, of those since the month's start or of the day before it.
    pub called_off_at: Option<Instant>,
}

/// Who agreed to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopUpConsentRow {
    /// Whose wallet.
    pub wallet: WalletId,
    /// Its id; later ones sort behind earlier ones.
    pub id: Uuid,
    /// When.
    pub given_at: Instant,
    /// Who; nobody when it was the command line.
    pub by: Option<UserId>,
    /// Which text.
    pub text_version: String,
    /// The text as it was shown.
    pub text: String,
    /// What it allowed.
    pub threshold: Amount,
    /// How much at once.
    pub amount: Cents,
    /// How much in a month.
    pub monthly_cap: Cents,
    /// The card that was saved then.
    pub card: CardId,
    /// From which address, when it came over a network.
    pub address: Option<String>,
}

const TOP_UP: &str = "wallet, state, pause, threshold_nanos, amount_cents, cap_cents, waits_for, changed_at";
const ATTEMPT: &str = "wallet, payment, amount_cents, state, began_at, ended_at";
const CONSENT: &str =
    "wallet, id, given_at, by_user, text_version, text, threshold_nanos, amount_cents, cap_cents, card, address";

impl TopUpAttemptState {
    const ALL: [Self; 4] = [Self::Open, Self::Paid, Self::Declined, Self::CalledOff];

    const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Declined => "declined",
            Self::CalledOff => "called_off",
        }
    }
}

impl Tx<'_> {
    /// What the holder of a wallet allows.
    pub async fn find_top_up(&mut self, wallet: WalletId) -> Result<Option<TopUpRow>, Fault> {
        find(&mut self.session, wallet).await
    }

    /// Adds it, or writes how it stands now.
    pub async fn save_top_up(&mut self, row: &TopUpRow) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO top_ups ({TOP_UP}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
             ON CONFLICT (wallet) DO UPDATE SET state = excluded.state, pause = excluded.pause, \
             threshold_nanos = excluded.threshold_nanos, amount_cents = excluded.amount_cents, \
             cap_cents = excluded.cap_cents, waits_for = excluded.waits_for, changed_at = excluded.changed_at"
        );
        let values: [Value; 8] = [
            row.wallet.into(),
            (&row.state).into(),
            row.pause.as_ref().into(),
            row.threshold.into(),
            row.amount.into(),
            row.monthly_cap.into(),
            row.waits_for.as_ref().into(),
            row.changed_at.into(),
        ];
        self.session.execute(&sql, &values).await.map(drop)
    }

    /// Adds an attempt.
    ///
    /// # Errors
    /// [`Fault::Taken`] when another one of the wallet is open.
    pub async fn insert_top_up_attempt(&mut self, row: &TopUpAttemptRow) -> Result<(), Fault> {
        let sql =
            format!("INSERT INTO top_up_attempts ({ATTEMPT}) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING");
        let values: [Value; 6] = [
            row.wallet.into(),
            row.payment.into(),
            row.amount.into(),
            row.state.name().into(),
            row.began_at.into(),
            row.ended_at.into(),
        ];
        match self.session.execute(&sql, &values).await? {
            0 => Err(Fault::Taken { what: "the one open top-up of a wallet" }),
            _ => Ok(()),
        }
    }

    /// Writes what became of an attempt.
    pub async fn end_top_up_attempt(&mut self, row: &TopUpAttemptRow) -> Result<(), Fault> {
        let sql = "UPDATE top_up_attempts SET state = $3, ended_at = $4 WHERE wallet = $1 AND payment = $2";
        let values = [row.wallet.into(), row.payment.into(), row.state.name().into(), row.ended_at.into()];
        self.session.execute(sql, &values).await.map(drop)
    }

    /// The attempt that made a payment.
    pub async fn find_top_up_attempt(
        &mut self,
        wallet: WalletId,
        payment: PaymentId,
    ) -> Result<Option<TopUpAttemptRow>, Fault> {
        let sql = format!("SELECT {ATTEMPT} FROM top_up_attempts WHERE wallet = $1 AND payment = $2");
        self.session.find(&sql, &[wallet.into(), payment.into()]).await?.map(attempt).transpose()
    }

    /// What was tried since the UTC month and day of `now` began.
    pub async fn tally_top_ups(&mut self, wallet: WalletId, now: Instant) -> Result<TopUpTally, Fault> {
        tally(&mut self.session, wallet, now).await
    }

    /// Keeps what somebody agreed to. It is never changed.
    pub async fn insert_top_up_consent(&mut self, row: &TopUpConsentRow) -> Result<(), Fault> {
        let sql =
            format!("INSERT INTO top_up_consents ({CONSENT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
        let values: [Value; 11] = [
            row.wallet.into(),
            row.id.into(),
            row.given_at.into(),
            row.by.into(),
            (&row.text_version).into(),
            (&row.text).into(),
            row.threshold.into(),
            row.amount.into(),
            row.monthly_cap.into(),
            row.card.into(),
            row.address.as_ref().into(),
        ];
        self.session.execute(&sql, &values).await.map(drop)
    }
}

impl Reader {
    /// What the holder of a wallet allows.
    pub async fn find_top_up(&self, wallet: WalletId) -> Result<Option<TopUpRow>, Fault> {
        self.read_beside("looking for an automatic top-up", move |session| Box::pin(find(session, wallet))).await
    }

    /// What was tried since the UTC month and day of `now` began.
    pub async fn tally_top_ups(&self, wallet: WalletId, now: Instant) -> Result<TopUpTally, Fault> {
        self.read_beside("counting top-ups", move |session| Box::pin(tally(session, wallet, now))).await
    }

    /// What was tried, the newest last.
    pub async fn list_top_up_attempts(&self, wallet: WalletId, limit: u32) -> Result<Vec<TopUpAttemptRow>, Fault> {
        let sql = format!(
            "SELECT {ATTEMPT} FROM (SELECT {ATTEMPT} FROM top_up_attempts WHERE wallet = $1 \
             ORDER BY began_at DESC, payment DESC LIMIT $2) AS newest ORDER BY began_at, payment"
        );
        self.read_beside("listing top-ups", move |session| {
            Box::pin(async move {
                session.query(&sql, &[wallet.into(), limit.into()]).await?.into_iter().map(attempt).collect()
            })
        })
        .await
    }

    /// Everything that was agreed to for a wallet, oldest first.
    pub async fn list_top_up_consents(&self, wallet: WalletId) -> Result<Vec<TopUpConsentRow>, Fault> {
        let sql = format!("SELECT {CONSENT} FROM top_up_consents WHERE wallet = $1 ORDER BY id");
        self.read_beside("listing consents", move |session| {
            Box::pin(async move { session.query(&sql, &[wallet.into()]).await?.into_iter().map(consent).collect() })
        })
        .await
    }
}

async fn find(session: &mut Session<'_>, wallet: WalletId) -> Result<Option<TopUpRow>, Fault> {
    let sql = format!("SELECT {TOP_UP} FROM top_ups WHERE wallet = $1");
    session.find(&sql, &[wallet.into()]).await?.map(top_up).transpose()
}

async fn tally(session: &mut Session<'_>, wallet: WalletId, now: Instant) -> Result<TopUpTally, Fault> {
    let (day, month) = (now.day().start(), now.day().first_of_month().start());
    let since = month.min(day).plus(Seconds(-86_400));
    let sql = "SELECT \
        CAST(coalesce(sum(CASE WHEN state = 'open' THEN 1 ELSE 0 END), 0) AS bigint), \
        CAST(coalesce(sum(CASE WHEN began_at >= $2 THEN 1 ELSE 0 END), 0) AS bigint), \
        CAST(coalesce(sum(CASE WHEN began_at >= $3 AND state IN ('open', 'paid') THEN amount_cents ELSE 0 END), 0) AS bigint), \
        max(CASE WHEN state = 'called_off' THEN ended_at END) \
        FROM top_up_attempts WHERE wallet = $1 AND (began_at >= $4 OR state = 'open')";
    let values = [wallet.into(), day.into(), month.into(), since.into()];
    let Some(mut row) = session.find(sql, &values).await? else { return Ok(TopUpTally::default()) };
    let open: i64 = row.take()?;
    Ok(TopUpTally { is_open: open > 0, today: row.take()?, this_month: row.take()?, called_off_at: row.take()? })
}

fn top_up(mut row: Row) -> Result<TopUpRow, Fault> {
    Ok(TopUpRow {
        wallet: row.take()?,
        state: row.take()?,
        pause: row.take()?,
        threshold: row.take()?,
        amount: row.take()?,
        monthly_cap: row.take()?,
        waits_for: row.take()?,
        changed_at: row.take()?,
    })
}

fn attempt(mut row: Row) -> Result<TopUpAttemptRow, Fault> {
    let (wallet, payment, amount, name): (WalletId, PaymentId, Cents, String) =
        (row.take()?, row.take()?, row.take()?, row.take()?);
    let state = TopUpAttemptState::ALL.into_iter().find(|state| state.name() == name);
    let state = state.ok_or_else(|| Fault::corrupt(format!("the top-up {payment}")))?;
    Ok(TopUpAttemptRow { wallet, payment, amount, state, began_at: row.take()?, ended_at: row.take()? })
}

fn consent(mut row: Row) -> Result<TopUpConsentRow, Fault> {
    Ok(TopUpConsentRow {
        wallet: row.take()?,
        id: row.take()?,
        given_at: row.take()?,
        by: row.take()?,
        text_version: row.take()?,
        text: row.take()?,
        threshold: row.take()?,
        amount: row.take()?,
        monthly_cap: row.take()?,
        card: row.take()?,
        address: row.take()?,
    })
}
