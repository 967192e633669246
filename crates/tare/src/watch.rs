//! What a server does for whoever asks about the past.

use std::time::Duration;

use operations::{Services, jobs};
use tokio::sync::watch::Receiver;

use crate::background::has_stopped;

/// How often. A journal that grew by more than a segment meanwhile is read row by row until then.
const EVERY: Duration = Duration::from_secs(10);

pub async fn keep(services: Services, mut stopped: Receiver<bool>) {
    loop {
        if let Err(error) = jobs::sum_segments(&services).await {
            tracing::error!(%error, "segments of journals could not be summed up; it is tried again");
        }
        if has_stopped(&mut stopped, EVERY).await {
            return;
        }
    }
}
