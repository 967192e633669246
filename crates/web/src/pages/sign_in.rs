//! Signing in with a code by mail, and out.

use askama::Template;
use axum::{extract::State, response::Response};
use http::{StatusCode, header};
use operations::{
    session,
    sign_in::{self, RedeemCode, SendCode},
};
use serde::Deserialize;

use super::{form::Form, go, html, own_path, sorry};
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
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "code.html")]
struct CodePage<'a> {
    next: &'a str,
    email: &'a str,
    challenge: &'a str,
    problem: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Next {
    next: Option<String>,
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

pub(super) async fn ask(Asked(Next { next }): Asked<Next>) -> Response {
    html(&AskPage { next: own_path(next.as_deref()), email: "", problem: None })
}

pub(super) async fn send(
    State(site): State<Site>,
    visit: Visit,
    Form(Address { email, next }): Form<Address>,
) -> Response {
    let request = SendCode { email: email.clone(), from: visit.client };
    let next = own_path(next.as_deref());
    match sign_in::send_code(&site.services, &visit.context, request).await {
        Ok(sent) => html(&CodePage { next, email: &email, challenge: &sent.challenge, problem: None }),
        Err(error) => {
            let problem = Problem::from(error);
            with_status(&problem, html(&AskPage { next, email: &email, problem: Some(problem.to_string()) }))
        }
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
        Ok(signed_in) => {
            let mut response = go(next);
            let cookie = credential::set_cookie(&site, Some(&signed_in.token));
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            response
        }
        Err(error @ operations::Error::CodeWrong { .. }) => {
            let problem = Problem::from(error);
            let said = Some(problem.to_string());
            with_status(&problem, html(&CodePage { next, email: &email, challenge: &challenge, problem: said }))
        }
        Err(error) => {
            let problem = Problem::from(error);
            with_status(&problem, html(&AskPage { next, email: &email, problem: Some(problem.to_string()) }))
        }
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

/// The page again, with what was wrong, and the status that says so.
fn with_status(problem: &Problem, mut page: Response) -> Response {
    if page.status() == StatusCode::OK {
        *page.status_mut() = problem.status();
    }
    page
}
