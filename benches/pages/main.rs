//! How long the server takes for each page, and how large each is, for an organization with a long history.
//!
//! ```text
//! cargo bench -p benches --bench pages -- --charges 10000000 --file target/pages.db --record
//! ```

mod ask;
mod fill;

use std::path::PathBuf;
use std::time::Instant;

use benches::{Failure, Machine, Table, record, revision};
use clap::Parser;
use store::{Database, Store};

use ask::Visit;

/// Fills a file with charges of an organization, and opens each of its pages.
#[derive(Parser)]
struct Options {
    /// How many charges, spread over a year.
    #[arg(long, default_value_t = 20_000)]
    charges: u64,
    /// The file; one that is there is only read. Without it, one that is gone afterwards.
    #[arg(long)]
    file: Option<PathBuf>,
    /// How often each page is opened.
    #[arg(long, default_value_t = 40)]
    times: usize,
    /// Write the run to RESULTS.md.
    #[arg(long)]
    record: bool,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// What a page may take on the server, and weigh.
const MOST_MS: f64 = 50.0;
const MOST_BYTES: usize = 100_000;

fn main() -> Result<(), Failure> {
    let options = Options::parse();
    tokio::runtime::Runtime::new()?.block_on(run(&options))
}

async fn run(options: &Options) -> Result<(), Failure> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let file = options.file.clone().unwrap_or_else(|| folder.path().join("pages.db"));
    let is_there = file.exists();
    let store = Store::open(&Database::Sqlite(file)).await?;
    if !is_there {
        let began = Instant::now();
        fill::fill(&store, options.charges).await?;
        println!("filled with {} charges in {:.0} s", options.charges, began.elapsed().as_secs_f64());
    }
    let site = ask::Site::open(store).await?;
    let mut visits = Vec::new();
    for path in site.pages().await? {
        visits.push(site.visit(&path, options.times).await?);
    }
    let report = report(options, &visits);
    println!("{report}");
    if options.record {
        record("pages", &report)?;
    }
    site.close().await;
    Ok(())
}

fn report(options: &Options, visits: &[Visit]) -> String {
    let mut table = Table::new(1, &["page", "p50 ms", "p99 ms", "KB"]);
    for visit in visits {
        let bytes = visit.bytes as f64 / 1e3;
        table.push(vec![
            visit.page.clone(),
            format!("{:.1}", visit.ms(50)),
            format!("{:.1}", visit.ms(99)),
            format!("{bytes:.1}"),
        ]);
    }
    let slow: Vec<&str> = visits.iter().filter(|visit| visit.ms(50) > MOST_MS).map(|visit| &*visit.page).collect();
    let large: Vec<&str> = visits.iter().filter(|visit| visit.bytes > MOST_BYTES).map(|visit| &*visit.page).collect();
    let said = |which: &[&str]| if which.is_empty() { "none".to_owned() } else { which.join(", ") };
    format!(
        "## Pages at {} charges\n\n- machine: {}\n- date: {}\n- command: `cargo bench -p benches --bench pages -- {}`\n\
         - revision: {}\n\n{table}\nA page is opened {} times by the router itself, as an owner \
         of the organization who is signed in; SQLite. Over {MOST_MS} ms: {}. Over {} KB: {}.\n",
        options.charges,
        Machine::here(),
        jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC"),
        std::env::args().skip(1).filter(|word| word != "--bench").collect::<Vec<_>>().join(" "),
        revision().unwrap_or_else(|| "-".to_owned()),
        options.times,
        said(&slow),
        MOST_BYTES / 1000,
        said(&large),
    )
}
