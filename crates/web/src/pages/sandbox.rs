//! The pages of the sandbox: where a card is typed, and where a bank sees the person. No money moves.
//!
//! They stand where a real processor has pages of its own. Only whoever may pay for the wallet finds them.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use billing::role::Action;
use connectors::processor::{
    PaymentStatus, ProcessorError, SetupStatus,
    sandbox::{PaymentPage, Sandbox, SetupPage},
};
use http::StatusCode;
use operations::secret;
use serde::Deserialize;
use units::Cents;

use super::{form::Form, go, html, sorry, wrong::Wrong};
use crate::{access::Caller, credential, extract::Named, problem::Problem, site::Site};

#[derive(Template)]
#[template(path = "sandbox_setup.html")]
struct CardPage<'a> {
    csrf: String,
    id: &'a str,
    /// Whether the bank wants to see the person, behind the number.
    asks: bool,
    is_done: bool,
    wrong: Wrong,
    back: String,
    cards: &'static [(&'static str, &'static str)],
}

#[derive(Template)]
#[template(path = "sandbox_payment.html")]
struct BankPage<'a> {
    csrf: String,
    id: &'a str,
    is_open: bool,
    amount: Cents,
    description: String,
    brand: String,
    last4: String,
    back: String,
}

#[derive(Deserialize)]
pub(super) struct Answer {
    answer: String,
    #[serde(default)]
    number: String,
}

/// Some cards to try, and what each does.
const CARDS: &[(&str, &str)] = &[
    ("4242 4242 4242 4242", "is taken"),
    ("4000 0027 6000 3184", "is taken, and its bank asks you at every payment"),
    ("4000 0000 0000 0341", "is saved, and every payment is declined"),
    ("4000 0000 0000 0002", "is declined"),
];

pub(super) async fn ask_card(State(site): State<Site>, caller: Caller, Named(id): Named<String>) -> Response {
    match find_setup(&site, &caller, &id).await {
        Ok((_, page)) => card_page(&site, &caller, &id, &page),
        Err(problem) => sorry(&problem),
    }
}

pub(super) async fn answer_card(
    State(site): State<Site>,
    caller: Caller,
    Named(id): Named<String>,
    Form(Answer { answer, number }): Form<Answer>,
) -> Response {
    let answered = async {
        let (sandbox, _) = find_setup(&site, &caller, &id).await?;
        let told = match answer.as_str() {
            "save" => sandbox.submit_card(&id, &number).await,
            "approve" => sandbox.answer_setup(&id, true).await,
            _ => sandbox.answer_setup(&id, false).await,
        };
        // In another state it is only looked at again: somebody sent the form twice, or went back.
        match told {
            Ok(_) | Err(ProcessorError::WrongState) => {}
            Err(error) => return Err(operations::Error::from(error).into()),
        }
        find_setup(&site, &caller, &id).await
    };
    match answered.await {
        Ok((_, page)) if page.status == SetupStatus::Succeeded => go(&back(&site, &page.return_url, ("setup", &id))),
        Ok((_, page)) => {
            let status = if page.failure.is_some() { StatusCode::PAYMENT_REQUIRED } else { StatusCode::OK };
            (status, card_page(&site, &caller, &id, &page)).into_response()
        }
        Err(problem) => sorry(&problem),
    }
}

pub(super) async fn ask_payment(State(site): State<Site>, caller: Caller, Named(id): Named<String>) -> Response {
    match find_payment(&site, &caller, &id).await {
        Ok((_, page)) => {
            let (brand, last4) = page.card;
            html(&BankPage {
                csrf: credential::csrf(&caller.secret),
                id: &id,
                is_open: page.status == PaymentStatus::RequiresAction,
                amount: page.amount,
                description: page.description,
                brand,
                last4,
                back: back(&site, page.return_url.as_deref().unwrap_or("/"), ("payment_intent", &id)),
            })
        }
        Err(problem) => sorry(&problem),
    }
}

pub(super) async fn answer_payment(
    State(site): State<Site>,
    caller: Caller,
    Named(id): Named<String>,
    Form(Answer { answer, .. }): Form<Answer>,
) -> Response {
    let answered = async {
        let (sandbox, page) = find_payment(&site, &caller, &id).await?;
        match sandbox.answer_payment(&id, answer == "approve").await {
            Ok(_) | Err(ProcessorError::WrongState) => Ok(page.return_url.unwrap_or_else(|| "/".to_owned())),
            Err(error) => Err(Problem::from(operations::Error::from(error))),
        }
    };
    match answered.await {
        Ok(return_url) => go(&back(&site, &return_url, ("payment_intent", &id))),
        Err(problem) => sorry(&problem),
    }
}

fn card_page(site: &Site, caller: &Caller, id: &str, page: &SetupPage) -> Response {
    html(&CardPage {
        csrf: credential::csrf(&caller.secret),
        id,
        asks: page.status == SetupStatus::ActionRequired,
        is_done: page.status == SetupStatus::Succeeded,
        // The number of a card is never shown again.
        wrong: page.failure.as_ref().map_or_else(Wrong::default, |failure| Wrong {
            said: failure.customer_text().to_owned(),
            field: matches!(page.status, SetupStatus::Open | SetupStatus::Failed)
                .then(|| ("number".to_owned(), "Number".to_owned())),
        }),
        back: match page.status {
            SetupStatus::Succeeded => back(site, &page.return_url, ("setup", id)),
            _ => own_address(site, &page.return_url),
        },
        cards: CARDS,
    })
}

async fn find_setup<'a>(site: &'a Site, caller: &Caller, id: &str) -> Result<(&'a Sandbox, SetupPage), Problem> {
    let sandbox = sandbox(site, id)?;
    let page = sandbox.setup_page(id).await.map_err(|error| unknown(error, id))?;
    may_pay(site, caller, &page.account, id).await?;
    Ok((sandbox, page))
}

async fn find_payment<'a>(site: &'a Site, caller: &Caller, id: &str) -> Result<(&'a Sandbox, PaymentPage), Problem> {
    let sandbox = sandbox(site, id)?;
    let page = sandbox.payment_page(id).await.map_err(|error| unknown(error, id))?;
    may_pay(site, caller, &page.account, id).await?;
    Ok((sandbox, page))
}

fn sandbox<'a>(site: &'a Site, id: &str) -> Result<&'a Sandbox, Problem> {
    site.sandbox.as_deref().ok_or_else(|| absent(id))
}

/// What is somebody else's is not there, also for a colleague who may not pay.
async fn may_pay(site: &Site, caller: &Caller, account: &str, id: &str) -> Result<(), Problem> {
    caller.may_read(site, account, Action::ManageBilling).await.map(drop).map_err(|problem| match problem {
        Problem::NotFound { .. } | Problem::Forbidden { .. } => absent(id),
        problem => problem,
    })
}

fn unknown(error: ProcessorError, id: &str) -> Problem {
    match error {
        ProcessorError::NotFound(_) => absent(id),
        error => operations::Error::from(error).into(),
    }
}

fn absent(id: &str) -> Problem {
    Problem::NotFound { what: "page of the sandbox for", name: secret::shown(id) }
}

/// An address of this site as its path, so that a form may lead there under any name that the site has.
pub(super) fn own_address(site: &Site, url: &str) -> String {
    match url.strip_prefix(&site.settings.public_url) {
        Some(path) if path.starts_with('/') => path.to_owned(),
        _ => url.to_owned(),
    }
}

/// Where the person goes on, told what it was about, as Stripe tells it.
fn back(site: &Site, url: &str, (name, value): (&str, &str)) -> String {
    let url = own_address(site, url);
    let sign = if url.contains('?') { '&' } else { '?' };
    format!("{url}{sign}{name}={value}")
}
