//! Plays a story from its first step to its last and notes where it was not as told.

use operations::Error;
use serde::Serialize;
use serde_json::{Value, json};
use store::{Database, Fault};
use thiserror::Error;
use units::{Cents, Instant};

use crate::{Step, Story, World, expect, state};

/// What happened in a step.
#[derive(Clone, Debug, Serialize)]
pub struct StepResult {
    /// Its number, from 1.
    pub n: usize,
    /// When it happened.
    pub at: Instant,
    /// What was done.
    #[serde(rename = "do")]
    pub verb: String,
    /// `ok` or `refused`.
    pub result: &'static str,
    /// The code of the refusal.
    pub code: Option<String>,
    /// What cards paid in this step, also by what fell due on the way to it.
    pub charged: Cents,
    /// What a quote said.
    pub quote: Option<Cents>,
    /// Mails that were sent, also by what fell due on the way to it: each as `reader: subject`.
    pub mails: Vec<String>,
    /// The world after it.
    pub state: Value,
}

/// A story that was played to its end.
#[derive(Clone, Debug, Serialize)]
pub struct Played {
    /// What it is called.
    pub name: String,
    /// What happened.
    pub steps: Vec<StepResult>,
    /// Where it was not as told, each with its step, line and both values.
    pub failed: Vec<String>,
}

/// The world failed in the middle of a story.
#[derive(Debug, Error)]
pub enum PlayError {
    /// The database could not be used.
    #[error("the story could not go on: {0}")]
    Fault(#[from] Fault),
    /// An operation failed in a way that no story can expect.
    #[error("step {n} (line {line}) could not go on: {error}")]
    Step {
        /// Which step.
        n: usize,
        /// Where it stands.
        line: usize,
        /// Why.
        error: Error,
    },
}

/// Plays the story on an empty database. `progress` is told each finished step.
pub async fn play(
    story: &Story,
    database: Database,
    mut progress: impl FnMut(&StepResult),
) -> Result<Played, PlayError> {
    let broke = |n: usize, line: usize| move |error: Error| PlayError::Step { n, line, error };
    let mut world = World::start(database, story.catalog.clone(), story.start).await.map_err(broke(0, 1))?;
    let mut played = Played { name: story.name.clone(), steps: Vec::new(), failed: Vec::new() };
    for (index, step) in story.steps.iter().enumerate() {
        let n = index + 1;
        let result = play_step(&mut world, step, n).await.map_err(broke(n, step.line))?;
        played.failed.extend(differences(step, &result));
        progress(&result);
        played.steps.push(result);
    }
    let report = store::verify(world.services().store.reader(), &mut |_| {}).await?;
    played.failed.extend(report.differences.iter().map(|difference| format!("after the last step: {difference}")));
    world.stop().await;
    Ok(played)
}

async fn play_step(world: &mut World, step: &Step, n: usize) -> Result<StepResult, Error> {
    let code = match world.live(step).await {
        Ok(()) => None,
        Err(Error::Fault(fault)) => return Err(Error::Fault(fault)),
        Err(refusal) => Some(refusal.code().to_owned()),
    };
    Ok(StepResult {
        n,
        at: world.now(),
        verb: step.verb.clone(),
        result: if code.is_some() { "refused" } else { "ok" },
        code,
        charged: world.take_charged().await?,
        quote: world.quoted.take(),
        mails: world.take_mails(),
        state: state::state(world).await?,
    })
}

fn differences(step: &Step, result: &StepResult) -> Vec<String> {
    let place = format!("step {} (line {})", result.n, step.line);
    let mut failed = Vec::new();
    if step.refused != result.code {
        let outcome = |code: &Option<String>| code.as_ref().map_or("ok".to_owned(), |code| format!("refused {code}"));
        failed.push(format!("{place}: expected {}, was {}", outcome(&step.refused), outcome(&result.code)));
    }
    for (path, expected) in &step.expect {
        let own = json!({"charged": result.charged, "quote": result.quote, "mails": result.mails});
        let found = expect::at(&own, path).or_else(|| expect::at(&result.state, path));
        if !expect::is_same(expected, found) {
            let found = found.map_or("nothing".to_owned(), expect::text);
            failed.push(format!("{place}: expected {path} = {}, found {found}", expect::text(expected)));
        }
    }
    if result.state["journal_balanced"] != json!(true) {
        failed.push(format!("{place}: the journal does not balance"));
    }
    failed
}
