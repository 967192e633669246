//! People on their way to an OpenID provider, and who they are there.

use units::{Instant, UserId};

use super::text;
use crate::value::{Row, Value};
use crate::{Fault, Tx};

/// Somebody who has set out to the provider, without the state that comes back with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcSetoutRow {
    /// The SHA-256 of the state.
    pub state_hash: [u8; 32],
    /// What the provider's word must repeat.
    pub nonce: String,
    /// What proves that the code is exchanged by who asked for it.
    pub verifier: String,
    /// The path to which they come back here.
    pub return_to: String,
    /// From when it is refused.
    pub expires_at: Instant,
}

const SETOUT: &str = "state_hash, nonce, verifier, return_to, expires_at";

impl Tx<'_> {
    /// Notes that somebody sets out.
    ///
    /// # Errors
    /// [`Fault::Taken`] when the state exists.
    pub async fn insert_oidc_setout(&mut self, row: &OidcSetoutRow) -> Result<(), Fault> {
        let sql = format!("INSERT INTO oidc_setouts ({SETOUT}) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING");
        let values: [Value; 5] =
            [row.state_hash.into(), text(&row.nonce), text(&row.verifier), text(&row.return_to), row.expires_at.into()];
        self.insert(&sql, &values, "this state").await
    }

    /// Takes the row of a state out: it is good once.
    pub async fn take_oidc_setout(&mut self, state_hash: [u8; 32]) -> Result<Option<OidcSetoutRow>, Fault> {
        let sql = format!("DELETE FROM oidc_setouts WHERE state_hash = $1 RETURNING {SETOUT}");
        self.session.find(&sql, &[state_hash.into()]).await?.map(setout).transpose()
    }

    /// Deletes the rows of people who never came back. Answers how many.
    pub async fn delete_oidc_setouts(&mut self, before: Instant) -> Result<u64, Fault> {
        self.session.execute("DELETE FROM oidc_setouts WHERE expires_at < $1", &[before.into()]).await
    }

    /// The person whom a provider knows by this name.
    pub async fn find_oidc_user(&mut self, issuer: &str, subject: &str) -> Result<Option<UserId>, Fault> {
        let sql = "SELECT user_id FROM oidc_identities WHERE issuer = $1 AND subject = $2";
        self.session.find(sql, &[text(issuer), text(subject)]).await?.map(|mut row| row.take()).transpose()
    }

    /// Notes who a person is to a provider.
    pub async fn insert_oidc_identity(
        &mut self,
        issuer: &str,
        subject: &str,
        user: UserId,
        at: Instant,
    ) -> Result<(), Fault> {
        let sql = "INSERT INTO oidc_identities (issuer, subject, user_id, linked_at) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT DO NOTHING";
        self.insert(sql, &[text(issuer), text(subject), user.into(), at.into()], "this identity").await
    }
}

fn setout(mut row: Row) -> Result<OidcSetoutRow, Fault> {
    Ok(OidcSetoutRow {
        state_hash: row.take()?,
        nonce: row.take()?,
        verifier: row.take()?,
        return_to: row.take()?,
        expires_at: row.take()?,
    })
}
