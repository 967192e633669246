//! What the built-in processor remembers: objects that it alone understands.

use units::Instant;

use crate::session::Session;
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// One object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SandboxItem {
    /// Its id.
    pub id: String,
    /// What it is, as JSON.
    pub body: String,
    /// When something happens to it by itself.
    pub due_at: Option<Instant>,
    /// How often it was written.
    pub version: u32,
}

const ITEM: &str = "id, body, due_at, version";

impl Tx<'_> {
    /// Writes an object if it still has the version with which it was read; zero says that it is new. Answers
    /// whether it did.
    pub async fn save_sandbox_item(&mut self, item: &SandboxItem) -> Result<bool, Fault> {
        let (sql, values) = match item.version {
            0 => (
                "INSERT INTO sandbox_objects (id, body, due_at, version) VALUES ($1, $2, $3, 1) ON CONFLICT DO NOTHING",
                vec![(&item.id).into(), (&item.body).into(), item.due_at.into()],
            ),
            version => (
                "UPDATE sandbox_objects SET body = $2, due_at = $3, version = version + 1 WHERE id = $1 AND version = $4",
                vec![(&item.id).into(), (&item.body).into(), item.due_at.into(), Value::from(version)],
            ),
        };
        Ok(self.session.execute(sql, &values).await? == 1)
    }
}

impl Reader {
    /// The object of this id.
    pub async fn find_sandbox_item(&self, id: &str) -> Result<Option<SandboxItem>, Fault> {
        let id = id.to_owned();
        self.read_beside("asking the sandbox", move |session| Box::pin(find(session, id))).await
    }

    /// Objects whose ids begin with these plain letters and come behind this one, in the order of ids.
    pub async fn list_sandbox_items(&self, prefix: &str, after: &str, limit: u32) -> Result<Vec<SandboxItem>, Fault> {
        // `~` comes behind every letter of an id.
        let (after, end) = (after.max(prefix).to_owned(), format!("{prefix}~"));
        let sql = format!("SELECT {ITEM} FROM sandbox_objects WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3");
        self.read_beside("asking the sandbox", move |session| {
            Box::pin(async move {
                let values = [after.into(), end.into(), limit.into()];
                session.query(&sql, &values).await?.into_iter().map(item).collect()
            })
        })
        .await
    }

    /// Objects to which something happens by now.
    pub async fn list_due_sandbox_items(&self, now: Instant, limit: u32) -> Result<Vec<SandboxItem>, Fault> {
        let sql = format!(
            "SELECT {ITEM} FROM sandbox_objects WHERE due_at IS NOT NULL AND due_at <= $1 ORDER BY due_at, id LIMIT $2"
        );
        self.read_beside("asking the sandbox", move |session| {
            Box::pin(
                async move { session.query(&sql, &[now.into(), limit.into()]).await?.into_iter().map(item).collect() },
            )
        })
        .await
    }

    /// The first moment after this one at which something happens to an object.
    pub async fn next_due_sandbox_item(&self, after: Instant) -> Result<Option<Instant>, Fault> {
        let sql = "SELECT min(due_at) FROM sandbox_objects WHERE due_at IS NOT NULL AND due_at > $1";
        self.read_beside("asking the sandbox", move |session| {
            Box::pin(async move {
                match session.find(sql, &[after.into()]).await? {
                    Some(mut row) => row.take(),
                    None => Ok(None),
                }
            })
        })
        .await
    }
}

async fn find(session: &mut Session<'_>, id: String) -> Result<Option<SandboxItem>, Fault> {
    let sql = format!("SELECT {ITEM} FROM sandbox_objects WHERE id = $1");
    session.find(&sql, &[id.into()]).await?.map(item).transpose()
}

fn item(mut row: Row) -> Result<SandboxItem, Fault> {
    Ok(SandboxItem { id: row.take()?, body: row.take()?, due_at: row.take()?, version: row.take()? })
}
