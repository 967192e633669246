//! What makes the first operator.

use units::Instant;

use crate::{Fault, Tx};

impl Tx<'_> {
    /// Adds a token, by its SHA-256.
    ///
    /// # Errors
    /// [`Fault::Taken`] when it exists.
    pub async fn insert_setup_token(&mut self, hash: [u8; 32], now: Instant, expires_at: Instant) -> Result<(), Fault> {
        let sql = "INSERT INTO setup_tokens (secret_hash, created_at, expires_at) VALUES ($1, $2, $3) \
                   ON CONFLICT DO NOTHING";
        self.insert(sql, &[hash.into(), now.into(), expires_at.into()], "this token").await
    }

    /// Whether this token can be redeemed now.
    pub async fn has_setup_token(&mut self, hash: [u8; 32], now: Instant) -> Result<bool, Fault> {
        let sql = "SELECT 1 FROM setup_tokens WHERE secret_hash = $1 AND expires_at > $2";
        Ok(self.session.find(sql, &[hash.into(), now.into()]).await?.is_some())
    }

    /// Ends all tokens.
    pub async fn delete_setup_tokens(&mut self) -> Result<(), Fault> {
        self.session.run("DELETE FROM setup_tokens").await
    }
}
