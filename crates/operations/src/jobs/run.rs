//! Carries out the jobs that changes have left behind.
//!
//! A job is done at least once. A node that dies in the middle leaves a lease, and another does the job again,
//! under the same id; so whoever is called outside can tell that it is the same work.

use std::sync::Arc;
use std::time::Duration;

use store::Job;
use tokio::time::timeout;
use units::Seconds;

use super::backoff::wait_after;
use super::task::{Failed, Task};
use crate::{Context, Door, Error, Services};

/// How long a claimed job is nobody else's.
const LEASE: Seconds = Seconds(300);
/// How long a job may take: less than its lease, so that no two nodes do it at the same time.
const LONGEST: Duration = Duration::from_secs(150);

/// What became of the jobs that were due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// Done.
    pub done: u64,
    /// Failed, and due again later.
    pub put_off: u64,
    /// Failed for good.
    pub given_up: u64,
}

/// Does what is due, one job after the other, until nothing is. Several may run beside each other, in one
/// process and on several nodes.
pub async fn run(services: &Services, door: &Arc<dyn Door>) -> Result<Ran, Error> {
    let mut ran = Ran::default();
    while services.store.reader().has_due_job(door.context().now).await? {
        let ctx = door.context();
        let (now, until) = (ctx.now, ctx.now.plus(LEASE));
        let claimed = services.store.write(async move |tx| tx.claim_jobs(now, until, 1).await.map_err(Error::from));
        let Some(job) = claimed.await?.pop() else { break };
        let result = perform(services, &ctx, &job).await;
        end(services, &door.context(), &job, result, &mut ran).await?;
    }
    Ok(ran)
}

/// In a task of its own, so that a bug in one kind of work stops no other.
async fn perform(services: &Services, ctx: &Context, job: &Job) -> Result<(), Failed> {
    if job.expires_at.is_some_and(|end| end <= ctx.now) {
        return Err(Failed::ForGood("nobody wants it any more".to_owned()));
    }
    // What is wrong with it is not shown: it can stand beside a secret.
    let task: Task =
        serde_json::from_str(&job.payload).map_err(|_| Failed::ForGood("this program cannot read it".to_owned()))?;
    let (services, ctx, id) = (services.clone(), ctx.clone(), job.id);
    let mut working = tokio::spawn(async move { task.perform(&services, &ctx, id).await });
    match timeout(LONGEST, &mut working).await {
        Ok(Ok(result)) => result,
        Ok(Err(broken)) => Err(Failed::Once(format!("it broke off: {broken}"))),
        Err(_) => {
            working.abort();
            Err(Failed::Once(format!("it took longer than {} seconds", LONGEST.as_secs())))
        }
    }
}

async fn end(
    services: &Services,
    ctx: &Context,
    job: &Job,
    result: Result<(), Failed>,
    ran: &mut Ran,
) -> Result<(), Error> {
    let (id, attempt, now) = (job.id, job.attempts, ctx.now);
    let (why, wait) = match result {
        Ok(()) => {
            ran.done += 1;
            services.store.write(async move |tx| tx.finish_job(id, attempt).await.map_err(Error::from)).await?;
            return Ok(());
        }
        Err(Failed::Once(why)) => (why, wait_after(attempt)),
        Err(Failed::ForGood(why)) => (why, None),
    };
    match wait {
        Some(wait) => {
            tracing::warn!(job = %id, kind = %job.kind, attempt, %why, "a job failed and is tried again");
            ran.put_off += 1;
            let due_at = now.plus(wait);
            services
                .store
                .write(async move |tx| tx.retry_job(id, attempt, due_at, &why).await.map_err(Error::from))
                .await?;
        }
        None => {
            tracing::error!(job = %id, kind = %job.kind, attempt, %why, "a job was given up");
            ran.given_up += 1;
            services
                .store
                .write(async move |tx| tx.give_up_job(id, attempt, now, &why).await.map_err(Error::from))
                .await?;
        }
    }
    Ok(())
}
