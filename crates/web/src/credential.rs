//! What a request shows: a bearer, or the cookie of a browser; and whether a browser meant to send it.
//!
//! A browser sends its cookie with whatever a page asks for, also a page of somebody else. So a change that came with a
//! cookie must come from a page of this site, and carry a token that only such a page can read.

use axum::extract::FromRequestParts;
use http::{HeaderMap, HeaderValue, header, request::Parts};
use operations::{Services, api_key, secret, session};
use sha2::{Digest, Sha256};

use crate::{
    access::{Caller, Secret},
    problem::Problem,
    site::Site,
    visit::Visit,
};

/// The header of the token against forged requests.
pub(crate) const CSRF: &str = "X-Tare-CSRF";

/// Who shows what. `None` when nothing is shown.
pub(crate) async fn caller(site: &Site, visit: &Visit, headers: &HeaderMap) -> Result<Option<Caller>, Problem> {
    if let Some(bearer) = bearer(headers)? {
        let caller = match bearer.starts_with(secret::API_KEY.prefix) {
            true => by_key(&site.services, visit, bearer).await?,
            false => by_session(&site.services, visit, bearer, false).await?,
        };
        return Ok(Some(caller));
    }
    match cookie(site, headers) {
        Some(token) => by_session(&site.services, visit, token, true).await.map(Some),
        None => Ok(None),
    }
}

async fn by_key(services: &Services, visit: &Visit, key: &str) -> Result<Caller, Problem> {
    let principal = api_key::authenticate(services, &visit.context, key).await?;
    let own = principal.wallet;
    let (who, secret) = (operations::Caller::Key(principal), Secret(key.to_owned()));
    Ok(Caller { who, own, user: None, secret, by_cookie: false })
}

async fn by_session(services: &Services, visit: &Visit, token: &str, by_cookie: bool) -> Result<Caller, Problem> {
    let found = session::authenticate(services, &visit.context, token).await?;
    let (who, own, secret) = (found.caller(), found.user.wallet, Secret(token.to_owned()));
    Ok(Caller { who, own, user: Some(found.user), secret, by_cookie })
}

fn bearer(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let wrong = || Problem::Unauthenticated("send one key or token, as `Authorization: Bearer tare_...`".to_owned());
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = given.next() else { return Ok(None) };
    match (given.next(), value.to_str().unwrap_or_default().trim().split_once(' ')) {
        (None, Some((scheme, key))) if scheme.eq_ignore_ascii_case("bearer") && !key.trim().is_empty() => {
            Ok(Some(key.trim()))
        }
        _ => Err(wrong()),
    }
}

/// The name of the cookie. Over HTTPS its prefix makes browsers refuse it from anywhere but this very host.
pub(crate) fn cookie_name(site: &Site) -> &'static str {
    if site.is_https() { "__Host-tare" } else { "tare" }
}

fn cookie<'a>(site: &Site, headers: &'a HeaderMap) -> Option<&'a str> {
    value_of(cookie_name(site), headers)
}

/// The value of a cookie.
pub(crate) fn value_of<'a>(name: &str, headers: &'a HeaderMap) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(given, _)| *given == name).map(|(_, value)| value)
}

/// The cookie that signs a browser in, or out.
pub(crate) fn set_cookie(site: &Site, token: Option<&str>) -> HeaderValue {
    let secure = if site.is_https() { "; Secure" } else { "" };
    let (value, age) = match token {
        Some(token) => (token, session::BROWSER_LIFE.0),
        None => ("", 0),
    };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}", cookie_name(site));
    HeaderValue::try_from(text).expect("a token is letters and digits")
}

/// The token against forged requests, made from the session's own: whoever cannot read the cookie cannot make it.
pub(crate) fn csrf(secret: &Secret) -> String {
    let hash = Sha256::new().chain_update("tare csrf").chain_update([0]).chain_update(&secret.0).finalize();
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the texts are equal, told in the same time wherever they differ.
pub(crate) fn is_equal(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |differ, (one, other)| differ | (one ^ other));
    one.len() == other.len() && differ == 0
}

/// Refuses a change that a page of somebody else sent.
pub(crate) fn require_own_page(site: &Site, headers: &HeaderMap) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let is_ours = |origin: &str| {
        let host = origin.split_once("://").map(|(_, host)| host);
        origin == site.settings.public_url || host.is_some() && host == text("host")
    };
    match (text("sec-fetch-site"), text("origin")) {
        (Some("same-origin"), None) => Ok(()),
        (Some("same-origin") | None, Some(origin)) if is_ours(origin) => Ok(()),
        _ => Err(Problem::ForeignPage),
    }
}

/// Refuses a change that came with a cookie and without what only an own page knows.
pub(crate) fn require_csrf(site: &Site, caller: &Caller, headers: &HeaderMap) -> Result<(), Problem> {
    if !caller.by_cookie {
        return Ok(());
    }
    require_own_page(site, headers)?;
    let given = headers.get(CSRF).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match is_equal(given, &csrf(&caller.secret)) {
        true => Ok(()),
        false => Err(Problem::ForeignPage),
    }
}

/// What the browser calls itself.
pub(crate) struct Client(pub(crate) String);

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Ok(Self(agent.unwrap_or("unknown").to_owned()))
    }
}
