//! Tables that read well on a terminal and as Markdown alike.

use std::fmt;

/// Rows of text under headings. The first columns hold words, the others figures.
pub struct Table {
    words: usize,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table; `words` columns are aligned to the left, the rest to the right.
    pub fn new(words: usize, headings: &[&str]) -> Self {
        Self { words, rows: vec![headings.iter().map(|text| (*text).to_owned()).collect()] }
    }

    /// Adds a row with as many cells as there are headings.
    pub fn push(&mut self, row: Vec<String>) {
        debug_assert_eq!(row.len(), self.rows[0].len());
        self.rows.push(row);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.rows[0].len();
        let width = |column: usize| self.rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for (at, row) in self.rows.iter().enumerate() {
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                match column < self.words {
                    true => write!(f, "| {cell:<width$} ")?,
                    false => write!(f, "| {cell:>width$} ")?,
                }
            }
            f.write_str("|\n")?;
            if at == 0 {
                for (column, width) in widths.iter().enumerate() {
                    let end = if column < self.words { '-' } else { ':' };
                    write!(f, "|{}{end}", "-".repeat(width + 1))?;
                }
                f.write_str("|\n")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_figures_stand_to_the_right() {
        let mut table = Table::new(1, &["what", "pairs/s"]);
        table.push(vec!["naïve".into(), "7".into()]);
        table.push(vec!["a".into(), "152,000".into()]);
        let right = "| what  | pairs/s |\n|-------|--------:|\n| naïve |       7 |\n| a     | 152,000 |\n";
        assert_eq!(table.to_string(), right);
    }
}
