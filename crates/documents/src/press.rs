//! A template, and printing with it.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use billing::invoice::Document;
use thiserror::Error;
use typst::foundations::{Bytes, Smart};
use typst::syntax::Source;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards, Timestamp};

use crate::desk::{Desk, TEMPLATE, explain, moment};
use crate::{data, facturx, sample, xmp};

/// The template that Tare comes with.
pub const BUILT_IN: &str = include_str!("../templates/invoice.typ");
const BUILT_IN_NAME: &str = "invoice.typ";

/// Follows the template: it need not know of the attachment.
const ATTACH: &str = "\n#pdf.attach(\"/factur-x.xml\", relationship: \"alternative\", mime-type: \"text/xml\", \
                      description: \"Factur-X\")\n";

/// After how many further documents what was laid out for one is forgotten.
const REMEMBERED: usize = 8;

/// Prints documents with one template. Cheap to clone.
#[derive(Clone)]
pub struct Press {
    name: Arc<str>,
    template: Arc<str>,
    /// Where files that the template names are looked for.
    folder: Option<Arc<Path>>,
}

/// Why there is no PDF.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PrintError {
    /// The template cannot be read.
    #[error("cannot read the invoice template {file}: {reason}")]
    Unreadable {
        /// Which file.
        file: String,
        /// Why.
        reason: String,
    },
    /// The template is wrong: each line says where and what.
    #[error("the invoice template is wrong:\n{0}")]
    Template(String),
    /// The document's data cannot be written.
    #[error("the invoice cannot be written: {0}")]
    Data(String),
}

impl Press {
    /// With the built-in template.
    pub fn built_in() -> Self {
        Self { name: BUILT_IN_NAME.into(), template: BUILT_IN.into(), folder: None }
    }

    /// With an operator's template, after a trial on each kind of document. Files that it names are looked for in its
    /// folder and below.
    ///
    /// # Errors
    /// When it cannot be read, or a trial fails; the text names the line.
    pub fn open(file: &Path) -> Result<Self, PrintError> {
        let name = file.display().to_string();
        let unreadable =
            |reason: std::io::Error| PrintError::Unreadable { file: name.clone(), reason: reason.to_string() };
        let template = std::fs::read_to_string(file).map_err(unreadable)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let press = Self { name: name.as_str().into(), template: template.into(), folder: Some(folder.into()) };
        for document in sample() {
            press.print(&document)?;
        }
        Ok(press)
    }

    /// The document as PDF.
    ///
    /// # Errors
    /// When the template does not fit it; the text names the line.
    pub fn print(&self, document: &Document) -> Result<Vec<u8>, PrintError> {
        let failed = |error: std::io::Error| PrintError::Data(error.to_string());
        let xml = facturx(document).map_err(failed)?;
        let mut text = self.template.to_string();
        if xml.is_some() {
            text.push_str(ATTACH);
        }
        let data = serde_json::to_vec(&data::of(document)).map_err(|error| PrintError::Data(error.to_string()))?;
        let desk = Desk {
            source: Source::new(*TEMPLATE, text),
            name: self.name.to_string(),
            data: Bytes::new(data),
            xml: xml.map(Bytes::new),
            folder: self.folder.clone(),
            today: moment(document.issued_at),
        };
        let printed = print(&desk, document);
        typst::comemo::evict(REMEMBERED);
        printed
    }
}

fn print(desk: &Desk, document: &Document) -> Result<Vec<u8>, PrintError> {
    let pages: PagedDocument =
        typst::compile(desk).output.map_err(|errors| PrintError::Template(explain(desk, &errors)))?;
    let options = PdfOptions {
        ident: Smart::Custom(document.id.to_string()),
        creator: Smart::Custom(Some("Tare".to_owned())),
        timestamp: desk.today.map(Timestamp::new_utc),
        standards: if desk.xml.is_some() { ARCHIVE_WITH_FILES.clone() } else { ARCHIVE.clone() },
        ..PdfOptions::default()
    };
    let pdf = typst_pdf::pdf(&pages, &options).map_err(|errors| PrintError::Template(explain(desk, &errors)))?;
    match desk.xml {
        Some(_) => xmp::declare_facturx(pdf).map_err(PrintError::Data),
        None => Ok(pdf),
    }
}

/// PDF/A-2, with text that can be searched and copied.
static ARCHIVE: LazyLock<PdfStandards> =
    LazyLock::new(|| PdfStandards::new(&[PdfStandard::A_2u]).expect("one standard agrees with itself"));
/// PDF/A-3, which may have files in it.
static ARCHIVE_WITH_FILES: LazyLock<PdfStandards> =
    LazyLock::new(|| PdfStandards::new(&[PdfStandard::A_3u]).expect("one standard agrees with itself"));
