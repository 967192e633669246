//! Signing in: a code by mail, then the code for a session.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use operations::{
    operator::{self, RedeemSetupToken},
    sign_in::{self, RedeemCode, SendCode, SignedIn},
};
use serde::{Deserialize, Serialize};
use units::{Instant, SessionId, UserId, WalletId};
use utoipa::ToSchema;

use crate::{
    access::{Bound, Secret},
    credential::{self, Client},
    extract::Body,
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::schema,
};

/// Who wants to sign in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AskForCode {
    /// A mail address.
    #[schema(min_length = 3, max_length = 254, example = "ada@example.com")]
    email: String,
}

/// A code is on its way.
#[derive(Serialize, ToSchema)]
pub(super) struct CodeSent {
    /// Give it back with the digits of the mail.
    challenge: String,
    /// From when the code is refused.
    #[schema(value_type = schema::Moment)]
    expires_at: Instant,
}

/// The digits of the mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UseCode {
    /// What the call for the code answered.
    challenge: String,
    /// The digits.
    #[schema(example = "123456")]
    code: String,
}

/// The token that the server printed when it started for the first time.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetUp {
    /// The token.
    token: String,
    /// The mail address of who is to run this server.
    #[schema(min_length = 3, max_length = 254, example = "ada@example.com")]
    email: String,
}

/// A session that began.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionBegun {
    /// The session.
    #[schema(value_type = String)]
    session: SessionId,
    /// Who.
    #[schema(value_type = String)]
    user: UserId,
    /// Their own wallet.
    #[schema(value_type = schema::WalletId)]
    wallet: WalletId,
    /// For clients without cookies: `Authorization: Bearer tare_ss_...`. Shown once.
    token: String,
    /// For browsers: the value of `X-Tare-CSRF` on every change.
    csrf: String,
    /// When the session ends at the latest.
    #[schema(value_type = schema::Moment)]
    expires_at: Instant,
    /// Whether this person was not known before.
    is_new: bool,
}

/// Ask for a sign-in code
///
/// Mails six digits to the address. The answer is the same whether or not somebody has it.
#[utoipa::path(post, path = "/api/v1/sign-in/codes", tag = "people", request_body = AskForCode,
    responses((status = 201, description = "A code is on its way.", body = CodeSent)))]
pub(super) async fn send_code(
    visit: Visit,
    Bound(services): Bound,
    Body(AskForCode { email }): Body<AskForCode>,
) -> Result<(StatusCode, Json<CodeSent>), Problem> {
    let sent = sign_in::send_code(&services, &visit.context, SendCode { email, from: visit.client }).await?;
    Ok((StatusCode::CREATED, Json(CodeSent { challenge: sent.challenge, expires_at: sent.expires_at })))
}

/// Sign in
///
/// Takes the digits of the mail and begins a session: as a cookie for browsers, and as a token for others. A person
/// who is not known yet gets an account and its welcome credits.
#[utoipa::path(post, path = "/api/v1/sign-in/sessions", tag = "people", request_body = UseCode,
    responses((status = 201, description = "Signed in.", body = SessionBegun)))]
pub(super) async fn redeem(
    State(site): State<Site>,
    visit: Visit,
    Client(client): Client,
    Bound(services): Bound,
    Body(UseCode { challenge, code }): Body<UseCode>,
) -> Result<Response, Problem> {
    let request = RedeemCode { challenge, code, client };
    let signed_in = sign_in::redeem_code(&services, &visit.context, request).await?;
    Ok(begun(&site, signed_in))
}

/// Become the operator
///
/// Takes the set-up token that the server printed, once, and makes its bearer the first operator.
#[utoipa::path(post, path = "/api/v1/operator/set-up", tag = "operator", request_body = SetUp,
    responses((status = 201, description = "Signed in as the operator.", body = SessionBegun)))]
pub(super) async fn set_up(
    State(site): State<Site>,
    visit: Visit,
    Client(client): Client,
    Bound(services): Bound,
    Body(SetUp { token, email }): Body<SetUp>,
) -> Result<Response, Problem> {
    let request = RedeemSetupToken { token, email, client };
    let signed_in = operator::redeem_setup_token(&services, &visit.context, request).await?;
    Ok(begun(&site, signed_in))
}

fn begun(site: &Site, signed_in: SignedIn) -> Response {
    let SignedIn { user, wallet, session, token, expires_at, is_new } = signed_in;
    let cookie = credential::set_cookie(site, Some(&token));
    let csrf = credential::csrf(&Secret(token.clone()));
    let begun = SessionBegun { session, user, wallet, token, csrf, expires_at, is_new };
    (StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Json(begun)).into_response()
}
