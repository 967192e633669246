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

use super::{frame, service::ServiceShown};
use crate::{
    extract::{Asked, Named},
    pages::{
        html,
        overview::Shown,
        place::{Frame, Place},
        shown, sorry, typed,
        words::{Moment, Said, dollars, moment, money, until},
        wrong::{Field, Wrong},
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
    wrong: Wrong,
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

const FIELDS: &[Field] = &[("at", "At this moment", &["at"])];

const ENTRIES: u32 = 25;
const PURCHASES: u32 = 10;

pub(in crate::pages) async fn wallet(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Named(names): Named<HashMap<String, String>>,
    Asked(When { at }): Asked<When>,
) -> Response {
    let wallet = match named(&names) {
        Ok(wallet) => wallet,
        Err(problem) => return sorry(&problem),
    };
    let found = async { wallet_page(&site, &visit, &place, wallet, read(&at)?).await };
    let problem = match found.await {
        Ok(page) => return html(&page),
        Err(problem) => problem,
    };
    // A moment that is none, or has not come, is said beside its field, under how it is now.
    let wrong = Wrong::of(&problem, FIELDS);
    match wrong.is_at("at") {
        true => {
            let page = wallet_page(&site, &visit, &place, wallet, None).await;
            shown(page.map(|page| WalletPage { at, wrong, ..page }), Some(problem.status()))
        }
        false => sorry(&problem),
    }
}

/// The wallet that the path names.
pub(super) fn named(names: &HashMap<String, String>) -> Result<WalletId, Problem> {
    wire::id("wallet", names.get("wallet").map_or("", String::as_str))
}

fn read(at: &str) -> Result<Option<Instant>, Problem> {
    match at.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| typed::wrong("at", "a moment in UTC, such as 2026-01-31T12:00:00Z")),
    }
}

async fn wallet_page(
    site: &Site,
    visit: &Visit,
    place: &Place,
    wallet: WalletId,
    at: Option<Instant>,
) -> Result<WalletPage, Problem> {
    let (reader, now) = (site.services.store.reader(), visit.context.now);
    let holder = operator::find_holder(&site.services, &place.caller.who, wallet).await?;
    let why = question::why(reader, wallet, at.unwrap_or(now), ENTRIES, now).await?;
    let balance = question::balance(reader, wallet, at, now).await?;
    let service = operator::service(&site.services, &visit.context, &place.caller.who, wallet).await?;
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
        wrong: Wrong::default(),
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
