//! Who is knocking: `Authorization: Bearer` and nothing else, and for which organization.

use http::{HeaderMap, header};
use operations::{
    Context,
    payer::{self, Payer},
};
use tokio::time::timeout;

use crate::{doors::Doors, error::Error};

/// The headers that name an organization: Tare's own, and Kilo's.
const ORGANIZATION: [&str; 2] = ["x-tare-organization", "x-kilocode-organizationid"];

/// What Kilo's clients send in place of a token while nobody is signed in.
const NOBODY: &str = "anonymous";

/// Who pays for this request.
pub(crate) async fn authenticate(doors: &Doors, context: &Context, headers: &HeaderMap) -> Result<Payer, Error> {
    let organization = organization(headers)?;
    authenticate_for(doors, context, headers, organization.as_deref()).await
}

/// Who pays, where the path names the organization.
pub(crate) async fn authenticate_for(
    doors: &Doors,
    context: &Context,
    headers: &HeaderMap,
    organization: Option<&str>,
) -> Result<Payer, Error> {
    let asking = payer::identify(&doors.gateway.services, context, bearer(headers)?, organization);
    Ok(timeout(doors.gateway.settings.books_patience, asking).await.map_err(|_| Error::BooksAway)??)
}

/// Who pays, if the request shows anything at all.
pub(crate) async fn recognise(doors: &Doors, context: &Context, headers: &HeaderMap) -> Result<Option<Payer>, Error> {
    let is_nobody = !headers.contains_key(header::AUTHORIZATION) || bearer(headers) == Err(Error::SignInFirst);
    match is_nobody {
        true => Ok(None),
        false => authenticate(doors, context, headers).await.map(Some),
    }
}

/// The organization that the headers name. Two that differ would be read differently by two readers.
fn organization(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let mut named: Option<String> = None;
    for value in ORGANIZATION.iter().flat_map(|name| headers.get_all(*name)) {
        let text = value.to_str().unwrap_or("?").trim();
        if text.is_empty() {
            continue;
        }
        if named.as_deref().is_some_and(|other| other != text) {
            return Err(Error::Unauthenticated("two organizations are named; name one".to_owned()));
        }
        named = Some(text.to_owned());
    }
    Ok(named)
}

fn bearer(headers: &HeaderMap) -> Result<&str, Error> {
    let wrong = |what: &str| Error::Unauthenticated(format!("{what}. Send it as `Authorization: Bearer tare_sk_...`"));
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (given.next(), given.next()) else {
        return Err(wrong("this needs one API key"));
    };
    let text = value.to_str().unwrap_or_default().trim();
    match text.split_once(' ') {
        Some((scheme, NOBODY)) if scheme.eq_ignore_ascii_case("bearer") => Err(Error::SignInFirst),
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") && !key.trim().is_empty() => Ok(key.trim()),
        _ => Err(wrong("this is not an API key")),
    }
}
