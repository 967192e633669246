//! The caller's key of a change, so that the same change sent twice happens once.

use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};
use operations::metering::CallKey;

use crate::problem::Problem;

/// The header that carries it.
pub(crate) const NAME: &str = "Idempotency-Key";
const LONGEST: usize = 255;

/// What the caller chose.
#[derive(Clone, Debug)]
pub(crate) struct OnceKey(String);

impl OnceKey {
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut given = headers.get_all(NAME).iter();
        let (Some(value), None) = (given.next(), given.next()) else { return Err(Problem::KeyRequired) };
        let text = value.to_str().map_err(|_| Problem::KeyRequired)?;
        match (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Ok(Self(text.to_owned())),
            false => Err(Problem::KeyRequired),
        }
    }

    /// The key itself.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }

    /// The key at one route.
    pub(crate) fn at(&self, route: &'static str) -> CallKey {
        CallKey { route, key: self.0.clone() }
    }

    /// The key of one of many calls that came together.
    pub(crate) fn part(&self, route: &'static str, index: usize) -> CallKey {
        CallKey { route, key: format!("{}/{index}", self.0) }
    }
}

impl<S: Sync> FromRequestParts<S> for OnceKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parts.extensions.get().cloned().ok_or(Problem::Internal)
    }
}
