//! `tare doctor`: is everything there that the server needs?

use std::process::ExitCode;

use store::{Database, Fault, Reader};

use crate::cli;
use crate::failure::Failure;
use crate::opened::{explain, parse, read_rules};
use crate::settings::{HERE, Settings};

pub async fn run(args: cli::Doctor) -> Result<ExitCode, Failure> {
    let mut report = Report::default();
    report.check("settings", settings(&args));
    report.check("sign-in provider", sign_in_provider(&args).await);
    report.check("catalog and prices", rules(&args));
    report.check("database", database(&args).await);
    report.check("jobs", jobs(&args).await);
    report.check("self-check", self_check(&args).await);
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
    let names: Vec<&str> = settings.upstreams.iter().map(|upstream| upstream.name.as_str()).collect();
    match names.is_empty() {
        true => Err(Failure::new(format!("{} names no upstream; add an [[upstream]]", file.display()))),
        false => Ok(format!("{} with the upstreams {}", file.display(), names.join(", "))),
    }
}

/// The issuer must answer, and under the very name that the settings have for it.
async fn sign_in_provider(args: &cli::Doctor) -> Result<String, Failure> {
    let Ok(settings) = Settings::read(args.config.as_deref()) else {
        return Ok("unknown while the settings are wrong".to_owned());
    };
    let Some(provider) = settings.oidc_provider(HERE).map_err(Failure::new)? else {
        return Ok("none; people sign in with a code by mail".to_owned());
    };
    let issuer = provider.issuer();
    match provider.check().await {
        Ok(()) => Ok(format!("{issuer} answers")),
        Err(fault) => Err(Failure::new(format!("oidc.issuer {issuer}: {fault}. Correct it, or ask who runs it"))),
    }
}

fn rules(args: &cli::Doctor) -> Result<String, Failure> {
    let (catalog, prices) = read_rules(&args.rules)?;
    Ok(format!("{}, {} models", catalog.brand.credits(), prices.models().len()))
}

async fn database(args: &cli::Doctor) -> Result<String, Failure> {
    let database = parse(&args.database)?;
    if let Database::Sqlite(file) = &database
        && !file.exists()
    {
        return Ok(format!("{database} is not there yet; the server makes it"));
    }
    match Reader::open(&database).await {
        Ok(reader) => reader.ping().await.map_err(|fault| explain(&database, fault)),
        Err(Fault::Fresh) => return Ok(format!("{database} answers and is empty; the server makes its tables")),
        Err(fault) => Err(explain(&database, fault)),
    }?;
    Ok(format!("{database} answers"))
}

/// Work that was given up needs somebody to look at it. What it was about is in the log of that moment.
async fn jobs(args: &cli::Doctor) -> Result<String, Failure> {
    let reader = match look_inside(args).await? {
        Ok(reader) => reader,
        Err(nothing) => return Ok(nothing.to_owned()),
    };
    let given_up = reader.list_given_up_jobs(None, 1).await?;
    match given_up.first() {
        None => Ok("none was given up".to_owned()),
        Some(job) => Err(Failure::new(format!(
            "{} ({}) was given up at {} after {} attempts: {}",
            job.id, job.kind, job.given_up_at, job.attempts, job.last_error
        ))),
    }
}

/// What the server's own checks of the books found and is not sound again.
async fn self_check(args: &cli::Doctor) -> Result<String, Failure> {
    let reader = match look_inside(args).await? {
        Ok(reader) => reader,
        Err(nothing) => return Ok(nothing.to_owned()),
    };
    let findings = reader.list_findings(1_000).await?;
    match findings.first() {
        None => Ok("found no difference in the books".to_owned()),
        Some(first) => Err(Failure::new(format!(
            "{} findings; the first, {} since {}: {}. Run tare verify, and find out who wrote to the database",
            findings.len(),
            first.code,
            first.found_at,
            first.what
        ))),
    }
}

/// A reader, or why there is nothing to read.
async fn look_inside(args: &cli::Doctor) -> Result<Result<Reader, &'static str>, Failure> {
    let database = parse(&args.database)?;
    if matches!(&database, Database::Sqlite(file) if !file.exists()) {
        return Ok(Err("none yet"));
    }
    Ok(match Reader::open(&database).await {
        Ok(reader) => Ok(reader),
        Err(Fault::Fresh) => Err("none yet"),
        Err(_) => Err("unknown while the database does not answer"),
    })
}
