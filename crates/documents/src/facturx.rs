//! The document as XML for other programs: Factur-X in its profile EN 16931, which is UN/CEFACT's Cross Industry Invoice.
//!
//! The names are the standard's. What the standard wants and we do not know is a reason to write none: an invoice in
//! XML that a reader's program refuses is worse than one that is typed in.

use std::io::{self, Write};

use billing::catalog::Percent;
use billing::invoice::{Document, Line, LineKind, Party, Series, Treatment};
use quick_xml::Writer;
use quick_xml::events::BytesText;
use units::{Cents, Day};

const PROFILE: &str = "urn:cen.eu:en16931:2017";
const NAMESPACES: [(&str, &str); 4] = [
    ("xmlns:rsm", "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"),
    ("xmlns:ram", "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"),
    ("xmlns:udt", "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"),
    ("xmlns:qdt", "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"),
];

/// The document as XML, when seller and buyer are known well enough: both by name and country, and the seller by a
/// tax id of their country's form.
///
/// # Errors
/// When the XML cannot be written.
pub fn facturx(document: &Document) -> io::Result<Option<Vec<u8>>> {
    let (seller, buyer) = (&document.content.seller, &document.content.buyer);
    let is_known = |party: &Party| !party.name.is_empty() && !party.country.is_empty();
    if !is_known(seller) || !is_known(buyer) || !seller.has_valid_tax_id() {
        return Ok(None);
    }
    let mut xml = Xml(Writer::new_with_indent(Vec::new(), b' ', 1));
    xml.0.get_mut().write_all(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")?;
    let root = xml.0.create_element("rsm:CrossIndustryInvoice").with_attributes(NAMESPACES);
    root.write_inner_content(|writer| invoice(&mut Part(writer), document))?;
    Ok(Some(xml.0.into_inner()))
}

struct Xml(Writer<Vec<u8>>);

/// What is being written now.
struct Part<'w>(&'w mut Writer<Vec<u8>>);

impl Part<'_> {
    fn group(&mut self, name: &str, write: impl FnOnce(&mut Part<'_>) -> io::Result<()>) -> io::Result<()> {
        self.0.create_element(name).write_inner_content(|writer| write(&mut Part(writer))).map(drop)
    }

    fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        self.0.create_element(name).write_text_content(BytesText::new(text)).map(drop)
    }

    /// Nothing, when the text is empty.
    fn some(&mut self, name: &str, text: &str) -> io::Result<()> {
        if text.is_empty() { Ok(()) } else { self.text(name, text) }
    }

    fn with(&mut self, name: &str, attribute: (&str, &str), text: &str) -> io::Result<()> {
        self.0.create_element(name).with_attribute(attribute).write_text_content(BytesText::new(text)).map(drop)
    }

    fn money(&mut self, name: &str, amount: Cents) -> io::Result<()> {
        self.text(name, &amount.to_string())
    }

    fn day(&mut self, name: &str, day: Day) -> io::Result<()> {
        let day = day.to_string().replace('-', "");
        self.group(name, |part| part.with("udt:DateTimeString", ("format", "102"), &day))
    }
}

fn invoice(xml: &mut Part<'_>, document: &Document) -> io::Result<()> {
    xml.group("rsm:ExchangedDocumentContext", |xml| {
        xml.group("ram:GuidelineSpecifiedDocumentContextParameter", |xml| xml.text("ram:ID", PROFILE))
    })?;
    xml.group("rsm:ExchangedDocument", |xml| {
        xml.text("ram:ID", &document.number.to_string())?;
        let code = match document.series() {
            Series::Invoice => "380",
            Series::CreditNote => "381",
        };
        xml.text("ram:TypeCode", code)?;
        xml.day("ram:IssueDateTime", document.issued_at.day())
    })?;
    xml.group("rsm:SupplyChainTradeTransaction", |xml| {
        let lines = document.content.lines.iter().filter(|line| line.kind != LineKind::Tax);
        for (line, at) in lines.zip(1..) {
            xml.group("ram:IncludedSupplyChainTradeLineItem", |xml| item(xml, document, line, at))?;
        }
        agreement(xml, document)?;
        xml.group("ram:ApplicableHeaderTradeDelivery", |xml| {
            xml.group("ram:ActualDeliverySupplyChainEvent", |xml| {
                xml.day("ram:OccurrenceDateTime", document.issued_at.day())
            })
        })?;
        xml.group("ram:ApplicableHeaderTradeSettlement", |xml| settlement(xml, document))
    })
}

fn item(xml: &mut Part<'_>, document: &Document, line: &Line, at: u32) -> io::Result<()> {
    xml.group("ram:AssociatedDocumentLineDocument", |xml| xml.text("ram:LineID", &at.to_string()))?;
    xml.group("ram:SpecifiedTradeProduct", |xml| xml.text("ram:Name", &line.text))?;
    // A price is exact to the cent, or the line is one piece of its whole amount.
    let (price, quantity) = match line.amount.count() % i64::from(line.quantity.max(1)) {
        0 => (line.amount.count() / i64::from(line.quantity.max(1)), line.quantity.max(1)),
        _ => (line.amount.count(), 1),
    };
    xml.group("ram:SpecifiedLineTradeAgreement", |xml| {
        xml.group("ram:NetPriceProductTradePrice", |xml| xml.money("ram:ChargeAmount", Cents::from_count(price)))
    })?;
    xml.group("ram:SpecifiedLineTradeDelivery", |xml| {
        // C62: pieces.
        xml.with("ram:BilledQuantity", ("unitCode", "C62"), &quantity.to_string())
    })?;
    xml.group("ram:SpecifiedLineTradeSettlement", |xml| {
        xml.group("ram:ApplicableTradeTax", |xml| {
            xml.text("ram:TypeCode", "VAT")?;
            category(xml, document)
        })?;
        xml.group("ram:SpecifiedTradeSettlementLineMonetarySummation", |xml| {
            xml.money("ram:LineTotalAmount", line.amount)
        })
    })
}

/// The category of the tax and its rate.
fn category(xml: &mut Part<'_>, document: &Document) -> io::Result<()> {
    match document.content.treatment {
        Treatment::Taxed { rate } => rated(xml, "S", rate),
        Treatment::ReverseCharge => rated(xml, "AE", Percent::default()),
        // Outside the scope of the tax, so no rate either.
        Treatment::Untaxed => xml.text("ram:CategoryCode", "O"),
    }
}

fn rated(xml: &mut Part<'_>, code: &str, rate: Percent) -> io::Result<()> {
    xml.text("ram:CategoryCode", code)?;
    xml.text("ram:RateApplicablePercent", &rate.to_string())
}

fn agreement(xml: &mut Part<'_>, document: &Document) -> io::Result<()> {
    let content = &document.content;
    // What is outside the scope of the tax names nobody's tax id as one.
    let is_in_scope = content.treatment != Treatment::Untaxed;
    xml.group("ram:ApplicableHeaderTradeAgreement", |xml| {
        xml.group("ram:SellerTradeParty", |xml| party(xml, &content.seller, is_in_scope, !is_in_scope))?;
        let names_buyer = is_in_scope && content.buyer.has_valid_tax_id();
        xml.group("ram:BuyerTradeParty", |xml| party(xml, &content.buyer, names_buyer, false))
    })
}

fn party(xml: &mut Part<'_>, party: &Party, by_tax_id: bool, by_id: bool) -> io::Result<()> {
    if by_id {
        xml.text("ram:ID", &party.tax_id)?;
    }
    xml.text("ram:Name", &party.name)?;
    xml.group("ram:PostalTradeAddress", |xml| {
        xml.some("ram:PostcodeCode", &party.postal_code)?;
        xml.some("ram:LineOne", &party.street)?;
        xml.some("ram:LineTwo", &party.extra)?;
        xml.some("ram:CityName", &party.city)?;
        xml.text("ram:CountryID", &party.country)?;
        xml.some("ram:CountrySubDivisionName", &party.region)
    })?;
    if by_tax_id {
        xml.group("ram:SpecifiedTaxRegistration", |xml| xml.with("ram:ID", ("schemeID", "VA"), &party.tax_id))?;
    }
    Ok(())
}

fn settlement(xml: &mut Part<'_>, document: &Document) -> io::Result<()> {
    let content = &document.content;
    xml.text("ram:PaymentReference", &document.payment.to_string())?;
    xml.text("ram:InvoiceCurrencyCode", "USD")?;
    xml.group("ram:SpecifiedTradeSettlementPaymentMeans", |xml| {
        // 48: a bank card.
        xml.text("ram:TypeCode", "48")?;
        xml.text("ram:Information", &document.paid_with)
    })?;
    xml.group("ram:ApplicableTradeTax", |xml| {
        xml.money("ram:CalculatedAmount", content.tax())?;
        xml.text("ram:TypeCode", "VAT")?;
        let (reason, code) = match content.treatment {
            Treatment::Taxed { .. } => ("", ""),
            Treatment::ReverseCharge => ("Reverse charge", "VATEX-EU-AE"),
            Treatment::Untaxed => ("Not subject to tax", "VATEX-EU-O"),
        };
        xml.some("ram:ExemptionReason", reason)?;
        xml.money("ram:BasisAmount", content.net())?;
        let rate = match content.treatment {
            Treatment::Taxed { rate } => ("S", Some(rate)),
            Treatment::ReverseCharge => ("AE", Some(Percent::default())),
            Treatment::Untaxed => ("O", None),
        };
        xml.text("ram:CategoryCode", rate.0)?;
        xml.some("ram:ExemptionReasonCode", code)?;
        match rate.1 {
            Some(rate) => xml.text("ram:RateApplicablePercent", &rate.to_string()),
            None => Ok(()),
        }
    })?;
    let terms = match document.series() {
        Series::Invoice => "Paid",
        Series::CreditNote => "Paid back",
    };
    xml.group("ram:SpecifiedTradePaymentTerms", |xml| xml.text("ram:Description", terms))?;
    xml.group("ram:SpecifiedTradeSettlementHeaderMonetarySummation", |xml| {
        xml.money("ram:LineTotalAmount", content.net())?;
        xml.money("ram:TaxBasisTotalAmount", content.net())?;
        xml.with("ram:TaxTotalAmount", ("currencyID", "USD"), &content.tax().to_string())?;
        xml.money("ram:GrandTotalAmount", content.total)?;
        xml.money("ram:TotalPrepaidAmount", content.total)?;
        xml.money("ram:DuePayableAmount", Cents::ZERO)
    })?;
    match document.corrects {
        Some(number) => {
            xml.group("ram:InvoiceReferencedDocument", |xml| xml.text("ram:IssuerAssignedID", &number.to_string()))
        }
        None => Ok(()),
    }
}
