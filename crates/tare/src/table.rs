//! Columns on the terminal, as wide as what stands in them.

/// Rows under headings. A heading that begins with `>` has its column on the right, as numbers stand.
pub struct Table {
    rows: Vec<Vec<String>>,
    right: Vec<bool>,
}

impl Table {
    pub fn new(headings: &[&str]) -> Self {
        let right = headings.iter().map(|heading| heading.starts_with('>')).collect();
        let names = headings.iter().map(|heading| heading.trim_start_matches('>').to_owned()).collect();
        Self { rows: vec![names], right }
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// Writes it to the terminal.
    pub fn print(&self) {
        self.lines().for_each(|line| println!("{line}"));
    }

    fn lines(&self) -> impl Iterator<Item = String> {
        let wide = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..self.right.len()).map(wide).collect();
        self.rows.iter().map(move |row| {
            let cells = row.iter().zip(&widths).zip(&self.right).map(|((cell, width), right)| match right {
                true => format!("{cell:>width$}"),
                false => format!("{cell:<width$}"),
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["GRANT", ">LEFT", "UNTIL"]);
        table.row(["g1".to_owned(), "5.00".to_owned(), "never".to_owned()]);
        table.row(["grant two".to_owned(), "12.345".to_owned(), String::new()]);
        let lines: Vec<String> = table.lines().collect();
        assert_eq!(lines, ["GRANT        LEFT  UNTIL", "g1           5.00  never", "grant two  12.345"]);
    }
}
