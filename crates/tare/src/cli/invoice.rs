//! `tare invoice`: what was issued, and who buys.

use std::path::PathBuf;

use billing::invoice::Number;
use clap::{Args, Subcommand, ValueEnum};
use units::Day;

use super::DatabaseArgs;
use crate::printer::PrinterArgs;

/// `tare invoice`.
#[derive(Subcommand)]
pub enum Invoice {
    /// List invoices and credit notes, the newest first.
    #[command(after_help = "Examples:
  tare invoice list
  tare invoice list --wallet ana@example.com --from 2026-10-01 --until 2026-11-01
  tare invoice list --only credit-notes")]
    List(ListInvoices),
    /// One invoice or credit note as PDF, with its data as XML inside where seller and buyer are known well enough.
    #[command(after_help = "Examples:
  tare invoice pdf 2026-000001
  tare invoice pdf 2026-C000001 --out credit-note.pdf --invoice-template mine.typ")]
    Pdf {
        /// Its number.
        number: Number,
        /// Where to write; its number with .pdf when absent.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// How it is printed.
        #[command(flatten)]
        printer: PrinterArgs,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Print the built-in template, to make one's own from it; or try one's own on sample documents.
    #[command(after_help = "Examples:
  tare invoice template > mine.typ
  tare invoice template --try samples/ --invoice-template mine.typ")]
    Template {
        /// Print sample documents into this folder: an invoice with tax, one with reverse charge, one on Letter, and a
        /// credit note.
        #[arg(long = "try", value_name = "FOLDER")]
        trial: Option<PathBuf>,
        /// With which template.
        #[command(flatten)]
        printer: PrinterArgs,
    },
    /// One invoice or credit note: who, whom, what for, how much.
    #[command(after_help = "Examples:
  tare invoice show 2026-000001
  tare invoice show 2026-C000001 --json")]
    Show {
        /// Its number.
        number: Number,
        /// Print the document as JSON.
        #[arg(long)]
        json: bool,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
}

/// `tare invoice list`.
#[derive(Args)]
pub struct ListInvoices {
    /// Only of this wallet: mail address or name of a person, id or name of an organization, or a wallet.
    #[arg(long, value_name = "NAME|WALLET")]
    pub wallet: Option<String>,
    /// Only one kind of document.
    #[arg(long, value_enum)]
    pub only: Option<DocumentKind>,
    /// Issued on this day or later, in UTC.
    #[arg(long, value_name = "DAY")]
    pub from: Option<Day>,
    /// Issued before this day.
    #[arg(long, value_name = "DAY")]
    pub until: Option<Day>,
    /// Where the books are.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// What `--only` takes.
#[derive(Clone, Copy, ValueEnum)]
pub enum DocumentKind {
    /// Invoices.
    Invoices,
    /// Credit notes.
    CreditNotes,
}
