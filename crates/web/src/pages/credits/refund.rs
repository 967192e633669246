//! Sending a purchase back to its card: what would go back is shown first, and the button carries a key, so that a form
//! that is sent twice refunds once.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::State, response::Response};
use billing::role::Action;
use operations::refund::{RefundPurchase, preview_refund, refund_purchase};
use serde::Deserialize;
use store::PaymentRow;
use units::Cents;

use super::bought::find;
use crate::{
    extract::{Asked, Named},
    pages::{
        form::Form,
        go,
        place::{Frame, Place},
        review::Review,
        shown, typed,
        words::{Moment, Said, dollars, moment},
        wrong::{Field, Wrong},
    },
    problem::Problem,
    site::Site,
    visit::Visit,
};

#[derive(Template)]
#[template(path = "refund.html")]
struct RefundPage {
    frame: Frame,
    id: String,
    paid: String,
    at: Moment,
    /// The most that can be refunded; absent when nothing can.
    most: Option<String>,
    /// What would go back, once an amount and a reason were given that may be.
    review: Option<Review>,
    typed: Typed,
    wrong: Wrong,
}

/// A refund as it is typed.
#[derive(Clone, Default, Deserialize)]
pub(in crate::pages) struct Typed {
    #[serde(default)]
    amount: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    once: String,
}

const FIELDS: &[Field] = &[
    ("amount", "Refund, in dollars", &["amount", "amount_out_of_range", "refund_too_large"]),
    ("reason", "Why", &["reason"]),
];

type Names = Named<HashMap<String, String>>;

/// What can go back; and with an amount and a reason, what would.
pub(in crate::pages) async fn ask_refund(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Named(names): Names,
    Asked(typed): Asked<Typed>,
) -> Response {
    page(&site, &visit, &place, &names, typed, None).await
}

pub(in crate::pages) async fn refund(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Named(names): Names,
    Form(typed): Form<Typed>,
) -> Response {
    let refunded = async {
        let payment = find(&site, &place, &names).await?.id;
        let request = RefundPurchase {
            caller: place.caller.who,
            wallet: place.wallet,
            payment,
            amount: typed.amount()?,
            reason: typed.reason.clone(),
            key: Some(format!("{} {}", place.caller.name(), typed.once)),
        };
        refund_purchase(&site.services, &visit.context, request).await?;
        Ok::<_, Problem>(format!("{}/credits/{payment}", place.base()))
    };
    match refunded.await {
        Ok(next) => go(&next),
        Err(problem) => page(&site, &visit, &place, &names, typed, Some(problem)).await,
    }
}

async fn page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    names: &HashMap<String, String>,
    typed: Typed,
    problem: Option<Problem>,
) -> Response {
    let shows = async {
        place.require(Action::ManageBilling)?;
        let row = find(site, place, names).await?;
        Ok::<_, Problem>(RefundPage::of(site, visit, place, &row, typed, problem).await)
    };
    match shows.await {
        Ok((page, status)) => shown(Ok(page), status),
        Err(problem) => shown(Err::<RefundPage, _>(problem), None),
    }
}

impl RefundPage {
    async fn of(
        site: &Site,
        visit: &Visit,
        place: &Place,
        row: &PaymentRow,
        typed: Typed,
        problem: Option<Problem>,
    ) -> (Self, Option<http::StatusCode>) {
        let at = (place.wallet, row.id);
        let preview =
            async |amount| preview_refund(&site.services, &visit.context, &place.caller.who, at, amount).await;
        let all = preview(None).await.map_err(Problem::from);
        let asks = problem.is_none() && all.as_ref().is_ok_and(|all| all.most > Cents::ZERO) && !typed.is_empty();
        let wish = match asks {
            true => {
                async {
                    typed.require_reason()?;
                    Ok::<_, Problem>(Some(preview(typed.amount()?).await?))
                }
                .await
            }
            false => Ok(None),
        };
        let (most, wrong) = match all {
            Ok(all) => (Some(all.most).filter(|most| *most > Cents::ZERO), None),
            Err(problem) => (None, Some(problem)),
        };
        let (wish, wrong) = match wish {
            Ok(wish) => (wish, wrong),
            Err(problem) => (None, Some(problem)),
        };
        let problem = problem.or(wrong);
        let page = Self {
            frame: place.frame("/credits"),
            id: row.id.to_string(),
            paid: dollars(row.amount),
            at: moment(row.created_at),
            review: wish.map(|wish| Review {
                title: format!("{} goes back", dollars(wish.amount)),
                facts: Vec::new(),
                words: vec![Said::from(format!(
                    "The card gets {} back, and {} of credits go at once. It gets a credit note, and cannot be undone.",
                    dollars(wish.amount),
                    dollars(wish.credits)
                ))],
                to: format!("{}/credits/{}/refund", place.base(), row.id),
                fields: vec![
                    ("amount", wish.credits.to_string()),
                    ("reason", typed.reason.clone()),
                    ("once", visit.context.ids.uuid().simple().to_string()),
                ],
                button: format!("Refund {}", dollars(wish.amount)),
            }),
            typed: Typed {
                amount: match typed.amount.is_empty() {
                    true => most.map(|most| most.to_string()).unwrap_or_default(),
                    false => typed.amount,
                },
                ..typed
            },
            most: most.map(dollars),
            wrong: Wrong::maybe(problem.as_ref(), FIELDS),
        };
        (page, problem.map(|problem| problem.status()))
    }
}

impl Typed {
    fn is_empty(&self) -> bool {
        self.amount.is_empty() && self.reason.is_empty()
    }

    fn amount(&self) -> Result<Option<Cents>, Problem> {
        match self.amount.trim() {
            "" => Ok(None),
            text => typed::dollars("amount", text).map(Some),
        }
    }

    fn require_reason(&self) -> Result<(), Problem> {
        match self.reason.trim().is_empty() {
            true => Err(typed::wrong("reason", "say why, in a few words")),
            false => Ok(()),
        }
    }
}
