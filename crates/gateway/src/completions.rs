//! `POST /v1/chat/completions`.

use std::{panic::AssertUnwindSafe, sync::Arc};

use axum::{
    Extension,
    extract::{Request, State},
    response::Response,
};
use billing::catalog::Limits;
use futures_util::FutureExt;
use operations::{byok, payer::Payer};
use tokio::time::timeout;
use units::WalletId;
use uuid::Uuid;

use crate::{
    authenticate::authenticate,
    body,
    doors::Doors,
    error::Error,
    limits::Slot,
    relay::Reply,
    visit::Visit,
    walk::{Entry, walk},
};

/// For so long a key that was good is taken to be good still. No upstream may be asked a second after a
/// key was revoked.
const FRESH_MICROS: i64 = 500_000;

/// Lets a request in and waits for the head of its answer. The walk itself does not wait for anybody.
pub(crate) async fn completions(
    State(doors): State<Doors>,
    Extension(visit): Extension<Visit>,
    request: Request,
) -> Result<Response, Error> {
    let (parts, body) = request.into_parts();
    let mut payer = authenticate(&doors, &visit.context, &parts.headers).await?;
    let places = places(&doors, &payer)?;
    let body = body::read(&parts.headers, body, &doors).await?;
    let context = doors.gateway.door.context();
    if context.now.micros().saturating_sub(visit.context.now.micros()) > FRESH_MICROS {
        // The body took its time, and a key may be revoked meanwhile.
        payer = authenticate(&doors, &context, &parts.headers).await?;
    }
    let reading = byok::load(&doors.gateway.services, payer.wallet);
    let own_keys = timeout(doors.gateway.settings.books_patience, reading).await.map_err(|_| Error::BooksAway)??;
    let working = doors.working();
    let (reply, answer) = Reply::new();
    let name = visit.request;
    let prices = doors.prices();
    let entry = Entry { doors, visit, payer: Arc::new(payer), own_keys, prices, headers: parts.headers, body };
    tokio::spawn(async move {
        let _until_the_end = (working, places);
        if AssertUnwindSafe(walk(entry, reply)).catch_unwind().await.is_err() {
            tracing::error!(request = %name, "a request panicked; its hold is left to its lease");
        }
    });
    // The walk answers, unless it panicked.
    answer.await.unwrap_or(Err(Error::Internal))
}

/// A place among the requests of this key, and of this wallet.
fn places(doors: &Doors, payer: &Payer) -> Result<(Slot<Uuid>, Slot<WalletId>), Error> {
    if doors.is_overdue() {
        return Err(Error::BooksAway);
    }
    let Limits { concurrent_per_key: of_key, concurrent_per_wallet: of_wallet, .. } = doors.limits();
    let key = doors.by_key.take(payer.credential.uuid(), of_key);
    let key = key.ok_or(Error::TooManyAtOnce { limit: of_key, whose: "API key" })?;
    let wallet = doors.by_wallet.take(payer.wallet, of_wallet);
    Ok((key, wallet.ok_or(Error::TooManyAtOnce { limit: of_wallet, whose: "wallet" })?))
}
