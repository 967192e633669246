//! Stopping the service of a wallet by hand, and letting it go on: what would happen is shown first.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::State, response::Response};
use billing::dunning::State as Standing;
use operations::operator::{self, Service};
use serde::Deserialize;
use store::{Holder, HolderRow};
use units::{Instant, WalletId};

use super::{BASE, frame, wallet::named};
use crate::{
    extract::{Asked, Named},
    pages::{
        form::Form,
        go,
        place::{Frame, Place},
        review::Review,
        shown, typed,
        words::{Moment, Said, moment, until},
        wrong::Wrong,
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
    reason: String,
    /// What would happen, once a reason was given.
    review: Option<Review>,
    wrong: Wrong,
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
    /// Which suspension is to end, by when it began.
    since: String,
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
        // A page that does not say which one ends none: it is asked again with the one in force.
        "restore" => match typed.since.parse() {
            Ok(since) => operator::restore(services, ctx, caller, wallet, Some(since), &typed.reason).await,
            Err(_) => return page(&site, &visit, &place, wallet, typed, None).await,
        },
        _ => operator::suspend(services, ctx, caller, wallet, &typed.reason).await,
    };
    let problem = match done {
        Ok(service) if typed.is_what_stands(&service) => return go(&format!("{BASE}/wallets/{wallet}")),
        Ok(_) => typed::wrong("reason", "it was suspended meanwhile for the reason above, and stays so"),
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
            name: holder.name.clone(),
            service: ServiceShown::of(&service, now),
            review: match problem.is_none() && !typed.reason.trim().is_empty() {
                true => Some(review(wallet, &holder, &service, &typed.reason)),
                false => None,
            },
            reason: typed.reason,
            wrong: Wrong::maybe(problem.as_ref(), &[("reason", "Why", &["reason"])]),
        })
    };
    shown(page.await, wrong)
}

/// What would happen: the other of what is.
fn review(wallet: WalletId, holder: &HolderRow, service: &Service, reason: &str) -> Review {
    let readers = match holder.holder {
        Holder::User(_) => "They get a mail",
        Holder::Organization(_) => "Its owners get a mail",
    };
    let (act, title, words) = match (&service.suspension, service.owes) {
        (None, _) => (
            "suspend",
            "Suspend",
            format!(
                "From the next one on every request is refused, with own provider keys too; what runs is settled. \
                 Credits are not bought automatically. Pages stay readable, terms go on, and what is due can be paid: \
                 that does not end the suspension. {readers} with the reason."
            ),
        ),
        (Some(_), owes) => {
            let served = match owes {
                Standing::Active => "Requests are served again from the next one on, with the same keys and credits.",
                _ => "It owes as before, as it says above.",
            };
            let words = format!(
                "{served} Automatic top-up stays paused where it paused, until somebody resumes it. {readers}."
            );
            ("restore", "Restore", words)
        }
    };
    let since = service.suspension.as_ref().map(|row| ("since", row.since.to_string()));
    Review {
        title: format!("{title} it"),
        facts: Vec::new(),
        words: vec![words.into()],
        to: format!("{BASE}/wallets/{wallet}/service"),
        fields: [("act", act.to_owned()), ("reason", reason.to_owned())].into_iter().chain(since).collect(),
        button: format!("{title} {}", holder.name),
    }
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
