//! What stands in the printed PDF, read by programs that other people wrote: poppler, and the checker of Factur-X.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use billing::invoice::{Document, Party, Series, Treatment};
use documents::{Press, PrintError, facturx, sample};
use tempfile::TempDir;
use units::Cents;

/// Runs a program on a file, and answers what it says.
fn run(program: &str, arguments: &[&str], file: &Path) -> String {
    let said = Command::new(program).args(arguments).arg(file).arg("-").stdin(Stdio::null()).output();
    text(said.unwrap_or_else(|error| panic!("{program}: {error}; `tools/setup documents` brings it")))
}

fn text(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn info(file: &Path) -> String {
    let said = Command::new("pdfinfo").arg(file).output().expect("`tools/setup documents` brings pdfinfo");
    text(said)
}

struct Printed {
    folder: TempDir,
}

impl Printed {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, document: &Document) -> PathBuf {
        let file = self.folder.path().join(format!("{}.pdf", document.number));
        std::fs::write(&file, Press::built_in().print(document).unwrap()).unwrap();
        file
    }

    /// The words of the PDF, as a reader selects them, with single blanks between.
    fn words(&self, document: &Document) -> String {
        let text = run("pdftotext", &["-layout"], &self.file(document));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

/// Dollars as they are printed.
fn money(amount: Cents) -> String {
    let text = amount.to_string();
    let (dollars, cents) = text.split_once('.').unwrap();
    let grouped: Vec<String> =
        dollars.as_bytes().rchunks(3).rev().map(|part| String::from_utf8(part.to_vec()).unwrap()).collect();
    format!("${}.{cents}", grouped.join(","))
}

#[test]
fn every_amount_and_name_can_be_selected() {
    let printed = Printed::new();
    for document in sample() {
        let words = printed.words(&document);
        let content = &document.content;
        let mut wanted = vec![document.number.to_string(), document.issued_at.day().to_string(), money(content.total)];
        wanted.extend(content.lines.iter().flat_map(|line| [line.text.clone(), money(line.amount)]));
        wanted.extend([content.seller.name.clone(), content.buyer.name.clone(), "Visa ending in 4242".to_owned()]);
        if content.treatment != Treatment::Untaxed {
            wanted.push(money(content.net()));
        }
        let country = match content.buyer.country.as_str() {
            "DE" => "Germany",
            "FR" => "France",
            _ => "United States",
        };
        wanted.extend(content.buyer.address().into_iter().filter(|line| *line != content.buyer.country));
        wanted.push(country.to_owned());
        wanted.extend(document.corrects.map(|number| number.to_string()));
        for part in wanted {
            assert!(words.contains(&part), "{}: `{part}` is not in:\n{words}", document.number);
        }
        assert_eq!(words.contains("Reverse charge"), content.treatment == Treatment::ReverseCharge, "{words}");
        assert_eq!(words.contains("Credit note"), document.series() == Series::CreditNote, "{words}");
        assert!(words.contains("Page 1 of 1"), "{words}");
    }
}

#[test]
fn many_lines_go_on_to_the_next_page() {
    let mut document = sample().remove(0);
    let line = document.content.lines[0].clone();
    document.content.lines.splice(0..0, std::iter::repeat_n(line, 80));
    assert!(Printed::new().words(&document).contains("Page 3 of 3"));
}

#[test]
fn paper_is_letter_where_that_is_used_and_the_pdf_is_for_archives() {
    let printed = Printed::new();
    for document in sample() {
        let file = printed.file(&document);
        let said = info(&file);
        let paper = if document.content.buyer.country == "US" { "612 x 792 pts (letter)" } else { "(A4)" };
        assert!(said.contains(paper), "{said}");
        let title = format!("{}", document.number);
        assert!(said.lines().any(|line| line.starts_with("Title:") && line.contains(&title)), "{said}");
        let metadata = Command::new("pdfinfo").arg("-meta").arg(&file).output().unwrap();
        let metadata = text(metadata);
        let part = if facturx(&document).unwrap().is_some() { 3 } else { 2 };
        assert!(metadata.contains(&format!("<pdfaid:part>{part}</pdfaid:part>")), "{metadata}");
        assert_eq!(metadata.contains("<fx:ConformanceLevel>EN 16931<"), part == 3, "{metadata}");
        let schemas = metadata.split("<pdfaExtension:schemas>").skip(1).collect::<Vec<_>>();
        assert_eq!((schemas.len(), schemas[0].contains("<pdfaSchema:prefix>fx<")), (1, part == 3), "{metadata}");
        assert!(!metadata.contains("Error"), "{metadata}");
    }
}

#[test]
fn the_same_document_is_the_same_bytes() {
    let documents = sample();
    let first: Vec<_> = documents.iter().map(|document| Press::built_in().print(document).unwrap()).collect();
    let again: Vec<_> = documents.iter().rev().map(|document| Press::built_in().print(document).unwrap()).collect();
    assert!(first.iter().eq(again.iter().rev()));
}

/// What people type is text: neither markup of the template nor of XML.
#[test]
fn what_people_type_stays_text() {
    let mut document = sample().remove(0);
    let name = "#panic(\"x\") $x$ <b>&amp; *bold* `raw` // \\ @ref";
    document.content.buyer.name = name.to_owned();
    let words = Printed::new().words(&document);
    for part in ["#panic(", "$x$", "<b>&amp;", "*bold*", "`raw`", "@ref"] {
        assert!(words.contains(part), "{part} is not in {words}");
    }
    let xml = String::from_utf8(facturx(&document).unwrap().unwrap()).unwrap();
    assert!(xml.contains("&lt;b&gt;&amp;amp;"), "{xml}");
}

fn template(text: &str) -> (TempDir, Result<Press, PrintError>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("own.typ");
    std::fs::write(&file, text).unwrap();
    let press = Press::open(&file);
    (folder, press)
}

#[test]
fn an_operators_template_is_tried_when_it_is_opened() {
    let head = "#let invoice = json(\"/invoice.json\")\n#set document(title: invoice.number)\n";
    let (_folder, press) =
        template(&format!("{head}#set page(paper: invoice.paper)\n= #invoice.number: #invoice.total"));
    let document = &sample()[1];
    let printed = press.unwrap().print(document).unwrap();
    assert!(printed.starts_with(b"%PDF-"));
    for (text, line, what) in [
        (format!("{head}\n#invoice.nmae"), "own.typ, line 4, column 10", "nmae"),
        (format!("{head}#let x = ("), "own.typ, line 3, column", "unclosed"),
        (format!("{head}#image(\"logo.svg\")"), "own.typ, line 3, column 8", "not found"),
        (format!("{head}#image(\"../../etc/passwd\")"), "own.typ, line 3, column 8", ""),
        (format!("{head}#import \"@preview/tablex:0.0.8\""), "own.typ, line 3", ""),
    ] {
        let wrong = template(&text).1.err().unwrap_or_else(|| panic!("{text} is not right")).to_string();
        assert!(wrong.contains(line) && wrong.contains(what), "{text}\n{wrong}");
    }
    let missing = Press::open(Path::new("nowhere/own.typ")).err().unwrap().to_string();
    assert!(missing.starts_with("cannot read the invoice template nowhere/own.typ"), "{missing}");
}

#[test]
fn a_template_uses_the_files_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let logo =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"10\" height=\"10\"><rect width=\"10\" height=\"10\"/></svg>";
    std::fs::write(folder.path().join("logo.svg"), logo).unwrap();
    std::fs::write(folder.path().join("words.typ"), "#let hello = [Hello]").unwrap();
    let file = folder.path().join("own.typ");
    std::fs::write(
        &file,
        "#import \"words.typ\": hello\n#set document(title: \"x\")\n#image(\"logo.svg\", alt: \"Logo\")\n#hello",
    )
    .unwrap();
    let printed = Press::open(&file).unwrap().print(&sample()[0]).unwrap();
    let pdf = folder.path().join("own.pdf");
    std::fs::write(&pdf, printed).unwrap();
    assert!(run("pdftotext", &[], &pdf).contains("Hello"));
}

#[test]
fn the_xml_is_what_the_standard_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = root.join(".tools/outside/venv/bin/python");
    assert!(python.exists(), "{} is missing; `tools/setup outside` brings it", python.display());
    let folder = tempfile::tempdir().unwrap();
    let (mut files, mut wanted) = (Vec::new(), String::new());
    for document in sample().into_iter().chain(outside_the_tax()) {
        let Some(xml) = facturx(&document).unwrap() else { continue };
        let file = folder.path().join(format!("{}.pdf", document.number));
        std::fs::write(file.with_extension("xml"), xml).unwrap();
        std::fs::write(&file, Press::built_in().print(&document).unwrap()).unwrap();
        let code = if document.series() == Series::CreditNote { "381" } else { "380" };
        writeln!(wanted, "factur-x en16931 {} {code} {}", document.number, document.content.total).unwrap();
        files.push(file);
    }
    let check = Command::new(&python).arg(root.join("tests/outside/facturx_check.py")).args(&files).output();
    assert_eq!(text(check.unwrap()), wanted);
    assert_eq!(files.len(), 4, "two at home, one abroad, one outside the tax");
}

/// A seller with a tax id and a buyer where the catalog taxes nothing.
fn outside_the_tax() -> Option<Document> {
    let mut document = sample().remove(0);
    document.number.count = 9;
    document.content.buyer = Party { name: "Bia".to_owned(), country: "BR".to_owned(), ..Party::default() };
    document.content.treatment = Treatment::Untaxed;
    document.content.lines.pop();
    document.content.total = document.content.net();
    Some(document)
}

#[test]
fn whoever_is_not_known_well_enough_gets_no_xml() {
    let document = sample().remove(0);
    let without = |change: fn(&mut Document)| {
        let mut document = document.clone();
        change(&mut document);
        facturx(&document).unwrap().is_none()
    };
    assert!(!without(|_| {}));
    assert!(without(|document| document.content.seller.tax_id = String::new()));
    assert!(without(|document| document.content.seller.country = String::new()));
    assert!(without(|document| document.content.buyer.country = String::new()));
    assert!(without(|document| document.content.buyer.name = String::new()));
}
