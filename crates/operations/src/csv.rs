//! Lines of CSV that no spreadsheet takes for formulas.

/// One line, ended as RFC 4180 wants it. A cell that begins like a formula gets a `'` in front; one with a
/// comma, a quote or a line break is quoted.
pub fn line(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| self::cell(cell)).collect();
    cells.join(",") + "\r\n"
}

fn cell(text: &str) -> String {
    let harmless = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    };
    match harmless.contains(['"', ',', '\n', '\r']) {
        true => format!("\"{}\"", harmless.replace('"', "\"\"")),
        false => harmless,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn formulas_are_disarmed_and_separators_quoted() {
        let line =
            super::line(&["a", "=1+1", "+1", "-1", "@x", "\tx", "a,b", "say \"hi\"", "=\"x\"", "two\nlines", ""]);
        assert_eq!(line, "a,'=1+1,'+1,'-1,'@x,'\tx,\"a,b\",\"say \"\"hi\"\"\",\"'=\"\"x\"\"\",\"two\nlines\",\r\n");
    }
}
