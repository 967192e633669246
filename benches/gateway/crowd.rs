//! How many calls a second go through, and what each costs the processor, when many ask at once.

use std::time::{Duration, Instant};

use benches::{Failure, Latency, Process};
use futures_util::future::try_join_all;

use crate::client::Way;
use crate::shape::Shape;

/// Each asks one thing after the other.
pub const CONNECTIONS: usize = 64;

/// What a crowd saw.
pub struct Crowd {
    pub per_second: f64,
    pub latency: Latency,
    /// Processor time of the gateway for a call.
    pub micros: Option<f64>,
    /// All answers, those of the warm-up too.
    pub answered: u64,
}

/// Lets a crowd ask for so long, after a warm-up of a quarter of it.
pub async fn measure(way: &Way, shape: Shape, time: Duration, process: Option<Process>) -> Result<Crowd, Failure> {
    let warm = ask_for(way, shape, time / 4).await?.count();
    let (began, before) = (Instant::now(), process.and_then(Process::cpu));
    let latency = ask_for(way, shape, time).await?;
    let took = began.elapsed().as_secs_f64();
    let used = process.and_then(Process::cpu).zip(before).map(|(after, before)| after.since(before));
    let count = latency.count();
    Ok(Crowd {
        per_second: count as f64 / took,
        micros: used.map(|used| used.as_secs_f64() * 1e6 / count as f64),
        latency,
        answered: warm + count,
    })
}

async fn ask_for(way: &Way, shape: Shape, time: Duration) -> Result<Latency, Failure> {
    let until = Instant::now() + time;
    let asking = (0..CONNECTIONS).map(|_| async {
        let (mut line, request) = (way.open().await?, shape.request(way));
        let asking = async move {
            let mut latency = Latency::default();
            while Instant::now() < until {
                let asked = Instant::now();
                let answer = line.ask(&request).await?;
                latency.add(asked.elapsed());
                if !shape.is_whole(&answer) {
                    return Err(Failure::from(format!("an answer broke off: {}", String::from_utf8_lossy(&answer))));
                }
            }
            Ok(latency)
        };
        tokio::spawn(asking).await?
    });
    let mut all = Latency::default();
    try_join_all(asking).await?.iter().for_each(|latency| all.merge(latency));
    Ok(all)
}
