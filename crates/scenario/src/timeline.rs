//! A played story as a timeline that people read.

use std::fmt::Write;

use serde_json::Value;

use crate::{Played, Story, expect};

/// The story step by step: when, what, how it ended, and what changed for whom.
pub fn timeline(story: &Story, played: &Played) -> String {
    let mut text = format!("{}\n", played.name);
    let mut before = Value::Null;
    for (step, result) in story.steps.iter().zip(&played.steps) {
        let outcome = match &result.code {
            Some(code) => format!("refused: {code}"),
            None => "ok".to_owned(),
        };
        write!(text, "\n{:>3}  {}  {:<10} {outcome}\n", result.n, result.at, step.verb).expect(IN_MEMORY);
        for (label, now) in result.state["wallets"].as_object().into_iter().flatten() {
            if before["wallets"][label] != *now {
                write_wallet(&mut text, label, now);
            }
        }
        for (label, now) in result.state["organizations"].as_object().into_iter().flatten() {
            if before["organizations"][label] != *now {
                write_organization(&mut text, label, now);
            }
        }
        before = result.state.clone();
    }
    let platform = before["platform"].as_object().into_iter().flatten();
    let accounts: Vec<String> = platform.map(|(name, sum)| format!("{name} {}", expect::text(sum))).collect();
    writeln!(text, "\nplatform: {}", accounts.join(", ")).expect(IN_MEMORY);
    match played.failed.as_slice() {
        [] => text.push_str("everything as told\n"),
        failed => {
            writeln!(text, "\n{} not as told:", failed.len()).expect(IN_MEMORY);
            failed.iter().for_each(|line| writeln!(text, "  {line}").expect(IN_MEMORY));
        }
    }
    text
}

const IN_MEMORY: &str = "writing to memory cannot fail";

fn write_organization(text: &mut String, label: &str, organization: &Value) {
    let show = |key: &str| expect::text(&organization[key]);
    let (status, used, seats) = (show("status"), show("seats_used"), show("seats"));
    let members = organization["members"].as_object().into_iter().flatten();
    let members: Vec<String> = members.map(|(name, role)| format!("{name} {}", expect::text(role))).collect();
    let invited: Vec<String> = organization["invited"].as_array().into_iter().flatten().map(expect::text).collect();
    let invited = if invited.is_empty() { String::new() } else { format!("; invited {}", invited.join(", ")) };
    writeln!(text, "       {label}: {status}, {used} of {seats} seats; {}{invited}", members.join(", "))
        .expect(IN_MEMORY);
}

fn write_wallet(text: &mut String, label: &str, wallet: &Value) {
    let show = |key: &str| expect::text(&wallet[key]);
    writeln!(
        text,
        "       {label}: balance {}, held {}, available {}",
        show("balance"),
        show("held"),
        show("available")
    )
    .expect(IN_MEMORY);
    for grant in wallet["grants"].as_array().into_iter().flatten() {
        let show = |key: &str| expect::text(&grant[key]);
        let paid = if grant["paid"] == Value::Bool(true) { "paid" } else { "free" };
        let until = match &grant["expires_at"] {
            Value::Null => String::new(),
            end => format!(", until {}", expect::text(end)),
        };
        let (source, left, amount) = (show("source"), show("left"), show("amount"));
        writeln!(text, "         {source}: {left} of {amount} left, {paid}{until}").expect(IN_MEMORY);
    }
}
