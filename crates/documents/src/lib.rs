//! Invoices and credit notes as PDF, with their data as Factur-X XML inside.
//!
//! A [`Press`] has a template, the built-in one or an operator's file, and prints documents with it: always the same
//! bytes for the same document, with no clock, network or fonts of the machine. What the template is given stands in
//! `data.rs` and in the head of the template itself. Where seller and buyer are known well enough, the PDF carries the
//! same invoice as XML for the reader's bookkeeping, and is PDF/A-3; otherwise it is PDF/A-2.
//!
//! Printing takes tens of milliseconds of work and never waits: callers put it where that harms nobody.

mod press;
pub use press::{BUILT_IN, Press, PrintError};

mod sample;
pub use sample::sample;

mod country;

mod data;

mod desk;

mod facturx;
pub use facturx::facturx;

mod xmp;
