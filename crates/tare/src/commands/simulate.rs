//! `tare simulate`: plays a story.

use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use scenario::{Played, Story, play, timeline};
use store::{Database, Scratch};

use crate::cli;
use crate::failure::Failure;
use crate::opened::read;

pub async fn run(args: cli::Simulate) -> Result<ExitCode, Failure> {
    let text = read(&args.file)?;
    let story = Story::parse(&text).map_err(|error| Failure::new(format!("{}: {error}", args.file.display())))?;
    let played = match &args.database {
        Some(url) => on_server(&story, url).await?,
        None => on_file(&story).await?,
    };
    match args.json {
        true => println!("{}", serde_json::to_string_pretty(&played)?),
        false => print!("{}", timeline(&story, &played)),
    }
    Ok(if played.failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn on_file(story: &Story) -> Result<Played, Failure> {
    let folder = tempfile::tempdir()?;
    with_progress(story, Database::Sqlite(folder.path().join("story.db"))).await
}

async fn on_server(story: &Story, url: &str) -> Result<Played, Failure> {
    let scratch = Scratch::create(url).await?;
    let played = with_progress(story, scratch.database()).await;
    scratch.drop_database().await?;
    played
}

/// The bar goes to the terminal's error stream, and only when there is somebody to see it.
async fn with_progress(story: &Story, database: Database) -> Result<Played, Failure> {
    let style = ProgressStyle::with_template("{bar:30} step {pos} of {len}, {elapsed}").expect("a fixed template");
    let bar = ProgressBar::new(story.steps.len() as u64).with_style(style);
    bar.tick();
    let played = play(story, database, |_| bar.inc(1)).await;
    bar.finish_and_clear();
    Ok(played?)
}
