//! Work that follows a change: written with it, claimed under a lease, done, tried again, or given up.
//!
//! A claim is fenced by the count of its attempt: who lost its lease can no longer say how the job ended.
//! What a job means, how long a lease is and when to try again is not decided here.

use units::{Instant, JobId};

use crate::session::{Dialect, Session};
use crate::value::{Row, Value};
use crate::{Fault, Reader, Tx};

/// A job that waits or runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id. What a job does outside is keyed by it, so that doing it again changes nothing.
    pub id: JobId,
    /// What kind of work.
    pub kind: String,
    /// What exactly, as JSON. It holds no secret, and is never logged: names and addresses stand in it.
    pub payload: String,
    /// Jobs of one lane are done one after the other, in the order of their ids.
    pub lane: Option<String>,
    /// When it was written.
    pub created_at: Instant,
    /// Not before; of a claimed job, when its lease ends.
    pub due_at: Instant,
    /// From when nobody wants it any more.
    pub expires_at: Option<Instant>,
    /// How often it was claimed.
    pub attempts: u32,
}

/// A job that nobody tries any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenUpJob {
    /// Its id.
    pub id: JobId,
    /// What kind of work.
    pub kind: String,
    /// When it was written.
    pub created_at: Instant,
    /// When it was given up.
    pub given_up_at: Instant,
    /// How often it was tried.
    pub attempts: u32,
    /// What went wrong the last time.
    pub last_error: String,
}

const JOB: &str = "id, kind, payload, lane, created_at, due_at, expires_at, attempts";

impl Tx<'_> {
    /// Writes a job with the change that it follows. Writing a job again that still waits changes nothing.
    pub async fn insert_job(&mut self, job: &Job) -> Result<(), Fault> {
        let sql =
            format!("INSERT INTO jobs ({JOB}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING");
        let values: [Value; 8] = [
            job.id.into(),
            (&job.kind).into(),
            (&job.payload).into(),
            job.lane.as_ref().into(),
            job.created_at.into(),
            job.due_at.into(),
            job.expires_at.into(),
            job.attempts.into(),
        ];
        self.session.execute(&sql, &values).await.map(drop)
    }

    /// Claims at most `limit` jobs that are due, until `lease_until`. Oldest id first.
    ///
    /// On PostgreSQL jobs that another node is about to claim are passed over, on SQLite there is one writer.
    pub async fn claim_jobs(&mut self, now: Instant, lease_until: Instant, limit: u32) -> Result<Vec<Job>, Fault> {
        let passing_over = match self.session.dialect() {
            Dialect::Sqlite => "",
            Dialect::Postgres => "FOR UPDATE OF job SKIP LOCKED",
        };
        let sql = format!(
            "WITH due AS MATERIALIZED ( \
                 SELECT id FROM jobs AS job WHERE due_at <= $1 AND given_up_at IS NULL AND NOT EXISTS ( \
                     SELECT 1 FROM jobs AS earlier \
                     WHERE earlier.lane = job.lane AND earlier.id < job.id AND earlier.given_up_at IS NULL) \
                 ORDER BY due_at, id LIMIT $3 {passing_over}) \
             UPDATE jobs SET due_at = $2, attempts = attempts + 1 WHERE id IN (SELECT id FROM due) RETURNING {JOB}"
        );
        let rows = self.session.query(&sql, &[now.into(), lease_until.into(), limit.into()]).await?;
        let mut jobs = rows.into_iter().map(job).collect::<Result<Vec<_>, _>>()?;
        jobs.sort_by_key(|job| job.id);
        Ok(jobs)
    }

    /// The job is done and forgotten. Answers whether the claim still held.
    pub async fn finish_job(&mut self, id: JobId, attempt: u32) -> Result<bool, Fault> {
        let sql = "DELETE FROM jobs WHERE id = $1 AND attempts = $2 AND given_up_at IS NULL";
        Ok(self.session.execute(sql, &[id.into(), attempt.into()]).await? == 1)
    }

    /// The job failed and is due again at `due_at`. Answers whether the claim still held.
    pub async fn retry_job(&mut self, id: JobId, attempt: u32, due_at: Instant, why: &str) -> Result<bool, Fault> {
        let sql =
            "UPDATE jobs SET due_at = $3, last_error = $4 WHERE id = $1 AND attempts = $2 AND given_up_at IS NULL";
        let values = [id.into(), attempt.into(), due_at.into(), reason(why)];
        Ok(self.session.execute(sql, &values).await? == 1)
    }

    /// The job failed for good. Its payload is wiped, and the next of its lane may go on. Answers whether the
    /// claim still held.
    pub async fn give_up_job(&mut self, id: JobId, attempt: u32, at: Instant, why: &str) -> Result<bool, Fault> {
        let sql = "UPDATE jobs SET given_up_at = $3, last_error = $4, payload = '{}' \
                   WHERE id = $1 AND attempts = $2 AND given_up_at IS NULL";
        let values = [id.into(), attempt.into(), at.into(), reason(why)];
        Ok(self.session.execute(sql, &values).await? == 1)
    }
}

impl Reader {
    /// Whether some job is due: a cheap look before a claim.
    pub async fn has_due_job(&self, now: Instant) -> Result<bool, Fault> {
        let sql = "SELECT 1 FROM jobs WHERE given_up_at IS NULL AND due_at <= $1 LIMIT 1";
        self.read_beside("looking for jobs", move |session| {
            Box::pin(async move { Ok(session.find(sql, &[now.into()]).await?.is_some()) })
        })
        .await
    }

    /// The first moment after `after` at which a job is due.
    pub async fn next_due_job(&self, after: Instant) -> Result<Option<Instant>, Fault> {
        self.read_beside("looking for the next job", move |session| Box::pin(next_due(session, after))).await
    }

    /// Jobs that were given up, in the order of their ids.
    pub async fn list_given_up_jobs(&self, after: Option<JobId>, limit: u32) -> Result<Vec<GivenUpJob>, Fault> {
        let after = after.map(|id| id.uuid()).unwrap_or_default();
        let sql = "SELECT id, kind, created_at, given_up_at, attempts, last_error FROM jobs \
                   WHERE given_up_at IS NOT NULL AND id > $1 ORDER BY id LIMIT $2";
        self.read_beside("listing jobs that were given up", move |session| {
            Box::pin(async move {
                session.query(sql, &[after.into(), limit.into()]).await?.into_iter().map(given_up).collect()
            })
        })
        .await
    }
}

async fn next_due(session: &mut Session<'_>, after: Instant) -> Result<Option<Instant>, Fault> {
    let sql = "SELECT min(due_at) FROM jobs WHERE given_up_at IS NULL AND due_at > $1";
    match session.find(sql, &[after.into()]).await? {
        Some(mut row) => row.take(),
        None => Ok(None),
    }
}

/// PostgreSQL takes no zero bytes in a text, and nobody reads more than the beginning.
fn reason(why: &str) -> Value {
    Value::Text(why.replace('\0', " ").chars().take(500).collect())
}

fn job(mut row: Row) -> Result<Job, Fault> {
    Ok(Job {
        id: row.take()?,
        kind: row.take()?,
        payload: row.take()?,
        lane: row.take()?,
        created_at: row.take()?,
        due_at: row.take()?,
        expires_at: row.take()?,
        attempts: row.take()?,
    })
}

fn given_up(mut row: Row) -> Result<GivenUpJob, Fault> {
    Ok(GivenUpJob {
        id: row.take()?,
        kind: row.take()?,
        created_at: row.take()?,
        given_up_at: row.take()?,
        attempts: row.take()?,
        last_error: row.take()?,
    })
}
