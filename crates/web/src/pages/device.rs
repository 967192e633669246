//! A command-line client asks to act as its person: they see which, and say yes or no.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use operations::device;
use serde::Deserialize;

use super::{
    Notice,
    form::Form,
    html, sorry,
    words::{Moment, moment},
    wrong::{Field, Wrong},
};
use crate::{access::Caller, credential, extract::Asked, problem::Problem, site::Site, visit::Visit};

#[derive(Template)]
#[template(path = "device.html")]
struct DevicePage<'a> {
    who: String,
    csrf: String,
    code: &'a str,
    waiting: Option<Waiting>,
    wrong: Wrong,
}

struct Waiting {
    client: String,
    network: String,
    since: Moment,
    until: Moment,
}

#[derive(Deserialize)]
pub(super) struct Code {
    code: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Answer {
    code: String,
    answer: String,
}

const FIELDS: &[Field] = &[("code", "The code", &["device_code_closed"])];

pub(super) async fn ask(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Asked(Code { code }): Asked<Code>,
) -> Response {
    let code = code.unwrap_or_default();
    let (who, csrf) = (caller.name(), credential::csrf(&caller.secret));
    if code.trim().is_empty() {
        return html(&DevicePage { who, csrf, code: "", waiting: None, wrong: Wrong::default() });
    }
    match device::find(&site.services, &visit.context, &caller.who, &code).await {
        Ok(found) => {
            let waiting = Waiting {
                client: found.client,
                network: found.network,
                since: moment(found.created_at),
                until: moment(found.expires_at),
            };
            html(&DevicePage { who, csrf, code: &code, waiting: Some(waiting), wrong: Wrong::default() })
        }
        Err(error) => {
            let problem = Problem::from(error);
            let status = problem.status();
            let page = DevicePage { who, csrf, code: &code, waiting: None, wrong: Wrong::of(&problem, FIELDS) };
            (status, html(&page)).into_response()
        }
    }
}

pub(super) async fn decide(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Form(Answer { code, answer }): Form<Answer>,
) -> Response {
    let (services, context, who) = (&site.services, &visit.context, &caller.who);
    let (done, title, text) = match answer.as_str() {
        "approve" => (
            device::approve(services, context, who, &code).await,
            "The device is signed in",
            "It acts for you from now on. You can go back to it; your profile lists it among your sessions.",
        ),
        _ => (
            device::deny(services, context, who, &code).await,
            "The device was sent away",
            "It gets nothing. If you did not start this yourself, somebody may have tried to use your account.",
        ),
    };
    match done {
        Ok(()) => html(&Notice {
            title: title.to_owned(),
            text: text.to_owned(),
            link: "/profile",
            link_words: "Go to your profile",
        }),
        Err(error) => sorry(&error.into()),
    }
}
