//! Which mails come about the credits of a wallet, and at which line.

use askama::Template;
use axum::{extract::State, response::Response};
use billing::role::Action;
use operations::alert;
use serde::Deserialize;

use super::{
    form::Form,
    go,
    place::{Frame, Place},
    shown, typed,
    wrong::{Field, Wrong},
};
use crate::{problem::Problem, site::Site, visit::Visit};

#[derive(Template)]
#[template(path = "alerts.html")]
struct AlertsPage {
    frame: Frame,
    is_on: bool,
    may_change: bool,
    /// Who gets the mails.
    holder: &'static str,
    typed: Typed,
    wrong: Wrong,
}

/// The line, as it is typed.
#[derive(Default, Deserialize)]
pub(super) struct Typed {
    #[serde(default)]
    below: String,
}

const FIELDS: &[Field] = &[("below", "Tell below", &["line", "amount_out_of_range"])];

pub(super) async fn show(State(site): State<Site>, place: Place) -> Response {
    page(&site, &place, None).await
}

/// Sets the line; nothing typed ends it.
pub(super) async fn set(State(site): State<Site>, visit: Visit, place: Place, Form(typed): Form<Typed>) -> Response {
    let set = async {
        let below = typed::credits("line", &typed.below, "; or nothing for no mail")?;
        Ok::<_, Problem>(alert::set(&site.services, &visit.context, &place.caller.who, place.wallet, below).await?)
    };
    match set.await {
        Ok(_) => go(&format!("{}/alerts", place.base())),
        Err(problem) => page(&site, &place, Some((problem, typed))).await,
    }
}

async fn page(site: &Site, place: &Place, wrong: Option<(Problem, Typed)>) -> Response {
    let status = wrong.as_ref().map(|(problem, _)| problem.status());
    let page = async {
        let below = alert::see(&site.services, &place.caller.who, place.wallet).await?.below;
        let (wrong, typed) = match wrong {
            Some((problem, typed)) => (Wrong::of(&problem, FIELDS), typed),
            None => (Wrong::default(), Typed { below: below.map(|below| below.to_string()).unwrap_or_default() }),
        };
        Ok::<_, Problem>(AlertsPage {
            frame: place.frame("/alerts"),
            is_on: below.is_some(),
            may_change: place.may(Action::ManageBilling),
            holder: match place.organization {
                Some(_) => "its owners",
                None => "you",
            },
            typed,
            wrong,
        })
    };
    shown(page.await, status)
}
