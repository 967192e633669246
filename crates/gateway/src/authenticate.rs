//! Who is knocking: `Authorization: Bearer` and nothing else.

use http::{HeaderMap, header};
use operations::{
    Context,
    api_key::{self, Principal},
};
use tokio::time::timeout;

use crate::{doors::Doors, error::Error};

/// Who the key of this request belongs to.
pub(crate) async fn authenticate(doors: &Doors, context: &Context, headers: &HeaderMap) -> Result<Principal, Error> {
    let asking = api_key::authenticate(&doors.gateway.services, context, bearer(headers)?);
    let answered = timeout(doors.gateway.settings.books_patience, asking).await.map_err(|_| Error::BooksAway)?;
    answered.map_err(|error| match error {
        operations::Error::Unauthenticated(reason) => Error::Unauthenticated(reason.to_owned()),
        error => Error::from(error),
    })
}

fn bearer(headers: &HeaderMap) -> Result<&str, Error> {
    let wrong = |what: &str| Error::Unauthenticated(format!("{what}. Send it as `Authorization: Bearer tare_sk_...`"));
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return Err(wrong("this needs one API key"));
    };
    let text = value.to_str().unwrap_or_default().trim();
    match text.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") && !key.trim().is_empty() => Ok(key.trim()),
        _ => Err(wrong("this is not an API key")),
    }
}
