//! Signing in with an OpenID provider: out to its page, and back with its word.
//!
//! Both are GETs: a provider can lead a browser to nothing else. What keeps a page of somebody else from signing a
//! browser in as somebody else is the state: it comes back in the address, and must be the one in the cookie that
//! this browser got when it set out. It is good once. The cookie is `Lax`, since the way back begins at the
//! provider's site.

use axum::{extract::State, response::Response};
use http::{HeaderMap, HeaderValue, header};
use operations::sign_in::{FinishOidc, StartOidc, finish_oidc, start_oidc};
use serde::Deserialize;
use units::Seconds;

use super::{
    go, own_path,
    sign_in::{Next, ask_page, enter},
};
use crate::{
    credential::{Client, value_of},
    extract::Asked,
    problem::Problem,
    site::Site,
    visit::Visit,
};

/// What the provider sends back; more than this is its own affair.
#[derive(Deserialize)]
pub(super) struct Return {
    #[serde(default)]
    state: String,
    code: Option<String>,
}

pub(super) async fn start(
    State(site): State<Site>,
    visit: Visit,
    asked: Result<Asked<Next>, Problem>,
) -> Result<Response, Response> {
    let sorry = |problem: Problem| ask_page(&site, own_path(None), "", Some(&problem));
    let Asked(Next { next }) = asked.map_err(sorry)?;
    let next = own_path(next.as_deref());
    let request = StartOidc { return_to: next.to_owned() };
    let started = start_oidc(&site.services, &visit.context, request).await;
    let started = started.map_err(|error| ask_page(&site, next, "", Some(&error.into())))?;
    let life = Seconds((started.expires_at.micros() - visit.context.now.micros()) / 1_000_000);
    let mut response = go(&started.address);
    response.headers_mut().insert(header::SET_COOKIE, cookie(site.is_https(), &started.state, life));
    Ok(response)
}

pub(super) async fn finish(
    State(site): State<Site>,
    visit: Visit,
    Client(client): Client,
    headers: HeaderMap,
    asked: Result<Asked<Return>, Problem>,
) -> Result<Response, Response> {
    let sorry = |problem: Problem| ask_page(&site, own_path(None), "", Some(&problem));
    let Asked(Return { state, code }) = asked.map_err(sorry)?;
    let kept = value_of(cookie_name(site.is_https()), &headers).map(str::to_owned);
    let request = FinishOidc { state, code, cookie: kept, client };
    let finished = finish_oidc(&site.services, &visit.context, request).await;
    let (signed_in, next) = finished.map_err(|error| sorry(error.into()))?;
    let mut response = enter(&site, &signed_in.token, own_path(Some(&next)));
    // Only now: somebody who is lured here must not lose the sign-in that they have begun.
    response.headers_mut().append(header::SET_COOKIE, cookie(site.is_https(), "", Seconds(0)));
    Ok(response)
}

fn cookie_name(is_https: bool) -> &'static str {
    if is_https { "__Host-tare-oidc" } else { "tare-oidc" }
}

fn cookie(is_https: bool, state: &str, life: Seconds) -> HeaderValue {
    let (name, secure) = (cookie_name(is_https), if is_https { "; Secure" } else { "" });
    let text = format!("{name}={state}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", life.0);
    HeaderValue::try_from(text).expect("a state is letters and digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn over_https_the_cookie_is_of_this_very_host() {
        let kept = cookie(true, "5a", Seconds(600));
        assert_eq!(kept, "__Host-tare-oidc=5a; Path=/; HttpOnly; SameSite=Lax; Max-Age=600; Secure");
    }
}
