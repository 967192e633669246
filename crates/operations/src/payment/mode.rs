//! Real money and play money never share a database.

use crate::{Error, Services};

/// Names of processors that move real money; every other moves none.
const LIVE: [&str; 1] = ["stripe"];

/// The processors whose people and payments are in the database, and which move real money where the configured one
/// moves none, or the other way round. There must be none.
pub async fn list_other_modes(services: &Services) -> Result<Vec<String>, Error> {
    let Some(processor) = &services.outside.processor else { return Ok(Vec::new()) };
    let known = services.store.reader().list_processors().await?;
    Ok(known.into_iter().filter(|name| LIVE.contains(&name.as_str()) != processor.is_live()).collect())
}
