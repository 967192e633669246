//! Many holds, settlements and releases in one call: what HTTP costs is paid once.

use axum::{Json, extract::State};
use futures_util::future::join_all;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use units::HoldId;
use utoipa::ToSchema;

use super::holds::{HoldPlaced, HoldReleased, HoldSettled, PlaceHold, ReleaseHold, SettleHold};
use crate::{
    access::Caller,
    extract::Body,
    once::OnceKey,
    problem::{Document, Problem},
    site::Site,
    visit::Visit,
    wire::schema,
};

/// More would only make the first of them wait for the last.
const MOST_CALLS: usize = 1000;
const ROUTE: &str = "POST /api/v1/metering";

/// Calls to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Calls {
    /// One to a thousand. They do not wait for each other.
    #[schema(min_items = 1, max_items = 1000)]
    calls: Vec<Call>,
}

/// One call.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Call {
    /// As `POST /api/v1/holds`.
    Place(PlaceHold),
    /// As `POST /api/v1/holds/{id}/settle`.
    Settle(SettleOne),
    /// As `POST /api/v1/holds/{id}/release`.
    Release(ReleaseOne),
}

/// A hold to settle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SettleOne {
    /// The hold.
    #[schema(value_type = schema::HoldId)]
    id: HoldId,
    /// Its settlement.
    with: SettleHold,
}

/// A hold to release.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReleaseOne {
    /// The hold.
    #[schema(value_type = schema::HoldId)]
    id: HoldId,
    /// Its release.
    #[serde(default)]
    #[schema(required = false)]
    with: ReleaseHold,
}

/// What became of the calls.
#[derive(Serialize, ToSchema)]
pub(super) struct Answers {
    /// One for each call, in their order.
    answers: Vec<Answer>,
}

/// What became of one call: its status, and what the call alone would have answered.
#[derive(Serialize, ToSchema)]
pub(super) struct Answer {
    /// The status of the call alone.
    #[schema(minimum = 200, maximum = 599)]
    status: u16,
    #[serde(flatten)]
    done: Done,
}

/// What the call alone would have answered.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Done {
    Placed(HoldPlaced),
    Settled(HoldSettled),
    Released(HoldReleased),
    Problem(Document),
}

/// Place, settle and release many holds
///
/// Each call stands for itself: one that is refused does not stop the others, and each is bound to the
/// `Idempotency-Key` and its place in the list. A hold and its settlement belong in two requests.
#[utoipa::path(post, path = "/api/v1/metering", tag = "metering", request_body = Calls,
    responses((status = 200, description = "Every call was tried; each has its own status.", body = Answers)))]
pub(super) async fn meter(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    key: OnceKey,
    Body(Calls { calls }): Body<Calls>,
) -> Result<Json<Answers>, Problem> {
    if calls.is_empty() || calls.len() > MOST_CALLS {
        return Err(Problem::Field { field: "calls".to_owned(), reason: format!("1 to {MOST_CALLS} calls") });
    }
    let made = calls.into_iter().enumerate().map(|(index, call)| {
        let key = key.part(ROUTE, index);
        let (site, visit, caller) = (&site, &visit, &caller);
        async move {
            let (status, done) = match call {
                Call::Place(wish) => {
                    (StatusCode::CREATED, wish.place(site, visit, caller, key).await.map(Done::Placed))
                }
                Call::Settle(SettleOne { id, with }) => {
                    (StatusCode::OK, with.settle(site, visit, caller, id, key).await.map(Done::Settled))
                }
                Call::Release(ReleaseOne { id, with }) => {
                    (StatusCode::OK, with.release(site, visit, caller, id, key).await.map(Done::Released))
                }
            };
            match done {
                Ok(done) => Answer { status: status.as_u16(), done },
                Err(problem) => Answer { status: problem.status().as_u16(), done: Done::Problem(problem.document()) },
            }
        }
    });
    Ok(Json(Answers { answers: join_all(made).await }))
}
