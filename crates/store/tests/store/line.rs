//! A line to PostgreSQL that is cut at any byte, before a COMMIT, or after it and before its answer; that is slow, or
//! that goes silent. It counts what it does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use sim::Random;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// What will happen to a connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fate {
    /// Nothing.
    Sound,
    /// Nothing, but the server is far away: everything takes so much longer, both ways.
    Far(Duration),
    /// It is cut after so many bytes to the server.
    CutTo(u64),
    /// It is cut after so many bytes from the server.
    CutFrom(u64),
    /// Its so many-th COMMIT is not passed on.
    CutBeforeCommit(u64),
    /// Its so many-th COMMIT is passed on, and it is cut before the server can have answered.
    CutWithCommit(u64),
    /// Its so many-th COMMIT is passed on and done, and the answer is not passed back.
    CutAfterCommit(u64),
    /// Everything takes so much longer, and in the end it is cut.
    Slow(Duration, u64),
    /// After so many bytes to the server nothing passes any more, and nobody is told.
    Silent(u64),
}

/// What was done to connections.
#[derive(Debug, Default)]
pub struct Cuts {
    pub at_a_byte: AtomicU64,
    pub before_commit: AtomicU64,
    pub after_commit: AtomicU64,
    pub slow: AtomicU64,
    pub silent: AtomicU64,
    /// How many of the COMMITs whose answers were kept back had been done.
    pub done: AtomicU64,
    /// From then on nothing happens any more.
    is_over: AtomicBool,
}

impl Cuts {
    pub fn count(&self) -> u64 {
        let cuts = [&self.at_a_byte, &self.before_commit, &self.after_commit, &self.slow];
        cuts.map(|count| count.load(Ordering::Relaxed)).iter().sum()
    }

    pub fn stop(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }
}

/// A line to the server at this address, and what happens to each of its connections, in the order in which they are
/// opened. Answers with the line's own address.
pub async fn lay(server: String, mut fates: impl FnMut() -> Fate + Send + 'static, cuts: Arc<Cuts>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(carry(client, server, fates(), Arc::clone(&cuts)));
        }
    });
    address
}

/// Some fate, but silence only when it may be.
pub fn draw(random: &mut Random, may_be_silent: bool) -> Fate {
    let bytes = [300, 3_000, 20_000, 60_000][random.below(4) as usize];
    let bytes = 1 + random.below(bytes);
    let commits = 1 + random.below(6);
    match random.below(100) {
        0..20 => Fate::CutTo(bytes),
        20..40 => Fate::CutFrom(bytes),
        40..55 => Fate::CutBeforeCommit(commits),
        55..65 => Fate::CutWithCommit(commits),
        65..90 => Fate::CutAfterCommit(commits),
        90..98 => Fate::Slow(Duration::from_millis(20 + random.below(80)), bytes),
        _ if may_be_silent => Fate::Silent(bytes),
        _ => Fate::CutAfterCommit(commits),
    }
}

/// Carries bytes both ways until the connection's fate.
async fn carry(client: TcpStream, server: TcpStream, fate: Fate, cuts: Arc<Cuts>) {
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let is_kept_back = AtomicBool::new(false);
    let to = there(from_client, to_server, fate, &cuts, &is_kept_back);
    let back = back(from_server, to_client, fate, &cuts, &is_kept_back);
    // Whichever ends first takes the other along: both sockets close.
    tokio::select! {
        () = to => {}
        () = back => {}
    }
}

/// Longer than anybody waits for an answer.
const FOR_EVER: Duration = Duration::from_secs(600);

async fn there(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    fate: Fate,
    cuts: &Cuts,
    is_kept_back: &AtomicBool,
) {
    let (mut passed, mut commits) = (0, 0);
    let mut bytes = vec![0; 1 << 16];
    while let Ok(length @ 1..) = client.read(&mut bytes).await {
        let mut sent = &bytes[..length];
        let has_commit = sent.windows(7).any(|window| window == b"COMMIT\0");
        commits += u64::from(has_commit);
        let left = |limit: u64| usize::try_from(limit.saturating_sub(passed)).unwrap().min(length);
        let mut cut = None;
        match fate {
            _ if cuts.is_over() => {}
            Fate::CutTo(limit) if passed + length as u64 >= limit => {
                (sent, cut) = (&sent[..left(limit)], Some(&cuts.at_a_byte))
            }
            Fate::CutBeforeCommit(nth) if has_commit && commits == nth => {
                (sent, cut) = (&[], Some(&cuts.before_commit))
            }
            Fate::CutWithCommit(nth) if has_commit && commits == nth => cut = Some(&cuts.after_commit),
            Fate::CutAfterCommit(nth) if has_commit && commits == nth => is_kept_back.store(true, Ordering::Relaxed),
            Fate::Far(delay) => tokio::time::sleep(delay).await,
            Fate::Slow(delay, limit) => {
                tokio::time::sleep(delay).await;
                cut = Some(&cuts.slow).filter(|_| passed + length as u64 >= limit);
            }
            Fate::Silent(limit) if passed + length as u64 >= limit => {
                cuts.silent.fetch_add(1, Ordering::Relaxed);
                return tokio::time::sleep(FOR_EVER).await;
            }
            _ => {}
        }
        if server.write_all(sent).await.is_err() {
            return;
        }
        passed += length as u64;
        if let Some(count) = cut {
            count.fetch_add(1, Ordering::Relaxed);
            return;
        }
    }
}

async fn back(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    fate: Fate,
    cuts: &Cuts,
    is_kept_back: &AtomicBool,
) {
    let mut passed = 0;
    let mut bytes = vec![0; 1 << 16];
    while let Ok(length @ 1..) = server.read(&mut bytes).await {
        if is_kept_back.load(Ordering::Relaxed) {
            let says = |tag: &[u8]| bytes[..length].windows(tag.len()).any(|window| window == tag);
            if says(b"COMMIT\0") || says(b"ROLLBACK\0") {
                cuts.after_commit.fetch_add(1, Ordering::Relaxed);
                cuts.done.fetch_add(u64::from(says(b"COMMIT\0")), Ordering::Relaxed);
                return;
            }
            continue;
        }
        let is_cut = matches!(fate, Fate::CutFrom(limit) if passed + length as u64 >= limit) && !cuts.is_over();
        let end = match fate {
            Fate::CutFrom(limit) if is_cut => usize::try_from(limit.saturating_sub(passed)).unwrap().min(length),
            _ => length,
        };
        passed += length as u64;
        if let Fate::Far(delay) = fate {
            tokio::time::sleep(delay).await;
        }
        if client.write_all(&bytes[..end]).await.is_err() {
            return;
        }
        if is_cut {
            cuts.at_a_byte.fetch_add(1, Ordering::Relaxed);
            return;
        }
    }
}
