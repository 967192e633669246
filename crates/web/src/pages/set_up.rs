//! The first operator, by the token that the server printed.

use askama::Template;
use axum::{extract::State, response::Response};
use http::header;
use operations::operator::{self, RedeemSetupToken};
use serde::Deserialize;

use super::{form::Form, go, html, sorry};
use crate::{
    credential::{self, Client},
    site::Site,
    visit::Visit,
};

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUpPage;

#[derive(Deserialize)]
pub(super) struct SetUp {
    token: String,
    email: String,
}

pub(super) async fn ask() -> Response {
    html(&SetUpPage)
}

pub(super) async fn redeem(
    State(site): State<Site>,
    visit: Visit,
    Client(client): Client,
    Form(SetUp { token, email }): Form<SetUp>,
) -> Response {
    let request = RedeemSetupToken { token, email, client };
    match operator::redeem_setup_token(&site.services, &visit.context, request).await {
        Ok(signed_in) => {
            let mut response = go("/profile");
            let cookie = credential::set_cookie(&site, Some(&signed_in.token));
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            response
        }
        Err(error) => sorry(&error.into()),
    }
}
