//! The seats of organizations: their state, and what happened to them.

use billing::seat::{Event, Seating};
use units::{Instant, OrganizationId, UserId};

use crate::invoice::{json, parse};
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// Something that happened to the seats of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatEventRow {
    /// Whose.
    pub organization: OrganizationId,
    /// The first is 1.
    pub number: u64,
    /// When.
    pub at: Instant,
    /// Who wished it, when it was a person.
    pub by: Option<UserId>,
    /// What.
    pub event: Event,
    /// The SHA-256 of the caller's key, and of what was wished under it: on the first event of a wish.
    pub key: Option<([u8; 32], [u8; 32])>,
}

const EVENT: &str = "organization, number, at, by_user, event, key_hash, content";

impl Tx<'_> {
    /// Writes how the seats stand now.
    pub async fn set_seating(&mut self, organization: OrganizationId, seating: &Seating) -> Result<(), Fault> {
        let sql = "UPDATE organizations SET seating = $2 WHERE id = $1";
        self.session.execute(sql, &[organization.into(), json(seating)?]).await.map(drop)
    }

    /// How many things happened so far.
    pub async fn count_seat_events(&mut self, organization: OrganizationId) -> Result<u64, Fault> {
        let sql = "SELECT coalesce(max(number), 0) FROM seat_events WHERE organization = $1";
        match self.session.find(sql, &[organization.into()]).await? {
            Some(mut row) => row.take(),
            None => Ok(0),
        }
    }

    /// Writes what happened behind the history.
    pub async fn insert_seat_event(&mut self, row: &SeatEventRow) -> Result<(), Fault> {
        let sql = format!("INSERT INTO seat_events ({EVENT}) VALUES ($1, $2, $3, $4, $5, $6, $7)");
        let number = i64::try_from(row.number).map_err(|_| Fault::corrupt("too many events of seats"))?;
        let values: [Value; 7] = [
            row.organization.into(),
            Value::Int(number),
            row.at.into(),
            row.by.into(),
            json(&row.event)?,
            row.key.map(|(hash, _)| hash).into(),
            row.key.map(|(_, content)| content).into(),
        ];
        self.session.execute(&sql, &values).await.map(drop)
    }

    /// What happened first by the wish under this key.
    pub async fn find_seat_event_by_key(
        &mut self,
        organization: OrganizationId,
        key_hash: [u8; 32],
    ) -> Result<Option<SeatEventRow>, Fault> {
        let sql = format!("SELECT {EVENT} FROM seat_events WHERE organization = $1 AND key_hash = $2");
        self.session.find(&sql, &[organization.into(), key_hash.into()]).await?.map(event).transpose()
    }
}

impl Reader {
    /// What happened to the seats of an organization, the newest first, from before a number.
    pub async fn list_seat_events(
        &self,
        organization: OrganizationId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<SeatEventRow>, Fault> {
        let before = before.map_or(i64::MAX, |number| i64::try_from(number).unwrap_or(i64::MAX));
        let sql = format!(
            "SELECT {EVENT} FROM seat_events WHERE organization = $1 AND number < $2 ORDER BY number DESC LIMIT $3"
        );
        self.read_beside("listing events of seats", move |session| {
            Box::pin(async move {
                let rows = session.query(&sql, &[organization.into(), Value::Int(before), limit.into()]).await?;
                rows.into_iter().map(event).collect()
            })
        })
        .await
    }
}

fn event(mut row: Row) -> Result<SeatEventRow, Fault> {
    let (organization, number, at, by) = (row.take()?, row.take()?, row.take()?, row.take()?);
    let event = parse(&row.take::<String>()?, "an event of seats")?;
    let (hash, content): (Option<[u8; 32]>, Option<[u8; 32]>) = (row.take()?, row.take()?);
    Ok(SeatEventRow { organization, number, at, by, event, key: hash.zip(content) })
}
