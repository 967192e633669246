//! Invoices: the list with its filters, one of them as a page that can be printed, and who buys.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::State, response::Response};
use billing::{
    invoice::{BillingDetails, Document, InvoiceKind, Party, Series, Treatment},
    role::Action,
};
use http::StatusCode;
use operations::invoice::{self, InvoiceFilter};
use serde::Deserialize;
use units::{Day, InvoiceId};

use super::{
    form::Form,
    go, html,
    place::{Frame, Place},
    shown, sorry, typed,
    words::dollars,
    wrong::{Field, Wrong},
};
use crate::{
    api::find_invoice,
    extract::{Asked, Named},
    problem::Problem,
    site::Site,
    visit::Visit,
    wire,
};

#[derive(Template)]
#[template(path = "invoices.html")]
struct InvoicesPage {
    frame: Frame,
    invoices: Vec<Row>,
    next: Option<String>,
    asked: Filter,
    kinds: Vec<(&'static str, String)>,
    details: BillingDetails,
    may_change: bool,
    wrong: Wrong,
    /// Whether that is about who buys.
    is_details: bool,
}

struct Row {
    number: String,
    day: Day,
    what: String,
    total: String,
    is_credit_note: bool,
}

#[derive(Template)]
#[template(path = "invoice.html")]
struct InvoicePage {
    frame: Frame,
    title: &'static str,
    number: String,
    day: Day,
    corrects: Option<String>,
    paid_with: String,
    seller: Address,
    buyer: Address,
    lines: Vec<(String, u32, String)>,
    total: String,
    is_reverse_charge: bool,
    credit_notes: Vec<Row>,
    /// Where it is as PDF, when this server prints.
    pdf: Option<String>,
}

struct Address {
    name: String,
    lines: Vec<String>,
    tax_id: String,
}

/// Which documents, as it is typed.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    until: String,
    cursor: Option<String>,
}

/// Who buys, as it is typed.
#[derive(Deserialize)]
pub(super) struct Typed {
    name: String,
    street: String,
    extra: String,
    postal_code: String,
    city: String,
    region: String,
    country: String,
    tax_id: String,
    email: String,
    is_mailed: Option<String>,
}

const DETAILS: &[Field] = &[
    ("name", "Name", &["name"]),
    ("tax_id", "Tax id", &["tax_id"]),
    ("street", "Street and number", &["street"]),
    ("extra", "Further", &["extra"]),
    ("postal_code", "Postal code", &["postal_code"]),
    ("city", "City", &["city"]),
    ("region", "State", &["region"]),
    ("country", "Country", &["country"]),
    ("email", "Mail invoices to", &["email"]),
];

/// So many documents are on one page.
const INVOICES: u32 = 25;

pub(super) async fn list(State(site): State<Site>, place: Place, Asked(filter): Asked<Filter>) -> Response {
    page(&site, &place, filter, None).await
}

/// One document, on the screen or on paper.
pub(super) async fn show(
    State(site): State<Site>,
    place: Place,
    Named(names): Named<HashMap<String, String>>,
) -> Response {
    let number = names.get("number").map_or("", String::as_str);
    match find_invoice(&site, &place.caller, place.wallet, number).await {
        Ok(found) => html(&InvoicePage::of(&place, found, site.services.outside.printer.is_some())),
        Err(problem) => sorry(&problem),
    }
}

pub(super) async fn set_details(
    State(site): State<Site>,
    visit: Visit,
    place: Place,
    Form(typed): Form<Typed>,
) -> Response {
    let Typed { name, street, extra, postal_code, city, region, country, tax_id, email, is_mailed } = typed;
    let buyer = Party { name, street, extra, postal_code, city, region, country, tax_id };
    let email = Some(email).filter(|email| !email.trim().is_empty());
    let details = BillingDetails { buyer, email, is_mailed: is_mailed.is_some() };
    let who = &place.caller.who;
    match invoice::set_details(&site.services, &visit.context, who, place.wallet, details.clone()).await {
        Ok(_) => go(&format!("{}/invoices", place.base())),
        Err(error) => page(&site, &place, Filter::default(), Some((error.into(), details))).await,
    }
}

async fn page(site: &Site, place: &Place, asked: Filter, wrong: Option<(Problem, BillingDetails)>) -> Response {
    match invoices_page(site, place, asked, wrong).await {
        Ok((page, status)) => shown(Ok(page), status),
        Err(problem) => sorry(&problem),
    }
}

async fn invoices_page(
    site: &Site,
    place: &Place,
    asked: Filter,
    refused: Option<(Problem, BillingDetails)>,
) -> Result<(InvoicesPage, Option<StatusCode>), Problem> {
    let before: Option<InvoiceId> = wire::cursor(asked.cursor.as_deref())?;
    let (filter, problem) = match asked.read() {
        Ok(filter) => (InvoiceFilter { wallet: Some(place.wallet), ..filter }, None),
        Err(problem) => (InvoiceFilter { wallet: Some(place.wallet), ..InvoiceFilter::default() }, Some(problem)),
    };
    let documents = invoice::list(&site.services, &place.caller.who, filter, before, INVOICES).await?;
    let last = documents.last().filter(|_| documents.len() == INVOICES as usize).map(|last| last.id.to_string());
    let query = |cursor: String| {
        let given = [("kind", &asked.kind), ("from", &asked.from), ("until", &asked.until), ("cursor", &cursor)];
        serde_urlencoded::to_string(given).unwrap_or_default()
    };
    let is_details = refused.is_some();
    let (problem, kept) = refused.map_or((problem, None), |(refused, kept)| (Some(refused), Some(kept)));
    let details = match kept {
        Some(kept) => kept,
        None => invoice::load_details(&site.services, &place.caller.who, place.wallet).await?,
    };
    let page = InvoicesPage {
        frame: place.frame("/invoices"),
        next: last.map(|last| format!("{}/invoices?{}", place.base(), query(last))),
        invoices: documents.iter().map(Row::of).collect(),
        kinds: InvoiceKind::ALL.map(|kind| (kind.name(), words(kind))).into(),
        asked,
        details,
        may_change: place.may(Action::ManageBilling),
        wrong: Wrong::maybe(problem.as_ref(), if is_details { DETAILS } else { typed::DAYS }),
        is_details,
    };
    Ok((page, problem.map(|problem| problem.status())))
}

impl Filter {
    fn read(&self) -> Result<InvoiceFilter, Problem> {
        Ok(InvoiceFilter {
            wallet: None,
            series: None,
            kind: InvoiceKind::from_name(&self.kind),
            from: typed::day("from", &self.from)?.map(Day::start),
            until: typed::day("until", &self.until)?.map(|day| day.next().start()),
        })
    }
}

fn words(kind: InvoiceKind) -> String {
    kind.name().replace('_', " ")
}

impl Row {
    fn of(document: &Document) -> Self {
        Self {
            number: document.number.to_string(),
            day: document.issued_at.day(),
            what: words(document.content.kind),
            total: dollars(document.content.total),
            is_credit_note: document.series() == Series::CreditNote,
        }
    }
}

impl InvoicePage {
    fn of(place: &Place, shown: invoice::Shown, prints: bool) -> Self {
        let invoice::Shown { document, credit_notes } = shown;
        let content = document.content.clone();
        Self {
            frame: place.frame("/invoices"),
            title: if document.series() == Series::CreditNote { "Credit note" } else { "Invoice" },
            number: document.number.to_string(),
            day: document.issued_at.day(),
            corrects: document.corrects.map(|number| number.to_string()),
            paid_with: document.paid_with,
            is_reverse_charge: content.treatment == Treatment::ReverseCharge,
            seller: content.seller.into(),
            buyer: content.buyer.into(),
            lines: content.lines.into_iter().map(|line| (line.text, line.quantity, dollars(line.amount))).collect(),
            total: dollars(content.total),
            credit_notes: credit_notes.iter().map(Row::of).collect(),
            pdf: prints.then(|| format!("/api/v1/wallets/{}/invoices/{}.pdf", place.wallet, document.number)),
        }
    }
}

impl From<Party> for Address {
    fn from(party: Party) -> Self {
        Self { lines: party.address(), name: party.name, tax_id: party.tax_id }
    }
}
