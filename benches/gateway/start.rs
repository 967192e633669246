//! How soon a server answers its first request after its start, on books with a history.

use std::time::{Duration, Instant};

use benches::{Failure, median};
use tokio::time::sleep;

use crate::client::Way;
use crate::place::{Place, Server};
use crate::shape::Shape;

/// How often it is started.
pub const TIMES: usize = 5;

/// Milliseconds from the start of the process to the end of the first answer, paid for and durable: the median.
pub async fn measure(place: &Place) -> Result<Option<f64>, Failure> {
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let began = Instant::now();
        let server = Server::start(place).await?;
        let way = Way::through_tare(server.address, &place.key);
        way.open().await?.ask(&Shape::Small.request(&way)).await?;
        took.push(began.elapsed().as_secs_f64() * 1e3);
        server.stop().await?;
        // The next one is not to meet what this one leaves to do.
        sleep(Duration::from_millis(200)).await;
    }
    Ok(median(took))
}
