//! The first operator, by the token that the server printed.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use operations::operator::{self, RedeemSetupToken};
use serde::Deserialize;

use super::{
    form::Form,
    go, html,
    wrong::{Field, Wrong},
};
use crate::{
    credential::{self, Client},
    problem::Problem,
    site::Site,
    visit::Visit,
};

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUpPage {
    email: String,
    wrong: Wrong,
}

/// The token is a secret, and never shown again.
const FIELDS: &[Field] = &[("token", "Token", &["unauthenticated"]), ("email", "Your mail address", &["email"])];

#[derive(Deserialize)]
pub(super) struct SetUp {
    token: String,
    email: String,
}

pub(super) async fn ask() -> Response {
    html(&SetUpPage { email: String::new(), wrong: Wrong::default() })
}

pub(super) async fn redeem(
    State(site): State<Site>,
    visit: Visit,
    Client(client): Client,
    Form(SetUp { token, email }): Form<SetUp>,
) -> Response {
    let request = RedeemSetupToken { token, email: email.clone(), client };
    match operator::redeem_setup_token(&site.services, &visit.context, request).await {
        Ok(signed_in) => {
            let mut response = go("/profile");
            let cookie = credential::set_cookie(&site, Some(&signed_in.token));
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            response
        }
        Err(error) => {
            let problem = Problem::from(error);
            (problem.status(), html(&SetUpPage { email, wrong: Wrong::of(&problem, FIELDS) })).into_response()
        }
    }
}
