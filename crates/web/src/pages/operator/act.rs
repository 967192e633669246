//! What an operator does to a wallet. Each form carries a key that was made with its page, so that one that is sent
//! twice acts once.

use std::collections::HashMap;

use axum::{extract::State, response::Response};
use ledger::Source;
use operations::{
    grant::{AdjustWallet, IssueGrant},
    operator,
    refund::RefundPurchase,
};
use serde::Deserialize;
use units::{Amount, WalletId};

use super::{
    BASE,
    wallet::{named, page},
};
use crate::{
    api::gift_end,
    extract::Named,
    pages::{form::Form, go, place::Place, sorry, typed},
    problem::Problem,
    site::Site,
    visit::Visit,
    wire,
};

/// A form, as it is typed.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(in crate::pages) struct Typed {
    /// Which form it was.
    pub(super) act: String,
    pub(super) amount: String,
    pub(super) reason: String,
    pub(super) days: String,
    pub(super) paid: Option<String>,
    pub(super) purchase: String,
    once: String,
}

type Names = Named<HashMap<String, String>>;

pub(in crate::pages) async fn adjust(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Named(names): Names,
    Form(typed): Form<Typed>,
) -> Response {
    let done = async {
        let (reason, key) = (typed.reason.clone(), typed.key(&place));
        let request = AdjustWallet { wallet: named(&names)?, amount: typed.signed()?, reason, key };
        operator::adjust(&site.services, &visit.context, &place.caller.who, request).await?;
        Ok::<_, Problem>(())
    };
    let done = done.await;
    end(&site, &visit, &place, named(&names), done, typed).await
}

pub(in crate::pages) async fn give(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Named(names): Names,
    Form(typed): Form<Typed>,
) -> Response {
    let done = async {
        let wrong = |field: &str, reason: &str| Problem::Field { field: field.to_owned(), reason: reason.to_owned() };
        let amount = typed::credits("amount", &typed.amount, "")?;
        let days = match typed.days.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| wrong("days", "1 to 3650; or nothing for ever"))?),
        };
        let request = IssueGrant {
            wallet: named(&names)?,
            source: Source::Operator,
            amount: amount.ok_or_else(|| wrong("amount", "dollars, such as 5 or 12.50"))?,
            paid: typed.paid.is_some(),
            expires_at: days.map(|days| gift_end(visit.context.now, days)).transpose()?,
            key: typed.key(&place),
        };
        operator::give(&site.services, &visit.context, &place.caller.who, request, &typed.reason).await?;
        Ok::<_, Problem>(())
    };
    let done = done.await;
    end(&site, &visit, &place, named(&names), done, typed).await
}

pub(in crate::pages) async fn refund(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Named(names): Names,
    Form(typed): Form<Typed>,
) -> Response {
    let done = async {
        let request = RefundPurchase {
            caller: place.caller.who,
            wallet: named(&names)?,
            payment: wire::id("paid payment", &typed.purchase)?,
            amount: Some(typed::dollars("amount", &typed.amount)?),
            reason: typed.reason.clone(),
            key: typed.key(&place),
        };
        operator::refund(&site.services, &visit.context, &place.caller.who, request).await?;
        Ok::<_, Problem>(())
    };
    let done = done.await;
    end(&site, &visit, &place, named(&names), done, typed).await
}

async fn end(
    site: &Site,
    visit: &Visit,
    place: &Place,
    wallet: Result<WalletId, Problem>,
    done: Result<(), Problem>,
    typed: Typed,
) -> Response {
    match (wallet, done) {
        (Ok(wallet), Ok(())) => go(&format!("{BASE}/wallets/{wallet}")),
        (Ok(wallet), Err(problem)) => page(site, visit, place, wallet, None, Some((problem, typed))).await,
        (Err(problem), _) => sorry(&problem),
    }
}

impl Typed {
    /// Whether this form was sent, so that it shows what was typed.
    pub(super) fn is(&self, act: &str) -> bool {
        self.act == act
    }

    /// What was typed into this form; nothing for the others.
    pub(super) fn of<'a>(&'a self, act: &str, text: &'a str) -> &'a str {
        if self.is(act) { text } else { "" }
    }

    fn key(&self, place: &Place) -> Option<String> {
        Some(format!("{} {}", place.caller.name(), self.once))
    }

    fn signed(&self) -> Result<Amount, Problem> {
        let wrong = || Problem::Field {
            field: "amount".to_owned(),
            reason: "dollars, such as 5, or -12.50 to take away".to_owned(),
        };
        let text = self.amount.trim();
        let size = typed::credits("amount", text.trim_start_matches('-'), "; with a minus to take away")?;
        let size = size.ok_or_else(wrong)?;
        match text.starts_with('-') {
            true => size.negated().map_err(|_| wrong()),
            false => Ok(size),
        }
    }
}
