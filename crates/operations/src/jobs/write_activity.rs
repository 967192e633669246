//! Writes down when keys, sessions and members were used last.

use crate::{Error, Services};

/// So many rows of a kind are written in one transaction.
const AT_ONCE: usize = 500;

/// Writes what was noted since the last time. What cannot be written now is written the next time.
pub async fn write_activity(services: &Services) -> Result<(), Error> {
    let noted = services.activity.take();
    if noted.is_empty() {
        return Ok(());
    }
    let written = write(services, noted.uses()).await;
    if written.is_err() {
        services.activity.put_back(noted);
    }
    written
}

type Uses = (Vec<store::ApiKeyUse>, Vec<store::SessionUse>, Vec<store::MemberUse>);

async fn write(services: &Services, (keys, sessions, members): Uses) -> Result<(), Error> {
    for page in keys.chunks(AT_ONCE).map(<[_]>::to_vec) {
        services.store.write(async move |tx| tx.touch_api_keys(&page).await.map_err(Error::from)).await?;
    }
    for page in sessions.chunks(AT_ONCE).map(<[_]>::to_vec) {
        services.store.write(async move |tx| tx.touch_sessions(&page).await.map_err(Error::from)).await?;
    }
    for page in members.chunks(AT_ONCE).map(<[_]>::to_vec) {
        services.store.write(async move |tx| tx.touch_members(&page).await.map_err(Error::from)).await?;
    }
    Ok(())
}
