//! The load: as many callers as requests are in flight, each making one pair after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::time::{Duration, Instant};

use benches::{Cpu, Failure, Latency, memory, thread_cpu};
use tokio::task::JoinSet;

use crate::books::Books;
use crate::request::{Requests, Shape};

/// The store's writer on SQLite.
const WRITER: &str = "tare-books";

/// What a cell of the report asks for.
#[derive(Clone, Copy)]
pub struct Load {
    /// Which wallets.
    pub shape: Shape,
    /// How many callers at once.
    pub in_flight: usize,
    /// Not measured, so that caches and plans are warm.
    pub warm: Duration,
    /// Measured.
    pub measured: Duration,
    /// Makes the requests of each round different ones.
    pub round: u64,
}

/// What was measured.
#[derive(Clone)]
pub struct Sample {
    /// Settlements that were answered from the beginning to the end, the warm-up included.
    pub settled: u64,
    /// Holds and settlements that were answered while it was measured.
    pub ops: u64,
    /// In this time.
    pub seconds: f64,
    /// How long a caller waited for one answer.
    pub latency: Latency,
    /// Processor time of this process: callers and books.
    pub own: Option<Duration>,
    /// Of that, the thread that writes SQLite.
    pub writer: Option<Duration>,
    /// Processor time of the database's server.
    pub server: Option<Duration>,
    /// Transactions that were committed.
    pub commits: Option<u64>,
    /// Bytes resident in this process at the end.
    pub memory: Option<u64>,
}

impl Sample {
    /// Pairs of a hold and a settlement in a second.
    pub fn pairs_per_second(&self) -> f64 {
        self.ops as f64 / 2.0 / self.seconds
    }
}

const WARMING: u8 = 0;
const MEASURING: u8 = 1;
const STOPPING: u8 = 2;

/// Runs the callers through all phases. Every hold that was placed is settled before it answers.
pub async fn drive(books: &Arc<Books>, load: Load) -> Result<Sample, Failure> {
    let phase = Arc::new(AtomicU8::new(WARMING));
    let mut callers = JoinSet::new();
    for caller in 0..load.in_flight {
        let requests = Requests::new(caller, load.round, load.shape);
        callers.spawn(call(Arc::clone(books), requests, Arc::clone(&phase)));
    }
    tokio::time::sleep(load.warm).await;
    let before = Used::now(books).await;
    phase.store(MEASURING, Ordering::Relaxed);
    tokio::time::sleep(load.measured).await;
    phase.store(STOPPING, Ordering::Relaxed);
    let after = Used::now(books).await;
    let (mut latency, mut settled) = (Latency::default(), 0);
    while let Some(done) = callers.join_next().await {
        let (its_latency, its_settled) = done??;
        latency.merge(&its_latency);
        settled += its_settled;
    }
    let since = |after: Option<Cpu>, before: Option<Cpu>| Some(after?.since(before?));
    Ok(Sample {
        settled,
        ops: latency.count(),
        seconds: (after.at - before.at).as_secs_f64(),
        latency,
        own: since(after.own, before.own),
        writer: since(after.writer, before.writer),
        server: since(after.server, before.server),
        commits: after.commits.zip(before.commits).map(|(after, before)| after.saturating_sub(before)),
        memory: memory(),
    })
}

async fn call(books: Arc<Books>, mut requests: Requests, phase: Arc<AtomicU8>) -> Result<(Latency, u64), Failure> {
    let (mut latency, mut settled) = (Latency::default(), 0);
    // Counts what is answered while it is measured, whenever it was asked.
    let mut count = |began: Instant| {
        if phase.load(Ordering::Relaxed) == MEASURING {
            latency.add(began.elapsed());
        }
    };
    while phase.load(Ordering::Relaxed) != STOPPING {
        let request = requests.next();
        let began = Instant::now();
        books.hold(&request).await?;
        count(began);
        let began = Instant::now();
        books.settle(&request).await?;
        count(began);
        settled += 1;
    }
    Ok((latency, settled))
}

/// Makes a number of pairs, as fast as it goes, and tells how many are left to do.
pub async fn fill(books: &Arc<Books>, shape: Shape, pairs: u64, tell: impl Fn(u64)) -> Result<(), Failure> {
    const IN_FLIGHT: usize = 512;
    let left = Arc::new(AtomicI64::new(pairs as i64));
    let mut callers = JoinSet::new();
    for caller in 0..IN_FLIGHT {
        let (books, left) = (Arc::clone(books), Arc::clone(&left));
        let mut requests = Requests::new(caller, pairs, shape);
        callers.spawn(async move {
            while left.fetch_sub(1, Ordering::Relaxed) > 0 {
                let request = requests.next();
                books.hold(&request).await?;
                books.settle(&request).await?;
            }
            Ok::<_, Failure>(())
        });
    }
    let mut clock = tokio::time::interval(Duration::from_millis(200));
    loop {
        tokio::select! {
            _ = clock.tick() => tell(left.load(Ordering::Relaxed).max(0) as u64),
            done = callers.join_next() => match done {
                Some(done) => done??,
                None => return Ok(()),
            },
        }
    }
}

struct Used {
    at: Instant,
    own: Option<Cpu>,
    writer: Option<Cpu>,
    server: Option<Cpu>,
    commits: Option<u64>,
}

impl Used {
    async fn now(books: &Books) -> Self {
        let commits = books.commits().await;
        let server = books.server().and_then(|server| server.cpu());
        Self { at: Instant::now(), own: Cpu::own(), writer: thread_cpu(WRITER), server, commits }
    }
}
