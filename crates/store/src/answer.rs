//! Changes that are bound to a caller's key: made at most once, and answered the same.

use units::Instant;
use uuid::Uuid;

use crate::value::Value;
use crate::{Fault, Reader, Tx};

/// What binds a change to its caller's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Who asked; zeros for nobody.
    pub scope: Uuid,
    /// The SHA-256 of route and key.
    pub key_hash: [u8; 32],
    /// The SHA-256 of what was asked.
    pub content: [u8; 32],
    /// The request that asks. All its transactions are one change.
    pub request: Uuid,
    /// When.
    pub at: Instant,
}

/// A change that was made with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerRow {
    /// The SHA-256 of what was asked.
    pub content: [u8; 32],
    /// What was answered, sealed; absent until it is known.
    pub sealed: Option<Vec<u8>>,
}

impl Tx<'_> {
    /// Makes this transaction the one of the claim.
    ///
    /// # Errors
    /// [`Fault::Claimed`] when another request made a change with the key.
    pub(crate) async fn claim(&mut self, claim: &Claim) -> Result<(), Fault> {
        let sql = "INSERT INTO answers (scope, key_hash, content, request, created_at) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT DO NOTHING";
        let Claim { scope, key_hash, content, request, at } = claim;
        let values: [Value; 5] =
            [(*scope).into(), (*key_hash).into(), (*content).into(), (*request).into(), (*at).into()];
        if self.session.execute(sql, &values).await? == 1 {
            return Ok(());
        }
        let sql = "SELECT request FROM answers WHERE scope = $1 AND key_hash = $2";
        let found = self.session.find(sql, &[(*scope).into(), (*key_hash).into()]).await?;
        match found.map(|mut row| row.take::<Uuid>()).transpose()? {
            Some(by) if by == *request => Ok(()),
            _ => Err(Fault::Claimed),
        }
    }

    /// Keeps the answer to a claimed change; the first one stays.
    pub async fn keep_answer(&mut self, scope: Uuid, key_hash: [u8; 32], sealed: Vec<u8>) -> Result<(), Fault> {
        let sql = "UPDATE answers SET sealed = $3 WHERE scope = $1 AND key_hash = $2 AND sealed IS NULL";
        let values: [Value; 3] = [scope.into(), key_hash.into(), Value::Bytes(sealed)];
        self.session.execute(sql, &values).await.map(drop)
    }

    /// Forgets answers from before a moment. Answers how many.
    pub async fn delete_answers(&mut self, before: Instant) -> Result<u64, Fault> {
        self.session.execute("DELETE FROM answers WHERE created_at < $1", &[before.into()]).await
    }
}

impl Reader {
    /// The change that was made with a key.
    pub async fn find_answer(&self, scope: Uuid, key_hash: [u8; 32]) -> Result<Option<AnswerRow>, Fault> {
        self.read_beside("looking for an answer", move |session| {
            Box::pin(async move {
                let sql = "SELECT content, sealed FROM answers WHERE scope = $1 AND key_hash = $2";
                let row = session.find(sql, &[scope.into(), key_hash.into()]).await?;
                row.map(|mut row| Ok(AnswerRow { content: row.take()?, sealed: row.take()? })).transpose()
            })
        })
        .await
    }
}
