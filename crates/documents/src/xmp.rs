//! Says in the PDF's own metadata that it carries a Factur-X invoice, as the standard asks.
//!
//! The library that writes the PDF has no place for this. Its metadata are one stream of plain XML, so the words go in
//! there, and what stands behind them moves: the table at the end says where each object begins.

/// What is said.
const WORDS: &str = include_str!("../templates/factur-x.xmp");
const END: &[u8] = b"</rdf:RDF>";
/// The description of the words that it is said with, which PDF/A wants. The library describes words of its own, and
/// there may be only one list.
const SCHEMA: &str = include_str!("../templates/factur-x-schema.xmp");
const SCHEMAS_END: &[u8] = b"</rdf:Bag></pdfaExtension:schemas>";

/// Adds the words.
///
/// # Errors
/// When the PDF is not built as the library builds it.
pub(crate) fn declare_facturx(pdf: Vec<u8>) -> Result<Vec<u8>, String> {
    let odd = |what: &str| format!("the PDF has no {what} where one was expected");
    let (schema, words) = (SCHEMA.trim().as_bytes(), WORDS.trim().as_bytes());
    let metadata = find(&pdf, b"/Type /Metadata", 0)
        .or_else(|| find(&pdf, b"/Type/Metadata", 0))
        .ok_or_else(|| odd("metadata"))?;
    let described = find(&pdf, SCHEMAS_END, metadata).ok_or_else(|| odd("description of its metadata"))?;
    let at = find(&pdf, END, described).ok_or_else(|| odd("end of its metadata"))?;
    let object = rfind(&pdf, b" obj", metadata).ok_or_else(|| odd("object of its metadata"))?;
    let (from, to) =
        number_after(&pdf, b"/Length", object).filter(|(_, to)| *to < described).ok_or_else(|| odd("length"))?;
    let length: usize = text(&pdf[from..to])?;
    let added = schema.len() + words.len();
    let longer = (length + added).to_string();
    let shift = added + longer.len() - (to - from);

    let mut out = Vec::with_capacity(pdf.len() + shift);
    out.extend_from_slice(&pdf[..from]);
    out.extend_from_slice(longer.as_bytes());
    out.extend_from_slice(&pdf[to..described]);
    out.extend_from_slice(schema);
    out.extend_from_slice(&pdf[described..at]);
    out.extend_from_slice(words);
    out.extend_from_slice(&pdf[at..]);
    move_table(&mut out, object, shift)?;
    Ok(out)
}

/// Corrects the table of objects for those that stand behind `object`, and where the table itself is.
fn move_table(pdf: &mut Vec<u8>, object: usize, shift: usize) -> Result<(), String> {
    let odd = |what: &str| format!("the PDF has no {what} where one was expected");
    let table = rfind(pdf, b"\nxref", pdf.len()).ok_or_else(|| odd("table of objects"))? + 1;
    let end = find(pdf, b"trailer", table).ok_or_else(|| odd("trailer"))?;
    let mut at = table;
    while at < end {
        let line_end = find(pdf, b"\n", at).ok_or_else(|| odd("line of its table"))?;
        // `0000001234 00000 n`: ten digits, and in use.
        if line_end - at >= 18 && pdf[at + 17] == b'n' {
            let offset: usize = text(&pdf[at..at + 10])?;
            if offset > object {
                pdf[at..at + 10].copy_from_slice(format!("{:010}", offset + shift).as_bytes());
            }
        }
        at = line_end + 1;
    }
    let (from, to) = number_after(pdf, b"startxref", end).ok_or_else(|| odd("place of its table"))?;
    pdf.splice(from..to, table.to_string().into_bytes());
    Ok(())
}

/// Where the number behind a word begins and ends.
fn number_after(pdf: &[u8], word: &[u8], from: usize) -> Option<(usize, usize)> {
    let behind = find(pdf, word, from)? + word.len();
    let begin = behind + pdf[behind..].iter().position(u8::is_ascii_digit)?;
    let end = begin + pdf[begin..].iter().position(|letter| !letter.is_ascii_digit())?;
    Some((begin, end))
}

fn text(digits: &[u8]) -> Result<usize, String> {
    let digits = std::str::from_utf8(digits).map_err(|error| error.to_string())?;
    digits.parse().map_err(|_| format!("the PDF has `{digits}` for a number"))
}

fn find(pdf: &[u8], word: &[u8], from: usize) -> Option<usize> {
    pdf[from..].windows(word.len()).position(|window| window == word).map(|at| from + at)
}

fn rfind(pdf: &[u8], word: &[u8], to: usize) -> Option<usize> {
    pdf[..to].windows(word.len()).rposition(|window| window == word)
}
