//! `tare export`: the books and the usage as files.

use std::fs::File;
use std::io::{BufWriter, Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use operations::export::{self, ExportJournal, ExportUsage, Format};

use crate::cli::{self, BookFormat};
use crate::failure::Failure;
use crate::opened::{find_wallet, open_reader};

pub async fn run(command: cli::Export) -> Result<ExitCode, Failure> {
    match command {
        cli::Export::Journal { format, from, to, out, database } => {
            let reader = open_reader(&database).await?;
            let format = match format {
                BookFormat::Hledger => Format::Hledger,
                BookFormat::Beancount => Format::Beancount,
            };
            let (bar, mut file) = (bar("entries"), open(out)?);
            let request = ExportJournal { format, from, until: to };
            export::journal(&reader, request, &mut file, &mut |done, all| show(&bar, done, all)).await?;
            file.flush()?;
            bar.finish_and_clear();
        }
        cli::Export::Usage { wallet, from, to, out, database } => {
            let reader = open_reader(&database).await?;
            let wallet = match wallet {
                Some(name) => Some(find_wallet(&reader, &name).await?),
                None => None,
            };
            let (bar, mut file) = (bar("wallets"), open(out)?);
            let request = ExportUsage { wallet, from, until: to };
            export::usage(&reader, request, &mut file, &mut |done, all| show(&bar, done, all)).await?;
            file.flush()?;
            bar.finish_and_clear();
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn open(out: Option<PathBuf>) -> Result<BufWriter<Box<dyn Write + Send>>, Failure> {
    let to: Box<dyn Write + Send> = match out {
        None => Box::new(stdout()),
        Some(path) => Box::new(
            File::create(&path).map_err(|error| Failure::new(format!("cannot write {}: {error}", path.display())))?,
        ),
    };
    Ok(BufWriter::new(to))
}

/// It goes to the error stream, and only when there is somebody to see it.
fn bar(what: &str) -> ProgressBar {
    let style = format!("{{bar:30}} {{percent}}%  {{human_pos}} of {{human_len}} {what}, {{per_sec}}, {{eta}} to go");
    ProgressBar::new(0).with_style(ProgressStyle::with_template(&style).expect("a fixed template"))
}

fn show(bar: &ProgressBar, done: u64, all: u64) {
    bar.set_length(all.max(done));
    bar.set_position(done);
}
