//! How much memory an open stream takes.

use std::time::Duration;

use benches::{Failure, Process};
use futures_util::future::try_join_all;
use http_body_util::BodyExt;

use crate::client::Way;
use crate::shape::Shape;

/// How many are open at once.
pub const OPEN: usize = 1_000;

/// Bytes of the server's memory for each stream, while all of them are open and chunks go through.
pub async fn measure(way: &Way, process: Process) -> Result<Option<f64>, Failure> {
    let before = process.memory();
    let mut opened = Vec::new();
    for _ in 0..OPEN {
        let (mut line, request) = (way.open().await?, Shape::Slow.request(way));
        opened.push(tokio::spawn(async move {
            let mut body = line.begin(&request).await?;
            let (mut bytes, mut last) = (0, Vec::new());
            while let Some(frame) = body.frame().await {
                if let Ok(data) = frame?.into_data() {
                    bytes += data.len();
                    last = data.to_vec();
                }
            }
            match bytes > 10_000 && Shape::Slow.is_whole(&last) {
                true => Ok(()),
                false => Err(Failure::from("a stream broke off")),
            }
        }));
    }
    // All of them run then, and none is near its end.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let during = process.memory();
    for done in try_join_all(opened).await? {
        done?;
    }
    Ok(before.zip(during).map(|(before, during)| (during as f64 - before as f64) / OPEN as f64))
}
