//! The report of a run, on the terminal and in `benches/RESULTS.md`.

use std::fmt::Write;

use benches::{Disk, Failure, Machine, Table, Target, command, record, revision, short, whole};
use jiff::Timestamp;

use crate::cells::Side;
use crate::options::{Kind, Options, Way};
use crate::targets;

/// All that a run has to say.
pub struct Run {
    /// When it began.
    pub began: Timestamp,
    /// On what.
    pub machine: Machine,
    /// How fast its disk is.
    pub disk: Disk,
    /// Which PostgreSQL, and how fast it commits.
    pub server: Option<String>,
    /// The cells.
    pub table: Option<Table>,
    /// The verdicts.
    pub targets: Vec<Target>,
    /// What else was seen.
    pub notes: Vec<String>,
    /// Reading young and old wallets.
    pub history: Option<Table>,
}

impl Run {
    /// Prints the report, and records it when that is wanted.
    pub fn finish(self, options: &Options) -> Result<(), Failure> {
        let report = self.report();
        println!("{report}");
        if options.common.record {
            record("ledger", &report)?;
            eprintln!("recorded in benches/RESULTS.md");
        }
        Ok(())
    }

    fn report(&self) -> String {
        let mut text = String::from("## Ledger\n\n");
        let mut line = |line: String| text.push_str(&(line + "\n"));
        line(format!("- machine: {}", self.machine));
        line(format!("- disk, in this run: {}", self.disk));
        if let Some(server) = &self.server {
            line(format!("- database, in this run: {server}"));
        }
        line(format!("- date: {}", self.began.strftime("%Y-%m-%d %H:%M UTC")));
        line(format!("- command: `{}`", command("ledger")));
        line(format!("- revision: {}\n", revision().unwrap_or_else(|| "unknown".to_owned())));
        for table in
            [self.table.as_ref(), Some(&targets::table(&self.targets)), self.history.as_ref()].into_iter().flatten()
        {
            line(table.to_string());
        }
        for note in &self.notes {
            line(format!("{note}\n"));
        }
        let _ = write!(text, "{EXPLAINED}");
        text
    }
}

const EXPLAINED: &str = "\
A pair is a hold and its settlement, an op is either. `naive` is one transaction and one row update for each hold and\n\
each settlement; a ratio is to the best naive row of the same database and load in the same round, and the last column\n\
to the best one on PostgreSQL. The first row of the design, from which the targets were drawn, is the naive way on\n\
PostgreSQL with 64 callers and a connection for each, which is not its best. CPU is that of this process, callers\n\
included, and of the database's server. Every row is durable; Tare's also writes draws, journal and rollups, which the\n\
naive ones leave out.\n";

/// How much of the processor time is the thread that writes SQLite.
pub fn writer_line(sides: &[Side]) -> Option<String> {
    let mut parts = Vec::new();
    for cell in
        sides.iter().filter(|side| side.way == Way::Tare && side.kind == Kind::Sqlite).flat_map(|side| &side.cells)
    {
        if let Some(micros) = cell.micros(|sample| sample.writer) {
            let load = crate::rounds::words(cell.shape);
            parts.push(format!("{} us ({load}, {} in flight)", short(micros), cell.in_flight));
        }
    }
    (!parts.is_empty()).then(|| format!("Of Tare's CPU an op on SQLite, the writer thread took {}.", parts.join(", ")))
}

/// What memory did from Tare's first cell to its last.
pub fn memory_line(sides: &[Side]) -> Option<String> {
    let cells = sides.iter().filter(|side| side.way == Way::Tare).flat_map(|side| &side.cells);
    let rounds = cells.clone().map(|cell| cell.samples.len()).max()?;
    let after = |round: usize| {
        let samples = cells.clone().filter_map(|cell| cell.samples.get(round)?.memory);
        samples.max().map(|bytes| whole(bytes as f64 / 1e6))
    };
    let parts: Vec<String> = (0..rounds).map(after).collect::<Option<_>>()?;
    Some(format!(
        "Memory of this process, callers and all databases together, round by round in MB: {}.",
        parts.join(", ")
    ))
}
