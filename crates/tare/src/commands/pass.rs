//! `tare pass`: the subscriptions of people.

use std::process::ExitCode;

use billing::pass::{Figures, Scheduled};
use operations::pass::{self, Seen};
use serde_json::{Value, json};

use crate::cli;
use crate::failure::Failure;
use crate::opened::{find_wallet, open_reader, read_rules};
use crate::table::Table;

pub async fn run(command: cli::Pass) -> Result<ExitCode, Failure> {
    let cli::Pass::Show { of, rules } = command;
    let (catalog, _) = read_rules(&rules)?;
    let reader = open_reader(&of.database).await?;
    let wallet = find_wallet(&reader, &of.wallet).await?;
    let seen = pass::read(&reader, &catalog.pass, wallet).await?;
    match of.json {
        true => println!("{}", serde_json::to_string_pretty(&as_json(&seen))?),
        false => show(&seen),
    }
    Ok(ExitCode::SUCCESS)
}

fn show(seen: &Seen) {
    let (Some(id), Some(figures)) = (seen.pass, &seen.figures) else { return println!("no pass") };
    let Figures { tier, cadence, status, period, streak, .. } = figures;
    println!("{id}: {tier} {cadence}, {}", status.name());
    println!("period {} to {}, streak {streak}", period.start, period.end);
    let renews = figures.renews_at.map_or("never".to_owned(), |at| at.to_string());
    println!("to be paid next: {renews}{}", scheduled(figures));
    let granted = match figures.is_bonus_granted {
        true => "granted".to_owned(),
        false => format!("{} of {} used", figures.used, figures.needed),
    };
    println!("this month's bonus: {} ({} %), {granted}", figures.bonus, figures.percent);
    if let Some(next) = figures.next {
        println!("next month from {}: {}, bonus {} ({} %)", next.at, next.base, next.bonus, next.percent);
    }
    let mut table = Table::new(&["GRANTED", "SOURCE", ">AMOUNT", "UNTIL", "GRANT"]);
    for grant in &seen.grants {
        table.row([
            grant.granted_at.to_string(),
            grant.source.name().to_owned(),
            grant.amount.to_string(),
            grant.expires_at.map_or("never".to_owned(), |end| end.to_string()),
            grant.grant.to_string(),
        ]);
    }
    println!();
    table.print();
}

fn scheduled(figures: &Figures) -> String {
    match figures.scheduled {
        Some(Scheduled::Change { tier, cadence }) => format!(", then {tier} {cadence}"),
        Some(Scheduled::Cancel) => ", it ends with its period".to_owned(),
        None => String::new(),
    }
}

fn as_json(seen: &Seen) -> Value {
    let grant = |grant: &store::PassGrantRow| {
        json!({
            "grant": grant.grant,
            "source": grant.source,
            "amount": grant.amount,
            "paid": grant.paid,
            "granted_at": grant.granted_at,
            "expires_at": grant.expires_at,
        })
    };
    json!({
        "pass": seen.pass,
        "figures": seen.figures,
        "grants": seen.grants.iter().map(grant).collect::<Vec<_>>(),
    })
}
