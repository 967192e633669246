//! `tare demo DIR`: a year of believable life in a database of its own, so that every page has something to show.
//!
//! The real operations live it on a virtual clock that ends now; the same day gives the same year.

mod dice;

mod terms;

mod events;
mod work;

mod keys;

use std::path::Path;
use std::process::ExitCode;

use billing::policy::{Patterns, Policy};
use indicatif::{ProgressBar, ProgressStyle};
use ledger::Source;
use operations::grant::{AdjustWallet, Expiry, IssueGrant};
use operations::{Caller, Context, Door, jobs, operator, user};
use scenario::{Story, World};
use store::Database;
use units::{Amount, Instant, Seconds};

use super::demo_person;
use crate::clock::SystemDoor;
use crate::failure::Failure;

/// Who sees what Ana does not.
const OTHERS: [(&str, &str); 5] = [
    (events::OPERATOR, "runs this server"),
    ("ben", "an admin, without a pass"),
    (terms::LEA, "has a pass that was not paid"),
    (terms::JONAS, "owns an organization that was not paid, in its days of grace"),
    (terms::KIM, "owns one that is suspended"),
];

pub async fn run(folder: &Path, days: u32) -> Result<ExitCode, Failure> {
    std::fs::create_dir_all(folder)?;
    let file = folder.join("tare.db");
    if file.exists() {
        return Err(Failure::new(format!("{} is there already: name another folder, or remove it", file.display())));
    }
    let database = Database::Sqlite(file.clone());
    // Only the clock is not the machine's own: what is made here is used afterwards, and nobody shall guess it.
    let Context { now, ids } = SystemDoor::new().context();
    let story = Story::parse(&tell(now, days))?;
    let mut world = World::start_with(database.clone(), story.catalog.clone(), story.start, ids).await?;
    let style = ProgressStyle::with_template("{msg} {bar:30} {percent} %, {elapsed}").expect("a fixed template");
    let bar = ProgressBar::new(story.steps.len() as u64).with_style(style).with_message("a year passes");
    for step in &story.steps {
        world.live(step).await.map_err(|error| Failure::new(format!("{} failed: {error}", step.verb)))?;
        // Nobody reads the letters of the past, and a year of them is long.
        world.take_mails();
        bar.inc(1);
    }
    world.advance(now).await?;
    bar.finish_and_clear();
    name_people(&world).await?;
    appoint(&world).await?;
    keys::make(&world, &database).await?;
    jobs::write_activity(world.services()).await?;
    let others: Vec<_> = OTHERS.into_iter().filter(|(label, _)| world.find_caller(label).is_some()).collect();
    world.stop().await;
    println!(
        "{} has a year of life. Look at it:\n\n  tare serve --demo --database {}\n\nand sign in as {} with the code \
         in the newest letter in {}",
        file.display(),
        file.display(),
        demo_person::NAME,
        file.with_extension("mail").display()
    );
    println!("\nOthers to sign in as:");
    for (label, what) in others {
        println!("  {:<19} {what}", format!("{label}@example.com"));
    }
    Ok(ExitCode::SUCCESS)
}

/// Everything that happens, in the order in which it does, and nothing that is still to come.
fn tell(now: Instant, days: u32) -> String {
    let first = now.day().start().plus(Seconds(-i64::from(days) * 86_400));
    let told = events::all(first).chain(terms::all(first, now)).chain(work::all(first, days));
    let mut steps: Vec<(Instant, String)> = told.collect();
    steps.retain(|(at, _)| *at <= now);
    // Of one moment, what was listed first comes first.
    steps.sort_by_key(|(at, _)| *at);
    let lines: String = steps.iter().map(|(at, what)| format!("  {{ at = {at}, {what} }},\n")).collect();
    format!("name = \"A year\"\nstart = {first}\nstep = [\n{lines}]\n")
}

/// What people are called on pages, and what an organization lets its members use.
async fn name_people(world: &World) -> Result<(), Failure> {
    let (services, ctx) = (world.services(), world.context());
    for (label, name) in events::NAMES {
        if let Some(caller) = world.find_caller(label) {
            user::set_display_name(services, &ctx, &caller, Some(name)).await?;
        }
    }
    let (Some(ana), Some(studio)) = (world.find_caller("ana"), world.organization(events::STUDIO)) else {
        return Ok(());
    };
    let policy = Policy {
        models: Patterns { allow: Vec::new(), deny: vec!["*-preview".to_owned()] },
        default_model: Some("anthropic/claude-sonnet-4.5".to_owned()),
        ..Policy::default()
    };
    operations::policy::set(services, &ctx, &ana, studio, policy).await?;
    Ok(())
}

/// Somebody runs the server, and has made good for what went wrong.
async fn appoint(world: &World) -> Result<(), Failure> {
    let (services, ctx) = (world.services(), world.context());
    let Some(ruth) = world.find_caller(events::OPERATOR) else { return Ok(()) };
    if let Some(user) = ruth.user() {
        operator::appoint(services, &ctx, &Caller::Operator, user).await?;
    }
    let (why, amount) = ("An outage on Tuesday", Amount::from_dollars(25));
    if let Some(wallet) = world.wallet(events::LAB) {
        let expires = Expiry::AfterDays(90);
        let gift = IssueGrant { wallet, source: Source::Operator, amount, paid: false, expires, key: None };
        operator::give(services, &ctx, &ruth, gift, why).await?;
    }
    if let Some(wallet) = world.wallet("ana") {
        let reason = "A request that failed was charged twice by its provider".to_owned();
        let adjust = AdjustWallet { wallet, amount: Amount::from_nanos(412_500_000), reason, key: None };
        operator::adjust(services, &ctx, &ruth, adjust).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_can_be_told_on_every_day() {
        for now in ["2026-11-26T05:00:00Z", "2028-02-29T00:00:00Z", "2027-12-31T23:59:59Z"] {
            let now = now.parse().unwrap();
            let year = tell(now, 365);
            assert!(year.lines().count() > 1_000, "{year}");
            assert_eq!(year, tell(now, 365), "the same day gives the same year");
            let month = Story::parse(&tell(now, 30)).unwrap();
            assert!(month.steps.len() > 50 && month.steps.iter().all(|step| step.at.unwrap() <= now));
        }
        // Reading counts lines for each step, so a whole year is read once.
        assert!(Story::parse(&tell("2028-02-29T23:59:59Z".parse().unwrap(), 365)).is_ok());
    }
}
