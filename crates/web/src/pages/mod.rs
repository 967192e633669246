//! The pages: HTML made here, forms without a script, and a session in a cookie.
//!
//! A page that needs somebody sends whoever is not signed in to the sign-in page and back. A form is believed
//! when it came from a page of this site and carries the session's token.

mod words;

mod typed;
mod wrong;

mod review;

mod form;
pub(crate) use form::admit;

mod device;
mod invitation;
mod set_up;
mod sign_in;

mod oidc;
mod sandbox;

mod chart;

mod banner;
mod place;

mod sort;

mod runway;

mod overview;

mod returned;

mod alerts;
mod cards;
mod credits;
mod due;
mod invoices;
mod keys;
mod own_keys;
mod pass;
mod top_up;

mod audit;
mod members;
mod seats;
mod settings;

mod usage;

mod operator;

use askama::Template;
use axum::{
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderValue, StatusCode, header};

use crate::{access::Rule, problem::Problem, routes::Routes};

/// Every page, with who is let in.
pub(crate) fn routes(routes: Routes) -> Routes {
    let routes = of_a_wallet(routes, "");
    of_a_wallet(routes, "/organizations/{organization}")
        .page(Rule::Anyone, "GET", "/", get(overview::home))
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
        .page(Rule::Person, "GET", "/profile", get(overview::show))
        .page(Rule::Person, "POST", "/profile/sessions/end", post(overview::end_session))
        .page(Rule::Person, "GET", "/credits/pass", get(pass::show))
        .page(Rule::Person, "GET", "/credits/pass/review", get(pass::review))
        .page(Rule::Person, "POST", "/credits/pass", post(pass::subscribe))
        .page(Rule::Person, "POST", "/credits/pass/change", post(pass::change))
        .page(Rule::Person, "POST", "/credits/pass/cancel", post(pass::cancel))
        .page(Rule::Person, "POST", "/credits/pass/resume", post(pass::resume))
        .page(Rule::Person, "GET", "/organizations/new", get(settings::ask))
        .page(Rule::Person, "POST", "/organizations/new", post(settings::found))
        .page(Rule::Person, "GET", "/organizations/{organization}", get(overview::show))
        .page(Rule::Person, "GET", "/organizations/{organization}/settings", get(settings::show))
        .page(Rule::Person, "POST", "/organizations/{organization}/settings/name", post(settings::rename))
        .page(Rule::Person, "POST", "/organizations/{organization}/settings/policy", post(settings::set_policy))
        .page(Rule::Person, "POST", "/organizations/{organization}/settings/leave", post(settings::leave))
        .page(Rule::Person, "GET", "/organizations/{organization}/audit", get(audit::show))
        .page(Rule::Person, "GET", "/organizations/{organization}/members", get(members::show))
        .page(Rule::Person, "POST", "/organizations/{organization}/members", post(members::invite))
        .page(
            Rule::Person,
            "POST",
            "/organizations/{organization}/members/invitations",
            post(members::answer_invitation),
        )
        .page(Rule::Person, "POST", "/organizations/{organization}/members/role", post(members::set_role))
        .page(Rule::Person, "POST", "/organizations/{organization}/members/limit", post(members::set_limit))
        .page(Rule::Person, "POST", "/organizations/{organization}/members/remove", post(members::remove))
        .page(Rule::Person, "GET", "/organizations/{organization}/seats", get(seats::show))
        .page(Rule::Person, "GET", "/organizations/{organization}/seats/add", get(seats::add))
        .page(Rule::Person, "GET", "/organizations/{organization}/seats/remove", get(seats::remove))
        .page(Rule::Person, "GET", "/organizations/{organization}/seats/plan", get(seats::plan))
        .page(Rule::Person, "GET", "/organizations/{organization}/seats/review", get(seats::review))
        .page(Rule::Person, "POST", "/organizations/{organization}/seats/order", post(seats::order))
        .page(Rule::Person, "GET", "/organizations/{organization}/seats/paid", get(seats::paid))
        .page(Rule::Person, "POST", "/organizations/{organization}/seats/change", post(seats::change))
        .page(Rule::Person, "POST", "/organizations/{organization}/seats/call-off", post(seats::call_off))
        .page(Rule::Operator, "GET", "/operator", get(operator::search))
        .page(Rule::Operator, "GET", "/operator/alarms", get(operator::alarms))
        .page(Rule::Operator, "GET", "/operator/reconciliation", get(operator::reconcile))
        .page(Rule::Operator, "GET", "/operator/catalog", get(operator::rules))
        .page(Rule::Operator, "GET", "/operator/audit", get(operator::log))
        .page(Rule::Operator, "GET", "/operator/wallets/{wallet}", get(operator::wallet))
        .page(Rule::Operator, "GET", "/operator/wallets/{wallet}/adjust", get(operator::ask_adjust))
        .page(Rule::Operator, "POST", "/operator/wallets/{wallet}/adjust", post(operator::adjust))
        .page(Rule::Operator, "GET", "/operator/wallets/{wallet}/give", get(operator::ask_give))
        .page(Rule::Operator, "POST", "/operator/wallets/{wallet}/give", post(operator::give))
        .page(Rule::Operator, "GET", "/operator/wallets/{wallet}/refund", get(operator::ask_refund))
        .page(Rule::Operator, "POST", "/operator/wallets/{wallet}/refund", post(operator::refund))
        .page(Rule::Operator, "GET", "/operator/wallets/{wallet}/service", get(operator::ask_service))
        .page(Rule::Operator, "POST", "/operator/wallets/{wallet}/service", post(operator::change_service))
        .page(Rule::Person, "GET", "/device", get(device::ask))
        .page(Rule::Person, "POST", "/device", post(device::decide))
        .page(Rule::Person, "GET", "/sandbox/setups/{setup}", get(sandbox::ask_card))
        .page(Rule::Person, "POST", "/sandbox/setups/{setup}", post(sandbox::answer_card))
        .page(Rule::Person, "GET", "/sandbox/payments/{payment}", get(sandbox::ask_payment))
        .page(Rule::Person, "POST", "/sandbox/payments/{payment}", post(sandbox::answer_payment))
        .page(Rule::Person, "GET", "/invitations/{invitation}", get(invitation::ask))
        .page(Rule::Person, "POST", "/invitations/{invitation}", post(invitation::accept))
}

/// Pages about one's own wallet, or about that of an organization.
fn of_a_wallet(routes: Routes, base: &str) -> Routes {
    let at = |path: &str| format!("{base}{path}");
    routes
        .page(Rule::Person, "GET", &at("/credits"), get(credits::show))
        .page(Rule::Person, "GET", &at("/credits/pay"), get(credits::review))
        .page(Rule::Person, "POST", &at("/credits/pay"), post(credits::pay))
        .page(Rule::Person, "GET", &at("/credits/paid"), get(credits::came_back))
        .page(Rule::Person, "GET", &at("/credits/{purchase}"), get(credits::bought))
        .page(Rule::Person, "GET", &at("/credits/{purchase}/refund"), get(credits::ask_refund))
        .page(Rule::Person, "POST", &at("/credits/{purchase}/refund"), post(credits::refund))
        .page(Rule::Person, "GET", &at("/payment-methods"), get(cards::show))
        .page(Rule::Person, "POST", &at("/payment-methods"), post(cards::begin))
        .page(Rule::Person, "POST", &at("/payment-methods/forget"), post(cards::forget))
        .page(Rule::Person, "GET", &at("/auto-top-up"), get(top_up::show))
        .page(Rule::Person, "GET", &at("/auto-top-up/on"), get(top_up::agree))
        .page(Rule::Person, "POST", &at("/auto-top-up/on"), post(top_up::turn_on))
        .page(Rule::Person, "POST", &at("/auto-top-up/off"), post(top_up::turn_off))
        .page(Rule::Person, "POST", &at("/auto-top-up/resume"), post(top_up::resume))
        .page(Rule::Person, "GET", &at("/due"), get(due::show))
        .page(Rule::Person, "POST", &at("/due"), post(due::pay))
        .page(Rule::Person, "GET", &at("/alerts"), get(alerts::show))
        .page(Rule::Person, "POST", &at("/alerts"), post(alerts::set))
        .page(Rule::Person, "GET", &at("/invoices"), get(invoices::list))
        .page(Rule::Person, "POST", &at("/invoices/details"), post(invoices::set_details))
        .page(Rule::Person, "GET", &at("/invoices/{number}"), get(invoices::show))
        .page(Rule::Person, "GET", &at("/usage"), get(usage::show))
        .page(Rule::Person, "GET", &at("/usage/requests"), get(usage::list_requests))
        .page(Rule::Person, "GET", &at("/usage/requests/{request}"), get(usage::show_request))
        .page(Rule::Person, "GET", &at("/byok-keys"), get(own_keys::show))
        .page(Rule::Person, "POST", &at("/byok-keys"), post(own_keys::keep))
        .page(Rule::Person, "POST", &at("/byok-keys/replace"), post(own_keys::replace))
        .page(Rule::Person, "POST", &at("/byok-keys/forget"), post(own_keys::forget))
        .page(Rule::Person, "GET", &at("/api-keys"), get(keys::show))
        .page(Rule::Person, "POST", &at("/api-keys"), post(keys::create))
        .page(Rule::Person, "POST", &at("/api-keys/revoke"), post(keys::revoke))
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

/// A page that shows how things are. When a change was refused, the page says so, with the status of what is wrong.
fn shown(page: Result<impl Template, Problem>, wrong: Option<StatusCode>) -> Response {
    match (page, wrong) {
        (Ok(page), Some(status)) => (status, html(&page)).into_response(),
        (Ok(page), None) => html(&page),
        (Err(problem), _) => sorry(&problem),
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
    next.filter(|path| is_own_path(path)).unwrap_or("/profile")
}

/// Whether a text is a path of this site, whoever reads it.
pub(crate) fn is_own_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.len() <= 500
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
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
