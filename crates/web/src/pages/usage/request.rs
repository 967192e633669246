//! One request: what it cost and how that is reckoned, which credits paid, where it stands in the journal, and its
//! receipt.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::State, response::Response};
use billing::{
    CostSource, PriceVersion, UsageRecord,
    pricing::{CostLine, PriceList, TokenKind, itemize},
    role::Action,
};
use operations::receipt::{self, Receipt};
use units::{Amount, HoldId};

use crate::{
    extract::Named,
    pages::{
        overview::Shown,
        place::{Frame, Place},
        shown,
        words::{Moment, Said, grouped, moment},
    },
    problem::Problem,
    site::Site,
    wire,
};

#[derive(Template)]
#[template(path = "request.html")]
struct RequestPage {
    frame: Frame,
    said: Receipt,
    model: String,
    at: Moment,
    /// Amounts have all their places here, where somebody may add up.
    debited: String,
    /// What no credits covered.
    lost: Option<String>,
    how: &'static str,
    /// Who asked, with what, and for what: each with its name.
    facts: Vec<(&'static str, Said)>,
    lines: Vec<Line>,
    /// What each request costs beside its tokens.
    per_request: Option<String>,
    payers: Vec<Payer>,
    /// Where its receipt is, when this server signs them.
    receipt: Option<String>,
}

/// So many tokens at this price.
struct Line {
    tokens_of: &'static str,
    tokens: String,
    per_million: String,
    cost: String,
}

struct Payer {
    source: String,
    is_paid: bool,
    amount: String,
}

pub(in crate::pages) async fn show(
    State(site): State<Site>,
    place: Place,
    Named(names): Named<HashMap<String, String>>,
) -> Response {
    shown(page(&site, &place, names.get("request").map_or("", String::as_str)).await, None)
}

async fn page(site: &Site, place: &Place, text: &str) -> Result<RequestPage, Problem> {
    place.require(Action::SeeUsageOfPeople)?;
    let charge: HoldId = wire::id("charge", text)?;
    let (reader, prices) = (site.services.store.reader(), site.services.prices.current());
    let absent = || Problem::NotFound { what: "charge", name: charge.to_string() };
    let row = reader.find_charge(place.wallet, charge).await?.ok_or_else(absent)?;
    let record = row.usage.clone();
    let said = receipt::write(reader, &prices, row).await?;
    let list = record
        .as_ref()
        .filter(|record| record.cost_source == CostSource::Priced)
        .and_then(|record| record.price_version.clone())
        .and_then(|version| prices.find_version(&PriceVersion::from_stored(version)));
    let facts = match &record {
        Some(record) => facts(site, place, record).await?,
        None => Vec::new(),
    };
    Ok(RequestPage {
        frame: place.frame("/usage"),
        model: record.as_ref().map_or_else(|| "Request".to_owned(), |record| record.model.clone()),
        at: moment(said.settled_at),
        debited: Shown::of(said.debited).exact,
        lost: (said.lost > Amount::ZERO).then(|| Shown::of(said.lost).exact),
        how: record.as_ref().map_or("A metering client named the cost.", how),
        facts,
        lines: match (&record, list) {
            (Some(record), list) => lines(record, list),
            (None, _) => Vec::new(),
        },
        per_request: list.map(PriceList::per_request).filter(|cost| !cost.is_zero()).map(|cost| format!("${cost}")),
        payers: said.paid_by.iter().map(Payer::from).collect(),
        receipt: receipt::public_key(&site.services)
            .is_ok()
            .then(|| format!("/api/v1/wallets/{}/charges/{charge}/receipt", place.wallet)),
        said,
    })
}

/// Where the cost comes from.
const fn how(record: &UsageRecord) -> &'static str {
    match record.cost_source {
        _ if record.own_cost.is_some() => {
            "It ran with a provider key of its own, and the provider bills it. No credits were taken."
        }
        CostSource::Reported => "The provider said what it charges. That is what was taken, with nothing on top.",
        CostSource::Priced => {
            "Tokens times the provider's prices that were in force when the request came, with nothing on top."
        }
        CostSource::Free => "This model costs nothing.",
        CostSource::Metered => "A metering client named the cost.",
    }
}

async fn facts(site: &Site, place: &Place, record: &UsageRecord) -> Result<Vec<(&'static str, Said)>, Problem> {
    let reader = site.services.store.reader();
    let mut facts = vec![("Request", Said::from(record.request.to_string()))];
    if let Some(user) = record.user
        && let Some(row) = reader.find_user(user).await?
    {
        facts.push(("By", row.email.unwrap_or(row.name).into()));
    }
    if let Some(id) = record.api_key {
        let keys = reader.list_api_keys(place.wallet).await?;
        facts.extend(keys.into_iter().find(|key| key.id == id).map(|key| ("API key", key.name.into())));
    }
    if !record.project.is_empty() {
        facts.push(("Project", record.project.clone().into()));
    }
    facts.push(("Provider", record.provider.clone().into()));
    facts.push(("Admitted", moment(record.admitted_at).into()));
    facts.extend(record.price_version.clone().map(|version| ("Price list", version.into())));
    facts.extend(record.own_cost.map(|cost| ("The provider bills", format!("${cost}").into())));
    facts.extend(record.usage.estimated.then(|| ("Tokens", Said::from("counted here, since the provider told none"))));
    Ok(facts)
}

/// The tokens by kind, with what they cost where the cost came from them.
fn lines(record: &UsageRecord, list: Option<&PriceList>) -> Vec<Line> {
    let used = &record.usage;
    match list {
        Some(list) => {
            let lines = itemize(list, used, record.admitted_at);
            lines.into_iter().filter(|line| line.tokens > 0).map(Line::priced).collect()
        }
        None => {
            let all = [
                ("Prompt", used.input),
                ("of them read from a cache", used.cache_read),
                ("of them written to a cache", used.cache_write.saturating_add(used.cache_write_1h)),
                ("Completion", used.output),
                ("of them reasoning", used.reasoning),
            ];
            all.into_iter()
                .filter(|(_, tokens)| *tokens > 0)
                .map(|(words, tokens)| Line::plain(words, tokens))
                .collect()
        }
    }
}

impl Line {
    fn priced(line: CostLine) -> Self {
        let tokens_of = match line.kind {
            TokenKind::Input => "Prompt",
            TokenKind::CacheRead => "Prompt, read from a cache",
            TokenKind::CacheWrite => "Prompt, written to a cache",
            TokenKind::CacheWrite1h => "Prompt, written to a cache for an hour",
            TokenKind::Output => "Completion",
            TokenKind::Reasoning => "Reasoning",
        };
        Self {
            per_million: format!("${}", line.price.per_million()),
            cost: line.cost().map_or_else(|_| String::new(), |cost| format!("${cost}")),
            ..Self::plain(tokens_of, line.tokens)
        }
    }

    fn plain(tokens_of: &'static str, tokens: u64) -> Self {
        Self { tokens_of, tokens: grouped(tokens), per_million: String::new(), cost: String::new() }
    }
}

impl From<&receipt::Part> for Payer {
    fn from(part: &receipt::Part) -> Self {
        Self { source: part.source.replace('_', " "), is_paid: part.paid, amount: Shown::of(part.amount).exact }
    }
}
