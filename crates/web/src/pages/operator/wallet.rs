//! One wallet: its balance at any moment, taken apart, and what an operator can do to it.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::State, response::Response};
use operations::{
    operator,
    question::{self, EntryAnswer},
    refund::preview_refund,
};
use serde::Deserialize;
use store::{Holder, PaymentRow};
use units::{Cents, Instant, WalletId};

use super::{act::Typed, frame, service::ServiceShown};
use crate::{
    extract::{Asked, Named},
    pages::{
        overview::Shown,
        place::{Frame, Place},
        shown,
        words::{Moment, Said, dollars, moment, money, until},
    },
    problem::Problem,
    site::Site,
    visit::Visit,
    wire,
};

#[derive(Template)]
#[template(path = "operator_wallet.html")]
pub(super) struct WalletPage {
    frame: Frame,
    name: String,
    kind: &'static str,
    id: String,
    wallet: String,
    at: String,
    /// Whether it is about the past.
    is_past: bool,
    balance: Shown,
    held: Option<Shown>,
    available: Option<Shown>,
    grants: Vec<Grant>,
    entries: Vec<Entry>,
    service: ServiceShown,
    purchases: Vec<Purchase>,
    typed: Typed,
    once: String,
    problem: Option<String>,
}

struct Grant {
    source: String,
    is_paid: bool,
    counts: Shown,
    amount: String,
    until: Said,
    /// What came and went, by kind.
    flows: Vec<String>,
}

struct Entry {
    at: Moment,
    kind: String,
    amount: Shown,
    left: String,
    reference: String,
}

struct Purchase {
    id: String,
    at: Moment,
    amount: String,
    /// What can go back; empty when nothing can.
    refundable: String,
}

#[derive(Deserialize)]
pub(in crate::pages) struct When {
    #[serde(default)]
    at: String,
}

const ENTRIES: u32 = 25;
const PURCHASES: u32 = 10;

pub(in crate::pages) async fn wallet(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Named(names): Named<HashMap<String, String>>,
    Asked(When { at }): Asked<When>,
) -> Response {
    let found = async {
        let moment = match at.trim() {
            "" => None,
            text => Some(text.parse::<Instant>().map_err(|_| Problem::Field {
                field: "at".to_owned(),
                reason: "a moment in UTC, such as 2026-01-31T12:00:00Z".to_owned(),
            })?),
        };
        Ok::<_, Problem>((named(&names)?, moment))
    };
    match found.await {
        Ok((wallet, at)) => page(&site, &visit, &place, wallet, at, None).await,
        Err(problem) => shown(Err::<WalletPage, _>(problem), None),
    }
}

/// The wallet that the path names.
pub(super) fn named(names: &HashMap<String, String>) -> Result<WalletId, Problem> {
    wire::id("wallet", names.get("wallet").map_or("", String::as_str))
}

pub(super) async fn page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    wallet: WalletId,
    at: Option<Instant>,
    wrong: Option<(Problem, Typed)>,
) -> Response {
    let status = wrong.as_ref().map(|(problem, _)| problem.status());
    shown(wallet_page(site, visit, place, wallet, at, wrong).await, status)
}

async fn wallet_page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    wallet: WalletId,
    at: Option<Instant>,
    wrong: Option<(Problem, Typed)>,
) -> Result<WalletPage, Problem> {
    let (reader, now) = (site.services.store.reader(), visit.context.now);
    let holder = operator::find_holder(&site.services, &place.caller.who, wallet).await?;
    let why = question::why(reader, wallet, at.unwrap_or(now), ENTRIES, now).await?;
    let balance = question::balance(reader, wallet, at, now).await?;
    let service = operator::service(&site.services, &visit.context, &place.caller.who, wallet).await?;
    let (problem, typed) = match wrong {
        Some((problem, typed)) => (Some(problem.to_string()), typed),
        None => (None, Typed::default()),
    };
    let (kind, id) = match holder.holder {
        Holder::User(user) => ("person", user.to_string()),
        Holder::Organization(organization) => ("organization", organization.to_string()),
    };
    Ok(WalletPage {
        frame: frame(place, "/wallets"),
        name: holder.name,
        kind,
        id,
        wallet: wallet.to_string(),
        at: at.map(|at| at.to_string()).unwrap_or_default(),
        is_past: at.is_some(),
        balance: Shown::of(why.balance),
        held: balance.held.filter(|held| held.is_positive()).map(Shown::of),
        available: balance.available.map(Shown::of),
        grants: why.grants.iter().map(|grant| Grant::of(grant, now)).collect(),
        entries: why.entries.iter().map(Entry::of).collect(),
        service: ServiceShown::of(&service, now),
        purchases: purchases(site, visit, wallet).await?,
        typed,
        once: visit.context.ids.uuid().simple().to_string(),
        problem,
    })
}

/// The last purchases that were paid, with what can go back.
async fn purchases(site: &Site, visit: &Visit, wallet: WalletId) -> Result<Vec<Purchase>, Problem> {
    let rows = site.services.store.reader().list_latest_purchases(wallet, PURCHASES).await?;
    let mut purchases = Vec::new();
    for row in rows.iter().filter(|row| row.credited_at.is_some()) {
        let caller = operations::Caller::Operator;
        let preview = preview_refund(&site.services, &visit.context, &caller, (wallet, row.id), None).await;
        let most = match preview {
            Ok(preview) => preview.most,
            // The bank decides about it.
            Err(operations::Error::Refused(_)) => Cents::ZERO,
            Err(error) => return Err(error.into()),
        };
        purchases.push(Purchase::of(row, most));
    }
    Ok(purchases)
}

impl Purchase {
    fn of(row: &PaymentRow, most: Cents) -> Self {
        let refundable = if most > Cents::ZERO { most.to_string() } else { String::new() };
        Self { id: row.id.to_string(), at: moment(row.created_at), amount: dollars(row.amount), refundable }
    }
}

impl Grant {
    fn of(grant: &question::WhyGrant, now: Instant) -> Self {
        let flows = grant.flows.iter().map(|flow| {
            let (came, went) = (flow.moved_in, flow.moved_out);
            let kind = flow.kind.replace('_', " ");
            match (came.is_positive(), went.is_positive()) {
                (true, true) => format!("{kind}: {} in, {} out", money(came), money(went)),
                (true, false) => format!("{kind}: {} in", money(came)),
                _ => format!("{kind}: {} out", money(went)),
            }
        });
        Self {
            source: grant.grant.source.replace('_', " "),
            is_paid: grant.grant.paid,
            counts: Shown::of(grant.counts),
            amount: money(grant.grant.amount),
            until: grant.grant.expires_at.map_or("never".into(), |end| until(end, now).into()),
            flows: flows.collect(),
        }
    }
}

impl Entry {
    fn of(entry: &EntryAnswer) -> Self {
        Self {
            at: moment(entry.at),
            kind: entry.kind.replace('_', " "),
            amount: Shown::signed(entry.amount),
            left: entry.left_after.map(money).unwrap_or_default(),
            reference: entry.reference.clone(),
        }
    }
}
