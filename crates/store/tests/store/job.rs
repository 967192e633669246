//! Jobs: written with their change, claimed by one, and back when it dies.

use std::collections::HashSet;

use store::{Fault, Job, Store};
use units::{Instant, JobId};

use crate::on_both;
use crate::world::*;

fn job(world: &World, due: i64) -> Job {
    Job {
        id: JobId::from_uuid(world.id()),
        kind: "mail".to_owned(),
        payload: r#"{"to":"ana@example.com"}"#.to_owned(),
        lane: None,
        created_at: at(0),
        due_at: at(due),
        expires_at: None,
        attempts: 0,
    }
}

fn in_lane(world: &World, lane: &str) -> Job {
    Job { lane: Some(lane.to_owned()), ..job(world, 0) }
}

async fn insert(store: &Store, jobs: &[&Job]) {
    let jobs: Vec<Job> = jobs.iter().map(|job| (*job).clone()).collect();
    let written = async move |tx: &mut store::Tx<'_>| {
        for job in &jobs {
            tx.insert_job(job).await?;
        }
        Ok::<_, Fault>(())
    };
    store.write(written).await.unwrap();
}

async fn claim(store: &Store, now: i64, until: i64, limit: u32) -> Vec<Job> {
    store.write(async move |tx| tx.claim_jobs(at(now), at(until), limit).await).await.unwrap()
}

async fn claimed_ids(store: &Store, now: i64, until: i64) -> Vec<JobId> {
    claim(store, now, until, 100).await.into_iter().map(|job| job.id).collect()
}

async fn finish(store: &Store, job: &Job) -> bool {
    let (id, attempt) = (job.id, job.attempts);
    store.write(async move |tx| tx.finish_job(id, attempt).await).await.unwrap()
}

async fn retry(store: &Store, job: &Job, due_at: Instant) -> bool {
    let (id, attempt) = (job.id, job.attempts);
    store.write(async move |tx| tx.retry_job(id, attempt, due_at, "4\0 21").await).await.unwrap()
}

on_both! {
    async fn a_job_shares_the_fate_of_its_change(world: World) {
        let store = world.open().await;
        let (kept, lost) = (job(world, 0), job(world, 0));
        insert(&store, &[&kept, &kept]).await;
        let failed = store.write(async move |tx| {
            tx.insert_job(&lost).await?;
            Err::<(), _>(Fault::Taken { what: "the change" })
        }).await;
        assert!(failed.is_err());
        assert_eq!(claim(&store, 0, 60, 10).await, [Job { due_at: at(60), attempts: 1, ..kept }]);
        store.close().await;
    }

    async fn a_claim_lasts_as_long_as_its_lease(world: World) {
        let store = world.open().await;
        let (first, later) = (job(world, 0), job(world, 30));
        insert(&store, &[&first, &later]).await;
        assert_eq!(store.reader().has_due_job(at(-1)).await, Ok(false));
        assert_eq!(store.reader().next_due_job(at(0)).await, Ok(Some(at(30))));
        let held = claim(&store, 0, 60, 10).await;
        assert_eq!(held.len(), 1);
        assert_eq!(claimed_ids(&store, 29, 90).await, []);
        assert_eq!(claimed_ids(&store, 30, 90).await, [later.id]);
        // The first node says nothing until its lease has run out and another has the job.
        let again = claim(&store, 60, 120, 10).await;
        assert_eq!((again[0].id, again[0].attempts), (first.id, 2));
        assert!(!finish(&store, &held[0]).await && !retry(&store, &held[0], at(61)).await);
        assert!(finish(&store, &again[0]).await);
        assert!(!finish(&store, &again[0]).await);
        assert_eq!(store.reader().next_due_job(at(60)).await, Ok(Some(at(90))));
        store.close().await;
    }

    async fn a_lane_goes_on_when_its_oldest_has_ended(world: World) {
        let store = world.open().await;
        let (a1, b1, a2) = (in_lane(world, "a"), in_lane(world, "b"), in_lane(world, "a"));
        insert(&store, &[&a2, &b1, &a1]).await;
        let held = claim(&store, 0, 60, 10).await;
        assert_eq!(held.iter().map(|job| job.id).collect::<Vec<_>>(), [a1.id, b1.id]);
        assert!(retry(&store, &held[0], at(10)).await);
        assert_eq!(claimed_ids(&store, 9, 60).await, [], "the second waits for the first");
        let held = claim(&store, 10, 60, 10).await;
        let (id, attempt) = (held[0].id, held[0].attempts);
        assert_eq!((id, attempt), (a1.id, 2));
        let given_up = store.write(async move |tx| tx.give_up_job(id, attempt, at(11), "550").await).await;
        assert_eq!(given_up, Ok::<_, Fault>(true));
        assert_eq!(claimed_ids(&store, 11, 60).await, [a2.id]);
        let listed = store.reader().list_given_up_jobs(None, 10).await.unwrap();
        assert_eq!((listed[0].id, listed[0].attempts, listed[0].last_error.as_str()), (a1.id, 2, "550"));
        assert_eq!(store.reader().list_given_up_jobs(Some(a1.id), 10).await, Ok(vec![]));
        store.close().await;
    }

    /// Four takers at once: each job goes to one of them.
    async fn two_never_claim_one_job(world: World) {
        let store = world.open().await;
        let jobs: Vec<Job> = (0..40).map(|_| job(world, 0)).collect();
        insert(&store, &jobs.iter().collect::<Vec<_>>()).await;
        let taker = async || {
            let mut taken = Vec::new();
            while store.reader().has_due_job(at(0)).await.unwrap() {
                taken.extend(claimed_some(&store).await);
            }
            taken
        };
        let (a, b, c, d) = tokio::join!(taker(), taker(), taker(), taker());
        let all: Vec<JobId> = [a, b, c, d].concat();
        assert_eq!(all.len(), 40);
        assert_eq!(all.into_iter().collect::<HashSet<_>>(), jobs.iter().map(|job| job.id).collect());
        store.close().await;
    }
}

/// A claim that PostgreSQL could not serialize is no claim.
async fn claimed_some(store: &Store) -> Vec<JobId> {
    let claimed = store.write(async move |tx| tx.claim_jobs(at(0), at(60), 3).await).await;
    match claimed {
        Ok(jobs) => jobs.into_iter().map(|job| job.id).collect(),
        Err(fault) if fault.is_retryable() => Vec::new(),
        Err(fault) => panic!("{fault}"),
    }
}
