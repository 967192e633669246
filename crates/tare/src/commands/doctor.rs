//! `tare doctor`: is everything there that the server needs?

use std::process::ExitCode;

use connectors::upstream::Upstreams;
use store::{Database, Reader};

use crate::cli;
use crate::failure::Failure;
use crate::opened::read_rules;
use crate::settings::Settings;

pub async fn run(args: cli::Doctor) -> Result<ExitCode, Failure> {
    let mut report = Report::default();
    report.check("settings", settings(&args));
    report.check("catalog and prices", rules(&args));
    report.check("database", database(&args).await);
    println!();
    match report.failed {
        0 => println!("all well"),
        failed => println!("{failed} of {} checks failed; each says what to do", report.checks),
    }
    Ok(if report.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Default)]
struct Report {
    checks: u32,
    failed: u32,
}

impl Report {
    fn check(&mut self, what: &str, outcome: Result<String, Failure>) {
        self.checks += 1;
        match outcome {
            Ok(found) => println!("ok    {what}: {found}"),
            Err(problem) => {
                self.failed += 1;
                println!("WRONG {what}: {problem}");
            }
        }
    }
}

fn settings(args: &cli::Doctor) -> Result<String, Failure> {
    let Some(file) = &args.config else {
        return Ok("none given; the server will need --config with an upstream, or --demo".to_owned());
    };
    let settings = Settings::read(Some(file))?;
    let names: Vec<String> = settings.upstreams.iter().map(|upstream| upstream.name.clone()).collect();
    Upstreams::new(settings.upstreams)?;
    match names.is_empty() {
        true => Err(Failure::new(format!("{} names no upstream; add an [[upstream]]", file.display()))),
        false => Ok(format!("{} with the upstreams {}", file.display(), names.join(", "))),
    }
}

fn rules(args: &cli::Doctor) -> Result<String, Failure> {
    let (catalog, prices) = read_rules(&args.rules)?;
    Ok(format!("{}, {} models", catalog.brand.credits(), prices.models().len()))
}

async fn database(args: &cli::Doctor) -> Result<String, Failure> {
    let database = Database::parse(&args.database.database).map_err(Failure::new)?;
    let reader = Reader::open(&database).await?;
    reader.ping().await?;
    Ok(format!("{database} answers"))
}
