//! All that a template can see: itself, the data of one document, files of its own folder, and the built-in fonts.

use std::path::Path;
use std::sync::{Arc, LazyLock};

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use units::Instant;

/// The world of one printing.
pub(crate) struct Desk {
    /// The template.
    pub source: Source,
    /// What errors call it.
    pub name: String,
    /// The document, as JSON.
    pub data: Bytes,
    /// The document, as XML for other programs.
    pub xml: Option<Bytes>,
    /// Where the template lies.
    pub folder: Option<Arc<Path>>,
    /// The day on which the document was issued: a document has no other today.
    pub today: Option<Datetime>,
}

/// The template's own place.
pub(crate) static TEMPLATE: LazyLock<FileId> = LazyLock::new(|| place("/invoice.typ"));
static DATA: LazyLock<FileId> = LazyLock::new(|| place("/invoice.json"));
static XML: LazyLock<FileId> = LazyLock::new(|| place("/factur-x.xml"));

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(<Library as LibraryExt>::default()));
/// Fonts whose licences allow embedding: Libertinus, New Computer Modern and DejaVu.
static FONTS: LazyLock<Vec<Font>> =
    LazyLock::new(|| typst_assets::fonts().flat_map(|font| Font::iter(Bytes::new(font))).collect());
static BOOK: LazyLock<LazyHash<FontBook>> = LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));

fn place(path: &str) -> FileId {
    FileId::new(RootedPath::new(VirtualRoot::Project, VirtualPath::new(path).expect("a path without a way out")))
}

impl Desk {
    /// A file beside the template. Its path cannot lead out of the folder.
    fn read(&self, id: FileId) -> FileResult<Vec<u8>> {
        let path = id.vpath().get_without_slash();
        let missing = || FileError::NotFound(path.into());
        let is_beside = matches!(id.root(), VirtualRoot::Project);
        let folder = self.folder.as_ref().filter(|_| is_beside).ok_or_else(missing)?;
        let file = folder.join(path);
        std::fs::read(&file).map_err(|error| FileError::from_io(error, &file))
    }
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        *TEMPLATE
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == *TEMPLATE {
            return Ok(self.source.clone());
        }
        let text = String::from_utf8(self.read(id)?).map_err(|_| FileError::InvalidUtf8)?;
        Ok(Source::new(id, text))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        match &self.xml {
            _ if id == *DATA => Ok(self.data.clone()),
            Some(xml) if id == *XML => Ok(xml.clone()),
            _ => self.read(id).map(Bytes::new),
        }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        self.today
    }
}

/// What is wrong, a line each: file, line, column, and what would help.
pub(crate) fn explain(desk: &Desk, errors: &[SourceDiagnostic]) -> String {
    let mut lines = Vec::new();
    for error in errors {
        let file = error.span.id();
        let name = match file {
            Some(id) if id != *TEMPLATE => id.vpath().get_without_slash().to_owned(),
            _ => desk.name.clone(),
        };
        let at = desk.range(error.span).zip(file).and_then(|(range, id)| {
            let source = desk.source(id).ok()?;
            source.lines().byte_to_line_column(range.start)
        });
        let place =
            at.map_or(name.clone(), |(line, column)| format!("{name}, line {}, column {}", line + 1, column + 1));
        lines.push(format!("{place}: {}", error.message));
        lines.extend(error.hints.iter().map(|hint| format!("  {}", hint.v)));
    }
    lines.join("\n")
}

/// A moment, as templates know it.
pub(crate) fn moment(at: Instant) -> Option<Datetime> {
    // 2026-11-26T02:28:34.5Z
    let text = at.to_string();
    let part = |from: usize, to: usize| text.get(from..to)?.parse::<u8>().ok();
    Datetime::from_ymd_hms(
        text.get(..4)?.parse().ok()?,
        part(5, 7)?,
        part(8, 10)?,
        part(11, 13)?,
        part(14, 16)?,
        part(17, 19)?,
    )
}
