//! Where the payment processor knocks.
//!
//! The bytes are taken as they came, since they are what is signed. Whoever did not sign is told nothing but that.

use axum::extract::{Request, State};
use http::{HeaderMap, StatusCode};
use operations::payment::receive_event;

use crate::{extract, problem::Problem, site::Site, visit::Visit};

/// The address of the door.
pub(crate) const PROCESSOR: &str = "/webhooks/processor";

/// More than any event has.
const LONGEST: usize = 1024 * 1024;

/// Takes an event. What came before is answered like what is new.
pub(crate) async fn take_event(
    State(site): State<Site>,
    visit: Visit,
    request: Request,
) -> Result<StatusCode, Problem> {
    let signature = signature(request.headers()).to_owned();
    let body = extract::read_up_to(request, &site, LONGEST).await?;
    receive_event(&site.services, &visit.context, &signature, &body).await?;
    Ok(StatusCode::OK)
}

fn signature(headers: &HeaderMap) -> &str {
    headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default()
}
