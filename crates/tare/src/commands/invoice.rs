//! `tare invoice`: what was issued.

use std::path::Path;
use std::process::ExitCode;

use billing::invoice::{Document, Number, Party, Series};
use documents::BUILT_IN;
use operations::invoice::Printer;
use store::InvoiceFilter;

use crate::cli::{self, DatabaseArgs, DocumentKind};
use crate::failure::Failure;
use crate::opened::{find_wallet, open_reader};
use crate::table::Table;

pub async fn run(command: cli::Invoice) -> Result<ExitCode, Failure> {
    match command {
        cli::Invoice::List(args) => list(args).await?,
        cli::Invoice::Show { number, json, database } => {
            let document = find(&database, number).await?;
            match json {
                true => println!("{}", serde_json::to_string_pretty(&document)?),
                false => show(&document),
            }
        }
        cli::Invoice::Pdf { number, out, printer, database } => {
            let printer = printer.open()?;
            let document = find(&database, number).await?;
            let out = out.unwrap_or_else(|| format!("{number}.pdf").into());
            write(&out, &printer.print(&document).map_err(Failure::new)?)?;
        }
        cli::Invoice::Template { trial: None, .. } => print!("{BUILT_IN}"),
        cli::Invoice::Template { trial: Some(folder), printer } => {
            let printer = printer.open()?;
            for document in documents::sample() {
                let pdf = printer.print(&document).map_err(Failure::new)?;
                write(&folder.join(format!("{}.pdf", document.number)), &pdf)?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = std::fs::write(file, bytes);
    written.map_err(|error| Failure::new(format!("cannot write {}: {error}", file.display())))?;
    println!("{}", file.display());
    Ok(())
}

/// How many are read at a time.
const PAGE: u32 = 500;

async fn list(args: cli::ListInvoices) -> Result<(), Failure> {
    let reader = open_reader(&args.database).await?;
    let wallet = match &args.wallet {
        Some(text) => Some(find_wallet(&reader, text).await?),
        None => None,
    };
    let filter = InvoiceFilter {
        wallet,
        series: args.only.map(|kind| match kind {
            DocumentKind::Invoices => Series::Invoice,
            DocumentKind::CreditNotes => Series::CreditNote,
        }),
        kind: None,
        from: args.from.map(|day| day.start()),
        until: args.until.map(|day| day.start()),
    };
    let mut table = Table::new(&["NUMBER", "ISSUED", "FOR", ">TOTAL", "BUYER"]);
    let (mut before, mut count) = (None, 0);
    loop {
        let page = reader.list_invoices(filter.clone(), before, PAGE).await?;
        for document in &page {
            table.row([
                document.number.to_string(),
                document.issued_at.day().to_string(),
                document.content.kind.name().to_owned(),
                document.content.total.to_string(),
                document.content.buyer.name.clone(),
            ]);
        }
        count += page.len();
        match page.last() {
            Some(last) if page.len() == PAGE as usize => before = Some(last.id),
            _ => break,
        }
    }
    match count {
        0 => println!("no invoices yet: each payment gets one"),
        _ => table.print(),
    }
    Ok(())
}

async fn find(database: &DatabaseArgs, number: Number) -> Result<Document, Failure> {
    let found = open_reader(database).await?.find_invoice(number).await?;
    found.ok_or_else(|| Failure::new(format!("there is no invoice {number}. tare invoice list shows which there are")))
}

fn show(document: &Document) {
    let content = &document.content;
    let what = match document.series() {
        Series::Invoice => "Invoice",
        Series::CreditNote => "Credit note",
    };
    println!("{what} {}, issued at {}", document.number, document.issued_at);
    if let Some(number) = document.corrects {
        println!("corrects {number}");
    }
    println!("seller   {}", one_line(&content.seller));
    println!("buyer    {}", one_line(&content.buyer));
    println!("wallet   {}\npayment  {} with {}\n", document.wallet, document.payment, document.paid_with);
    let mut table = Table::new(&["LINE", ">QUANTITY", ">AMOUNT"]);
    for line in &content.lines {
        table.row([line.text.clone(), line.quantity.to_string(), line.amount.to_string()]);
    }
    table.row(["total".to_owned(), String::new(), content.total.to_string()]);
    table.print();
}

fn one_line(party: &Party) -> String {
    let mut parts = vec![party.name.clone()];
    parts.extend(party.address());
    if !party.tax_id.is_empty() {
        parts.push(format!("tax id {}", party.tax_id));
    }
    parts.join(", ")
}
