//! A code on its way to a mailbox.

use units::Instant;

use super::text;
use crate::value::{Row, Value};
use crate::{Fault, Tx};

/// A sign-in code, without the code and without the challenge that goes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInCodeRow {
    /// The SHA-256 of the challenge, which whoever asked for the code holds.
    pub challenge_hash: [u8; 32],
    /// Where it was sent, in small letters.
    pub email: String,
    /// From which network it was asked for.
    pub network: String,
    /// The SHA-256 of the challenge's hash and the code together.
    pub code_hash: [u8; 32],
    /// How many wrong tries end it.
    pub tries: u32,
    /// How many there were.
    pub wrong: u32,
    /// Since when.
    pub created_at: Instant,
    /// From when it is refused.
    pub expires_at: Instant,
    /// When somebody signed in with it.
    pub used_at: Option<Instant>,
}

impl SignInCodeRow {
    /// Whether somebody can still sign in with it.
    pub fn is_open(&self, now: Instant) -> bool {
        self.used_at.is_none() && now < self.expires_at && self.wrong < self.tries
    }
}

const SIGN_IN_CODE: &str = "challenge_hash, email, network, code_hash, tries, wrong, created_at, expires_at, used_at";

impl Tx<'_> {
    /// Adds a code.
    ///
    /// # Errors
    /// [`Fault::Taken`] when the challenge exists.
    pub async fn insert_sign_in_code(&mut self, code: &SignInCodeRow) -> Result<(), Fault> {
        let sql = format!(
            "INSERT INTO sign_in_codes ({SIGN_IN_CODE}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT DO NOTHING"
        );
        let values: [Value; 9] = [
            code.challenge_hash.into(),
            text(&code.email),
            text(&code.network),
            code.code_hash.into(),
            code.tries.into(),
            code.wrong.into(),
            code.created_at.into(),
            code.expires_at.into(),
            code.used_at.into(),
        ];
        self.insert(&sql, &values, "this challenge").await
    }

    /// Writes which code was mailed last, and how it was used.
    pub async fn update_sign_in_code(&mut self, code: &SignInCodeRow) -> Result<(), Fault> {
        let sql = "UPDATE sign_in_codes SET code_hash = $2, wrong = $3, used_at = $4 WHERE challenge_hash = $1";
        let values = [code.challenge_hash.into(), code.code_hash.into(), code.wrong.into(), code.used_at.into()];
        self.change(sql, &values).await.map(drop)
    }

    /// The code that goes with this challenge.
    pub async fn find_sign_in_code(&mut self, challenge_hash: [u8; 32]) -> Result<Option<SignInCodeRow>, Fault> {
        let sql = format!("SELECT {SIGN_IN_CODE} FROM sign_in_codes WHERE challenge_hash = $1");
        self.session.find(&sql, &[challenge_hash.into()]).await?.map(sign_in_code).transpose()
    }

    /// Codes that were asked for from a network after a moment, oldest first.
    pub async fn list_sign_in_codes_from(
        &mut self,
        network: &str,
        after: Instant,
        limit: u32,
    ) -> Result<Vec<SignInCodeRow>, Fault> {
        let sql = format!(
            "SELECT {SIGN_IN_CODE} FROM sign_in_codes WHERE network = $1 AND created_at > $2 ORDER BY created_at LIMIT $3"
        );
        let rows = self.session.query(&sql, &[text(network), after.into(), limit.into()]).await?;
        rows.into_iter().map(sign_in_code).collect()
    }

    /// How many wrong tries the codes of an address got that were sent after a moment.
    pub async fn count_wrong_tries(&mut self, email: &str, after: Instant) -> Result<u64, Fault> {
        let sql =
            "SELECT CAST(coalesce(sum(wrong), 0) AS bigint) FROM sign_in_codes WHERE email = $1 AND created_at > $2";
        match self.session.find(sql, &[text(email), after.into()]).await? {
            Some(mut row) => row.take(),
            None => Ok(0),
        }
    }

    /// Forgets codes that were sent before a moment.
    pub async fn delete_sign_in_codes(&mut self, before: Instant) -> Result<u64, Fault> {
        self.session.execute("DELETE FROM sign_in_codes WHERE created_at < $1", &[before.into()]).await
    }
}

fn sign_in_code(mut row: Row) -> Result<SignInCodeRow, Fault> {
    Ok(SignInCodeRow {
        challenge_hash: row.take()?,
        email: row.take()?,
        network: row.take()?,
        code_hash: row.take()?,
        tries: row.take()?,
        wrong: row.take()?,
        created_at: row.take()?,
        expires_at: row.take()?,
        used_at: row.take()?,
    })
}
