//! How one purchase stands, also for somebody who comes back from their bank.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::State, response::Response};
use billing::{contest::ContestState, refund::RefundState, role::Action};
use operations::{
    pass,
    payment::{self, PaymentState},
};
use store::{CardRefundRow, PaymentRow};

use super::balance;
use crate::{
    aftermath,
    extract::{Asked, Named},
    pages::{
        go, html,
        overview::Shown,
        place::{Frame, Place},
        returned::CameBack,
        sandbox::own_address,
        sorry,
        words::{Moment, dollars, moment},
    },
    problem::Problem,
    site::Site,
    visit::Visit,
    wire,
};

#[derive(Template)]
#[template(path = "bought.html")]
struct BoughtPage {
    frame: Frame,
    state: &'static str,
    amount: String,
    /// When it was begun.
    at: Moment,
    balance: Shown,
    page: Option<String>,
    id: String,
    /// Whether it pays for a pass, which has a page of its own.
    is_pass: bool,
    refunds: Vec<Refund>,
    /// What the bank says, where the payer contests it.
    dispute: Option<&'static str>,
}

/// What went back, or is on its way.
struct Refund {
    amount: String,
    at: Moment,
    words: &'static str,
    reason: String,
}

/// Somebody comes back from their bank: the processor says which payment it was about.
pub(in crate::pages) async fn came_back(
    State(site): State<Site>,
    place: Place,
    Asked(CameBack { payment_intent }): Asked<CameBack>,
) -> Response {
    let found = match (&site.services.outside.processor, payment_intent) {
        (Some(processor), Some(id)) => {
            site.services.store.reader().find_payment_by_foreign_id(processor.name(), &id).await
        }
        _ => Ok(None),
    };
    match found {
        Ok(Some(payment)) => go(&format!("{}/credits/{payment}", place.base())),
        Ok(None) => go(&format!("{}/credits", place.base())),
        Err(fault) => sorry(&fault.into()),
    }
}

/// How one purchase stands.
pub(in crate::pages) async fn bought(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Named(names): Named<HashMap<String, String>>,
) -> Response {
    let page = async {
        place.require(Action::ManageBilling)?;
        let row = find(&site, &place, &names).await?;
        let seen = payment::see(&site.services, &visit.context, &place.caller.who, row.id).await;
        let (state, page) = match seen {
            Ok(bought) => match bought.state {
                PaymentState::Paid => ("paid", None),
                PaymentState::Pending => ("pending", None),
                PaymentState::ActionRequired { page } => ("action_required", Some(own_address(&site, &page))),
            },
            Err(operations::Error::CardDeclined { .. }) => ("declined", None),
            Err(error) => return Err(error.into()),
        };
        let balance = balance(&site, &visit, &place).await?;
        let after = aftermath::of_payments(&site, place.wallet, std::slice::from_ref(&row)).await?.remove(&row.id);
        let after = after.unwrap_or_default();
        Ok::<_, Problem>(BoughtPage {
            frame: place.frame("/credits"),
            state,
            amount: dollars(row.amount),
            at: moment(row.created_at),
            balance,
            page,
            id: row.id.to_string(),
            is_pass: row.purpose == pass::PURPOSE,
            refunds: after.refunds.iter().map(Refund::of).collect(),
            dispute: after.dispute().map(said),
        })
    };
    match page.await {
        Ok(page) => html(&page),
        Err(problem) => sorry(&problem),
    }
}

/// The purchase of this place that the path names.
pub(super) async fn find(site: &Site, place: &Place, names: &HashMap<String, String>) -> Result<PaymentRow, Problem> {
    let text = names.get("purchase").map_or("", String::as_str);
    let row = site.services.store.reader().find_payment(wire::id("purchase", text)?).await?;
    let row = row.filter(|row| row.wallet == place.wallet);
    row.ok_or_else(|| Problem::NotFound { what: "purchase", name: text.to_owned() })
}

const fn said(dispute: ContestState) -> &'static str {
    match dispute {
        ContestState::Inquiry => {
            "The bank asks about this payment. What is left of its credits waits until it has decided."
        }
        ContestState::Open => {
            "This payment is contested at the bank. What is left of its credits waits until it has decided."
        }
        ContestState::Won => "This payment was contested, and stands.",
        ContestState::Lost => "The bank took this payment back. What was left of its credits is gone.",
    }
}

impl Refund {
    fn of(row: &CardRefundRow) -> Self {
        Self {
            amount: dollars(row.amount),
            at: moment(row.created_at),
            words: match RefundState::from_name(&row.state) {
                Some(RefundState::Paid) => "is back at the card",
                Some(RefundState::Failed) => "was not taken by the bank; the credits are free again",
                _ => "is on its way to the card; its credits are set aside",
            },
            reason: row.reason.clone(),
        }
    }
}
