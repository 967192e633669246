//! Invoices and credit notes of a wallet, and who buys.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use billing::invoice::{BillingDetails, Document, InvoiceKind, Line, Number, Party, Series, Treatment};
use http::{HeaderValue, header};
use operations::invoice::{self, InvoiceFilter};
use serde::{Deserialize, Serialize};
use units::{Cents, Instant, PaymentId, RefundId, WalletId};
use utoipa::{IntoParams, ToSchema};

use crate::{
    access::Caller,
    extract::{Asked, Body, Named},
    problem::Problem,
    site::Site,
    visit::Visit,
    wire::{self, Dollars, Page, WalletName, schema},
};

/// An invoice or a credit note, as it was issued. It never changes.
#[derive(Serialize, ToSchema)]
pub(super) struct InvoiceNow {
    /// Its number; a credit note has a `C` in it.
    #[schema(value_type = schema::InvoiceNumber)]
    number: String,
    /// `invoice` or `credit_note`.
    series: &'static str,
    /// What it is for.
    #[schema(example = "credits")]
    kind: &'static str,
    /// When it was issued.
    #[schema(value_type = schema::Moment)]
    issued_at: Instant,
    /// The payment that it is about.
    #[schema(value_type = schema::PaymentId)]
    payment: PaymentId,
    /// With what it was paid.
    #[schema(example = "visa 4242")]
    paid_with: String,
    /// Of a credit note: the invoice that it corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    corrects: Option<String>,
    /// Of a credit note: the refund that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = schema::RefundId, required = false)]
    refund: Option<RefundId>,
    /// Who sells.
    seller: PartyNow,
    /// Who buys.
    buyer: PartyNow,
    /// `untaxed`, `taxed` or `reverse_charge`.
    tax: &'static str,
    /// What it is for, line by line; the tax is the last.
    lines: Vec<InvoiceLine>,
    /// Their sum.
    #[schema(value_type = Dollars)]
    total: Cents,
}

/// A line of an invoice.
#[derive(Serialize, ToSchema)]
pub(super) struct InvoiceLine {
    /// What kind of thing.
    #[schema(example = "credits")]
    kind: &'static str,
    /// In words.
    text: String,
    /// How many.
    quantity: u32,
    /// All of them together.
    #[schema(value_type = Dollars)]
    amount: Cents,
}

/// A seller or a buyer. What is not known is empty.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PartyNow {
    /// A person or a company.
    #[schema(max_length = 100)]
    name: String,
    /// Street and number.
    #[schema(max_length = 100)]
    street: String,
    /// What else helps the post.
    #[schema(max_length = 100)]
    extra: String,
    /// Such as `10115`.
    #[schema(max_length = 100)]
    postal_code: String,
    /// The city.
    #[schema(max_length = 100)]
    city: String,
    /// A state or province.
    #[schema(max_length = 100)]
    region: String,
    /// Two letters.
    #[schema(example = "DE")]
    country: String,
    /// A tax id, of the form of its country.
    tax_id: String,
}

/// Who buys, and whether invoices are mailed.
#[derive(Default, Deserialize, Serialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Details {
    /// Who buys.
    buyer: PartyNow,
    /// Where invoices are mailed to, instead of the holder's own address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    /// Whether each invoice is mailed.
    is_mailed: bool,
}

/// Which documents.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// The `next` of the page before.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
    /// How many items: 50 unless you say, at most 200.
    #[param(required = false, nullable = false, minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Only `invoice` or only `credit_note`.
    #[param(required = false, nullable = false)]
    series: Option<String>,
    /// Only those for this: `credits`, `auto_top_up`, `pass` or `seats`.
    #[param(required = false, nullable = false)]
    kind: Option<String>,
    /// Issued not before.
    #[param(value_type = schema::Moment, required = false, nullable = false)]
    from: Option<Instant>,
    /// Issued before.
    #[param(value_type = schema::Moment, required = false, nullable = false)]
    until: Option<Instant>,
}

/// List invoices
///
/// Invoices and credit notes, the newest first.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/invoices", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet."), Which),
    responses((status = 200, description = "A page of documents.", body = Page<InvoiceNow>)))]
pub(super) async fn list(
    State(site): State<Site>,
    caller: Caller,
    Named(wallet): Named<String>,
    Asked(which): Asked<Which>,
) -> Result<Json<Page<InvoiceNow>>, Problem> {
    let wallet = caller.wallet_at(&wallet)?;
    let limit = wire::page_size(which.limit)?;
    let before = wire::cursor(which.cursor.as_deref())?;
    let wrong = |field: &str, right: &str| Problem::Field { field: field.to_owned(), reason: right.to_owned() };
    let series = which
        .series
        .as_deref()
        .map(|name| Series::from_name(name).ok_or_else(|| wrong("series", "invoice or credit_note")));
    let kind = which
        .kind
        .as_deref()
        .map(|name| InvoiceKind::from_name(name).ok_or_else(|| wrong("kind", "credits, auto_top_up, pass or seats")));
    let (wallet, series, kind) = (Some(wallet), series.transpose()?, kind.transpose()?);
    let filter = InvoiceFilter { wallet, series, kind, from: which.from, until: which.until };
    // One more than is asked for would be one too many at the limit of a page.
    let rows = invoice::list(&site.services, &caller.who, filter, before, limit).await?;
    let next = rows.last().filter(|_| rows.len() == limit as usize).map(|last| last.id.to_string());
    Ok(Json(Page { items: rows.into_iter().map(InvoiceNow::from).collect(), next }))
}

/// Show an invoice
///
/// By its number.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/invoices/{number}", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet."),
        ("number" = schema::InvoiceNumber, Path, description = "The number.")),
    responses((status = 200, description = "The document.", body = InvoiceNow)))]
pub(super) async fn show(
    State(site): State<Site>,
    caller: Caller,
    Named((wallet, number)): Named<(String, String)>,
) -> Result<Response, Problem> {
    if let Some(number) = number.strip_suffix(PDF) {
        return pdf(State(site), caller, Named((wallet, number.to_owned()))).await;
    }
    let wallet = caller.wallet_at(&wallet)?;
    let now: InvoiceNow = find(&site, &caller, wallet, &number).await?.document.into();
    Ok(Json(now).into_response())
}

/// Show an invoice as PDF
///
/// As it is printed and mailed: PDF/A, with its data as Factur-X inside where seller and buyer are known well enough.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/invoices/{number}.pdf", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet."),
        ("number" = schema::InvoiceNumber, Path, description = "The number.")),
    responses((status = 200, description = "The document.", body = Vec<u8>, content_type = "application/pdf")))]
pub(super) async fn pdf(
    State(site): State<Site>,
    caller: Caller,
    Named((wallet, number)): Named<(String, String)>,
) -> Result<Response, Problem> {
    let wallet = caller.wallet_at(&wallet)?;
    let number = find(&site, &caller, wallet, &number).await?.document.number;
    let printed = invoice::pdf(&site.services, &caller.who, number).await?;
    let name = format!("attachment; filename=\"{number}{PDF}\"");
    let name = HeaderValue::try_from(name).map_err(|_| Problem::Internal)?;
    let headers =
        [(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, printed).into_response())
}

/// What stands behind the number of a document that is wished as PDF.
const PDF: &str = ".pdf";

/// Show billing details
///
/// Who buys, as invoices name them.
#[utoipa::path(get, path = "/api/v1/wallets/{wallet}/billing-details", tag = "buying",
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "The details.", body = Details)))]
pub(super) async fn details(
    State(site): State<Site>,
    caller: Caller,
    Named(wallet): Named<String>,
) -> Result<Json<Details>, Problem> {
    let wallet = caller.wallet_at(&wallet)?;
    Ok(Json(invoice::load_details(&site.services, &caller.who, wallet).await?.into()))
}

/// Set billing details
///
/// As a whole. They count for what is bought from now on.
#[utoipa::path(put, path = "/api/v1/wallets/{wallet}/billing-details", tag = "buying", request_body = Details,
    params(("wallet" = WalletName, Path, description = "The wallet.")),
    responses((status = 200, description = "The details as they are kept.", body = Details)))]
pub(super) async fn set_details(
    State(site): State<Site>,
    visit: Visit,
    caller: Caller,
    Named(wallet): Named<String>,
    Body(details): Body<Details>,
) -> Result<Json<Details>, Problem> {
    let wallet = caller.wallet_at(&wallet)?;
    let kept = invoice::set_details(&site.services, &visit.context, &caller.who, wallet, details.into()).await?;
    Ok(Json(kept.into()))
}

/// The document of this wallet with this number. One of another wallet is not there.
pub(crate) async fn find(
    site: &Site,
    caller: &Caller,
    wallet: WalletId,
    number: &str,
) -> Result<invoice::Shown, Problem> {
    // What may not be seen here is told first, whether the number is one or not.
    caller.may_read(site, &wallet.to_string(), billing::role::Action::SeeBilling).await?;
    let number: Number = wire::id("invoice", number)?;
    let absent = || Problem::NotFound { what: "invoice", name: number.to_string() };
    match invoice::show(&site.services, &caller.who, number).await {
        Ok(shown) if shown.document.wallet == wallet => Ok(shown),
        Ok(_) | Err(operations::Error::NotFound { .. } | operations::Error::Forbidden { .. }) => Err(absent()),
        Err(error) => Err(error.into()),
    }
}

impl From<Document> for InvoiceNow {
    fn from(document: Document) -> Self {
        let Document { number, issued_at, payment, paid_with, corrects, refund, content, .. } = document;
        Self {
            number: number.to_string(),
            series: number.series.name(),
            kind: content.kind.name(),
            issued_at,
            payment,
            paid_with,
            corrects: corrects.map(|number| number.to_string()),
            refund,
            seller: content.seller.into(),
            buyer: content.buyer.into(),
            tax: match content.treatment {
                Treatment::Untaxed => "untaxed",
                Treatment::Taxed { .. } => "taxed",
                Treatment::ReverseCharge => "reverse_charge",
            },
            lines: content.lines.into_iter().map(InvoiceLine::from).collect(),
            total: content.total,
        }
    }
}

impl From<Line> for InvoiceLine {
    fn from(line: Line) -> Self {
        Self { kind: line.kind.name(), text: line.text, quantity: line.quantity, amount: line.amount }
    }
}

impl From<Party> for PartyNow {
    fn from(party: Party) -> Self {
        let Party { name, street, extra, postal_code, city, region, country, tax_id } = party;
        Self { name, street, extra, postal_code, city, region, country, tax_id }
    }
}

impl From<PartyNow> for Party {
    fn from(party: PartyNow) -> Self {
        let PartyNow { name, street, extra, postal_code, city, region, country, tax_id } = party;
        Self { name, street, extra, postal_code, city, region, country, tax_id }
    }
}

impl From<BillingDetails> for Details {
    fn from(details: BillingDetails) -> Self {
        Self { buyer: details.buyer.into(), email: details.email, is_mailed: details.is_mailed }
    }
}

impl From<Details> for BillingDetails {
    fn from(details: Details) -> Self {
        Self { buyer: details.buyer.into(), email: details.email, is_mailed: details.is_mailed }
    }
}
