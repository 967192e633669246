//! Stopping the service of a wallet by hand, and letting it go on: what would happen is shown first.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::State, response::Response};
use billing::dunning::State as Standing;
use operations::operator::{self, Service};
use serde::Deserialize;
use store::Holder;
use units::{Instant, WalletId};

use super::{BASE, frame, wallet::named};
use crate::{
    extract::{Asked, Named},
    pages::{
        form::Form,
        go,
        place::{Frame, Place},
        shown,
        words::{Moment, Said, moment, until},
    },
    problem::Problem,
    site::Site,
    visit::Visit,
};

#[derive(Template)]
#[template(path = "operator_service.html")]
struct ServicePage {
    frame: Frame,
    wallet: String,
    name: String,
    service: ServiceShown,
    /// Who gets a letter.
    readers: &'static str,
    /// Whether a reason was given, so that what would happen is shown.
    is_sure: bool,
    reason: String,
    problem: Option<String>,
}

/// Whether a wallet is served, in words.
pub(super) struct ServiceShown {
    pub(super) is_served: bool,
    /// Since when it is suspended by hand, and why.
    pub(super) by_hand: Option<(Moment, String)>,
    /// What it owes, when that matters.
    pub(super) owes: Option<Said>,
}

/// A form, as it is typed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Typed {
    /// `suspend` or `restore`.
    act: String,
    reason: String,
}

type Names = Named<HashMap<String, String>>;

/// How it is served now; and with a reason, what would happen.
pub(in crate::pages) async fn ask_service(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Named(names): Names,
    Asked(typed): Asked<Typed>,
) -> Response {
    match named(&names) {
        Ok(wallet) => page(&site, &visit, &place, wallet, typed, None).await,
        Err(problem) => shown(Err::<ServicePage, _>(problem), None),
    }
}

/// Suspends, or restores. What is so already stays so, and a form that is sent twice acts once.
pub(in crate::pages) async fn change_service(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Named(names): Names,
    Form(typed): Form<Typed>,
) -> Response {
    let wallet = match named(&names) {
        Ok(wallet) => wallet,
        Err(problem) => return shown(Err::<ServicePage, _>(problem), None),
    };
    let (services, ctx, caller) = (&site.services, &visit.context, &place.caller.who);
    let done = match typed.act.as_str() {
        "restore" => operator::restore(services, ctx, caller, wallet, &typed.reason).await,
        _ => operator::suspend(services, ctx, caller, wallet, &typed.reason).await,
    };
    let problem = match done {
        Ok(service) if typed.is_what_stands(&service) => return go(&format!("{BASE}/wallets/{wallet}")),
        Ok(_) => Problem::Field {
            field: "reason".to_owned(),
            reason: "it was suspended meanwhile for the reason above, and stays so".to_owned(),
        },
        Err(error) => error.into(),
    };
    page(&site, &visit, &place, wallet, typed, Some(problem)).await
}

async fn page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    wallet: WalletId,
    typed: Typed,
    problem: Option<Problem>,
) -> Response {
    let wrong = problem.as_ref().map(Problem::status);
    let (services, now, caller) = (&site.services, visit.context.now, &place.caller.who);
    let page = async {
        let holder = operator::find_holder(services, caller, wallet).await?;
        let service = operator::service(services, &visit.context, caller, wallet).await?;
        Ok::<_, Problem>(ServicePage {
            frame: frame(place, "/wallets"),
            wallet: wallet.to_string(),
            name: holder.name,
            service: ServiceShown::of(&service, now),
            readers: match holder.holder {
                Holder::User(_) => "They get a mail",
                Holder::Organization(_) => "Its owners get a mail",
            },
            is_sure: problem.is_none() && !typed.reason.trim().is_empty(),
            reason: typed.reason,
            problem: problem.map(|problem| problem.to_string()),
        })
    };
    shown(page.await, wrong)
}

impl ServiceShown {
    pub(super) fn of(service: &Service, now: Instant) -> Self {
        let owes = match service.owes {
            Standing::Active => None,
            Standing::Grace { until: end } => {
                Some(Said::from("A payment failed; it is suspended for that ").then(until(end, now)).then("."))
            }
            Standing::Suspended { since, purges_at } => {
                let since = Said::from("Suspended since ").then(moment(since));
                let then = since.then(" for what it owes; keys and settings are deleted ");
                Some(then.then(until(purges_at, now)).then("."))
            }
            Standing::Purged { since } => {
                let deleted = Said::from("Keys and settings were deleted ").then(moment(since));
                Some(deleted.then(" for what it owed."))
            }
        };
        let by_hand = service.suspension.as_ref().map(|row| (moment(row.since), row.reason.clone()));
        Self { is_served: service.goes_on(), by_hand, owes }
    }
}

impl Typed {
    /// Whether the wallet is now as this form wanted it, and for its reason.
    fn is_what_stands(&self, service: &Service) -> bool {
        match (self.act.as_str(), &service.suspension) {
            ("restore", suspension) => suspension.is_none(),
            (_, Some(row)) => row.reason.split_whitespace().eq(self.reason.split_whitespace()),
            (_, None) => false,
        }
    }
}
