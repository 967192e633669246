//! The pages: HTML made here, forms without a script, and a session in a cookie.
//!
//! A page that needs somebody sends whoever is not signed in to the sign-in page and back. A form is believed
//! when it came from a page of this site and carries the session's token.

mod words;

mod form;
pub(crate) use form::admit;

mod device;
mod invitation;
mod profile;
mod set_up;
mod sign_in;

mod oidc;

use askama::Template;
use axum::{
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderValue, StatusCode, header};

use crate::{access::Rule, problem::Problem, routes::Routes};

/// Every page, with who is let in.
pub(crate) fn routes(routes: Routes) -> Routes {
    routes
        .page(Rule::Anyone, "GET", "/", get(profile::home))
        .page(Rule::Anyone, "GET", "/sign-in", get(sign_in::ask))
        .page(Rule::Anyone, "POST", "/sign-in", post(sign_in::send))
        .page(Rule::Anyone, "POST", "/sign-in/code", post(sign_in::redeem))
        // A provider's page leads here, so these are GETs and no form of ours guards them: the state does, which
        // must come back both in the address and in the cookie of the browser that set out.
        .page(Rule::Anyone, "GET", "/sign-in/oidc", get(oidc::start))
        .page(Rule::Anyone, "GET", "/sign-in/oidc/callback", get(oidc::finish))
        .page(Rule::Anyone, "GET", "/set-up", get(set_up::ask))
        .page(Rule::Anyone, "POST", "/set-up", post(set_up::redeem))
        .page(Rule::Person, "POST", "/sign-out", post(sign_in::sign_out))
        .page(Rule::Person, "GET", "/profile", get(profile::show))
        .page(Rule::Person, "POST", "/profile/api-keys", post(profile::create_key))
        .page(Rule::Person, "POST", "/profile/api-keys/revoke", post(profile::revoke_key))
        .page(Rule::Person, "POST", "/profile/sessions/end", post(profile::end_session))
        .page(Rule::Person, "GET", "/device", get(device::ask))
        .page(Rule::Person, "POST", "/device", post(device::decide))
        .page(Rule::Person, "GET", "/invitations/{invitation}", get(invitation::ask))
        .page(Rule::Person, "POST", "/invitations/{invitation}", post(invitation::accept))
}

/// Something that has to be said, and where to go from there.
#[derive(Template)]
#[template(path = "notice.html")]
struct Notice {
    title: String,
    text: String,
    link: &'static str,
    link_words: &'static str,
}

fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Goes on to another page; what a form changed is not changed again by going back.
fn go(to: &str) -> Response {
    let place = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, place)]).into_response()
}

/// A problem as a page.
pub(crate) fn sorry(problem: &Problem) -> Response {
    let document = problem.document();
    let mut text = problem.to_string();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let notice =
        Notice { title: document.title(), text: text + ".", link: "/profile", link_words: "Go to your profile" };
    let mut response = html(&notice);
    *response.status_mut() = problem.status();
    response
}

/// A path of this site; anything else leads to the profile.
fn own_path(next: Option<&str>) -> &str {
    let is_own = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && path.len() <= 500
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    next.filter(is_own).unwrap_or("/profile")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths_are_gone_to() {
        assert_eq!(own_path(Some("/device?code=A-B")), "/device?code=A-B");
        for foreign in ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a b"]
        {
            assert_eq!(own_path(Some(foreign)), "/profile", "{foreign}");
        }
    }
}
