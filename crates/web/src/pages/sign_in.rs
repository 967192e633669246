//! Signing in with a code by mail, and out.

use askama::Template;
use axum::{extract::State, response::Response};
use http::{StatusCode, header};
use operations::{
    session,
    sign_in::{self, RedeemCode, SendCode},
};
use serde::Deserialize;

use super::{
    form::Form,
    go, html, own_path, sorry,
    wrong::{Field, Wrong},
};
use crate::{
    access::Caller,
    credential::{self, Client},
    extract::Asked,
    problem::Problem,
    site::Site,
    visit::Visit,
};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct AskPage<'a> {
    next: &'a str,
    email: &'a str,
    /// What the button of the provider says, when there is one.
    provider: Option<&'a str>,
    wrong: Wrong,
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage<'a> {
    next: &'a str,
    email: &'a str,
    challenge: &'a str,
    wrong: Wrong,
}

#[derive(Deserialize)]
pub(super) struct Next {
    pub(super) next: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Address {
    email: String,
    next: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Digits {
    email: String,
    challenge: String,
    code: String,
    next: Option<String>,
}

const FIELDS: &[Field] = &[("email", "Mail address", &["email"]), ("code", "Code", &["code_wrong"])];

pub(super) async fn ask(State(site): State<Site>, Asked(Next { next }): Asked<Next>) -> Response {
    ask_page(&site, own_path(next.as_deref()), "", None)
}

pub(super) async fn send(
    State(site): State<Site>,
    visit: Visit,
    Form(Address { email, next }): Form<Address>,
) -> Response {
    let request = SendCode { email: email.clone(), from: visit.client };
    let next = own_path(next.as_deref());
    match sign_in::send_code(&site.services, &visit.context, request).await {
        Ok(sent) => html(&CodePage { next, email: &email, challenge: &sent.challenge, wrong: Wrong::default() }),
        Err(error) => ask_page(&site, next, &email, Some(&error.into())),
    }
}

pub(super) async fn redeem(
    State(site): State<Site>,
    visit: Visit,
    Client(client): Client,
    Form(Digits { email, challenge, code, next }): Form<Digits>,
) -> Response {
    let next = own_path(next.as_deref());
    let request = RedeemCode { challenge: challenge.clone(), code, client };
    match sign_in::redeem_code(&site.services, &visit.context, request).await {
        Ok(signed_in) => enter(&site, &signed_in.token, next),
        Err(error @ operations::Error::CodeWrong { .. }) => {
            let problem = Problem::from(error);
            let wrong = Wrong::of(&problem, FIELDS);
            with_status(&problem, html(&CodePage { next, email: &email, challenge: &challenge, wrong }))
        }
        Err(error) => ask_page(&site, next, &email, Some(&error.into())),
    }
}

pub(super) async fn sign_out(State(site): State<Site>, visit: Visit, caller: Caller) -> Response {
    if let operations::Caller::Person { session, .. } = caller.who
        && let Err(error) = session::revoke(&site.services, &visit.context, &caller.who, session).await
    {
        return sorry(&error.into());
    }
    let mut response = go("/sign-in");
    response.headers_mut().insert(header::SET_COOKIE, credential::set_cookie(&site, None));
    response
}

/// The page that asks how somebody wants to come in, and says what went wrong before.
pub(super) fn ask_page(site: &Site, next: &str, email: &str, problem: Option<&Problem>) -> Response {
    let provider = site.services.outside.oidc.as_ref().map(|provider| provider.name());
    let page = html(&AskPage { next, email, provider, wrong: Wrong::maybe(problem, FIELDS) });
    match problem {
        Some(problem) => with_status(problem, page),
        None => page,
    }
}

/// Goes on as somebody who has just come in.
pub(super) fn enter(site: &Site, token: &str, next: &str) -> Response {
    let mut response = go(next);
    response.headers_mut().insert(header::SET_COOKIE, credential::set_cookie(site, Some(token)));
    response
}

/// The page again, with what was wrong, and the status that says so.
fn with_status(problem: &Problem, mut page: Response) -> Response {
    if page.status() == StatusCode::OK {
        *page.status_mut() = problem.status();
    }
    page
}
