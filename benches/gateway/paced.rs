//! What the gateway adds to the time of a call when little is asked of it.

use std::time::{Duration, Instant};

use benches::{Failure, Latency};
use tokio::time::{MissedTickBehavior, interval};

use crate::client::Way;
use crate::shape::Shape;

/// How many requests a second each way gets.
pub const A_SECOND: u32 = 50;

/// One way, and how long its calls took.
pub struct Paced {
    pub way: &'static str,
    pub latency: Latency,
}

/// Asks both ways in turns, for three times so long as a cell: the slowest of a hundred need hundreds.
pub async fn measure(ways: &[Way; 2], time: Duration) -> Result<[Paced; 2], Failure> {
    let mut paced = ways.each_ref().map(|way| Paced { way: way.name, latency: Latency::default() });
    let requests = ways.each_ref().map(|way| Shape::Small.request(way));
    let mut lines = [ways[0].open().await?, ways[1].open().await?];
    let mut ticks = interval(Duration::from_secs(1) / (2 * A_SECOND));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let began = Instant::now();
    while began.elapsed() < time * 3 {
        for at in 0..2 {
            ticks.tick().await;
            let asked = Instant::now();
            lines[at].ask(&requests[at]).await?;
            paced[at].latency.add(asked.elapsed());
        }
    }
    Ok(paced)
}
