//! The press of `documents`, as operations call it.

use std::path::PathBuf;

use billing::invoice::Document;
use clap::Args;
use documents::{Press, PrintError};
use operations::invoice::Printer;

use crate::failure::Failure;

/// With which template invoices are printed.
#[derive(Args, Clone)]
pub struct PrinterArgs {
    /// A Typst template for invoices and credit notes instead of the built-in one, which `tare invoice template` prints.
    #[arg(long, env = "TARE_INVOICE_TEMPLATE", value_name = "FILE")]
    pub invoice_template: Option<PathBuf>,
}

/// Prints with one template.
pub struct OwnPress(Press);

impl PrinterArgs {
    /// The press, after a trial of the operator's template on each kind of document.
    pub fn open(&self) -> Result<OwnPress, Failure> {
        let press = match &self.invoice_template {
            Some(file) => Press::open(file).map_err(|error: PrintError| Failure::new(error.to_string()))?,
            None => Press::built_in(),
        };
        Ok(OwnPress(press))
    }
}

impl Printer for OwnPress {
    fn print(&self, document: &Document) -> Result<Vec<u8>, String> {
        self.0.print(document).map_err(|error| error.to_string())
    }
}
