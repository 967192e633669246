//! The requests that people send, day by day: more in the course of the year, few on weekends and around its end.

use units::Instant;

use super::dice::throw;
use super::events::{LAB, STUDIO, moment};

/// Somebody who works with models.
struct Worker {
    who: &'static str,
    wallet: &'static str,
    /// From the first day until before the last.
    days: (u32, u32),
    models: &'static [&'static str],
    projects: &'static [&'static str],
    /// How many requests on a usual day, and how long their prompts are.
    requests: u32,
    prompt: u32,
}

const ALWAYS: u32 = 400;
const WORKERS: [Worker; 8] = [
    worker(
        "ana",
        "ana",
        (1, ALWAYS),
        &["anthropic/claude-haiku-4.5", "openai/gpt-5-mini"],
        &["notes", "recipes"],
        40,
        24_000,
    ),
    worker(
        "ana",
        STUDIO,
        (14, ALWAYS),
        &["anthropic/claude-sonnet-4.5", "openai/gpt-5"],
        &["website", "atlas"],
        20,
        12_000,
    ),
    worker(
        "ben",
        STUDIO,
        (14, ALWAYS),
        &["anthropic/claude-sonnet-4.5", "anthropic/claude-haiku-4.5"],
        &["atlas", "infra"],
        30,
        16_000,
    ),
    worker(
        "chloe",
        STUDIO,
        (15, ALWAYS),
        &["openai/gpt-5", "google/gemini-2.5-pro"],
        &["website", "brand"],
        24,
        11_000,
    ),
    worker(
        "dmitri",
        STUDIO,
        (41, ALWAYS),
        &["anthropic/claude-sonnet-4.5", "openai/gpt-5-mini"],
        &["atlas"],
        26,
        13_000,
    ),
    worker("hugo", STUDIO, (120, 203), &["google/gemini-2.5-flash"], &["brand"], 12, 9_000),
    worker(
        "emma",
        STUDIO,
        (211, ALWAYS),
        &["anthropic/claude-haiku-4.5", "openai/gpt-5"],
        &["infra", "website"],
        24,
        12_000,
    ),
    worker("grace", LAB, (152, ALWAYS), &["google/gemini-2.5-pro", "openai/gpt-5"], &["tides", "papers"], 26, 18_000),
];

const fn worker(
    who: &'static str,
    wallet: &'static str,
    days: (u32, u32),
    models: &'static [&'static str],
    projects: &'static [&'static str],
    requests: u32,
    prompt: u32,
) -> Worker {
    Worker { who, wallet, days, models, projects, requests, prompt }
}

/// Into so many batches a day's work falls near the end, where people look at single requests.
const BATCHES: u32 = 6;

/// Every batch of requests with its moment.
pub fn all(first: Instant, days: u32) -> impl Iterator<Item = (Instant, String)> {
    (0..=days).flat_map(move |day| {
        let batches = if day + 2 > days { BATCHES } else { 1 };
        let workers = (0u32..).zip(&WORKERS).filter(move |(_, worker)| (worker.days.0..worker.days.1).contains(&day));
        workers.flat_map(move |(index, worker)| {
            (0..batches).filter_map(move |batch| worker.batch(first, day, index * BATCHES + batch, batches))
        })
    })
}

impl Worker {
    /// One of so many batches of a day; `who` names it to the dice.
    fn batch(&self, first: Instant, day: u32, who: u32, batches: u32) -> Option<(Instant, String)> {
        let at = moment(first, day, 420 + throw(day, who, 1, 600));
        let times = self.requests * busy(at, day) / 100 * (60 + throw(day, who, 2, 80)) / 100 / batches;
        if times == 0 {
            return None;
        }
        let pick =
            |list: &[&'static str], what| list[throw(day, who, what, u32::try_from(list.len()).unwrap_or(1)) as usize];
        let (model, project) = (pick(self.models, 3), pick(self.projects, 4));
        let input = self.prompt * (50 + throw(day, who, 5, 100)) / 100;
        let (output, cached) = (input / 6 + throw(day, who, 6, 400), input * throw(day, who, 7, 70) / 100);
        let what = format!(
            "do = \"use\", wallet = \"{}\", by = \"{}\", model = \"{model}\", input = {input}, output = {output}, \
             cached = {cached}, times = {times}, project = \"{project}\"",
            self.wallet, self.who
        );
        Some((at, what))
    }
}

/// How busy a day is, in percent.
fn busy(at: Instant, day: u32) -> u32 {
    // The first day of 1970 was a Thursday.
    let weekday = (at.day().number() + 3).rem_euclid(7);
    let is_quiet = weekday >= 5 || at.to_string().get(5..10).is_some_and(|date| date >= "12-23" || date <= "01-02");
    let grown = 45 + day * 75 / 365;
    if is_quiet { grown * throw(day, 99, 1, 22) / 100 } else { grown }
}
