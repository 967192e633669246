//! One request, as far as it is known before anybody looked into it.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use http::request::Parts;
use operations::Context;
use units::RequestId;

use crate::problem::Problem;

/// What the frame knows of a request.
#[derive(Clone)]
pub(crate) struct Visit {
    /// Its time, and where its ids come from.
    pub(crate) context: Context,
    /// Its name.
    pub(crate) request: RequestId,
    /// Where it comes from.
    pub(crate) client: IpAddr,
}

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or(Problem::Internal)
    }
}
