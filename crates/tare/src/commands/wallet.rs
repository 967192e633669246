//! `tare wallet`: what is in a wallet, and why.

use std::process::ExitCode;

use operations::Door;
use operations::question::{
    self, BalanceAnswer, ChargeAnswer, EntryAnswer, FlowAnswer, GrantAnswer, TrailAnswer, WhyAnswer,
};
use serde::Serialize;

use crate::cli;
use crate::clock::SystemDoor;
use crate::failure::Failure;
use crate::opened::{find_wallet, open_reader};
use crate::table::Table;

pub async fn run(command: cli::Wallet) -> Result<ExitCode, Failure> {
    let of = match &command {
        cli::Wallet::Show { of, .. }
        | cli::Wallet::Grants { of, .. }
        | cli::Wallet::Why { of, .. }
        | cli::Wallet::Entries { of, .. }
        | cli::Wallet::Charge { of, .. }
        | cli::Wallet::GrantTrail { of, .. } => of.clone(),
    };
    let reader = open_reader(&of.database).await?;
    let wallet = find_wallet(&reader, &of.wallet).await?;
    let now = SystemDoor::new().context().now;
    match command {
        cli::Wallet::Show { at, .. } => {
            let answer = question::balance(&reader, wallet, at, now).await?;
            told(of.json, &answer, show_balance)
        }
        cli::Wallet::Grants { all: true, after, limit, .. } => {
            let answer = question::grants(&reader, wallet, after, limit, now).await?;
            told(of.json, &answer, |grants| show_grants(grants))?;
            if let (Some(last), false) = (answer.last().filter(|_| answer.len() == limit as usize), of.json) {
                println!("\nmore: --after {}", last.id);
            }
            Ok(())
        }
        cli::Wallet::Grants { .. } => {
            let answer = question::open_grants(&reader, wallet, now).await?;
            told(of.json, &answer, |grants| show_grants(grants))
        }
        cli::Wallet::Why { at, limit, .. } => {
            let answer = question::why(&reader, wallet, at.unwrap_or(now), limit, now).await?;
            told(of.json, &answer, show_why)
        }
        cli::Wallet::Entries { at, before, limit, .. } => {
            let answer = question::entries(&reader, wallet, at.unwrap_or(now), before, limit, now).await?;
            told(of.json, &answer, |answer| {
                show_entries(&answer.entries);
                answer.next_before.iter().for_each(|seq| println!("\nmore: --before {seq}"));
            })
        }
        cli::Wallet::Charge { charge, .. } => {
            let answer = question::payers(&reader, wallet, charge).await?;
            told(of.json, &answer, show_charge)
        }
        cli::Wallet::GrantTrail { grant, after, limit, .. } => {
            let answer = question::trail(&reader, wallet, grant, after, limit, now).await?;
            told(of.json, &answer, show_trail)
        }
    }?;
    Ok(ExitCode::SUCCESS)
}

fn told<T: Serialize>(json: bool, answer: &T, show: impl FnOnce(&T)) -> Result<(), Failure> {
    match json {
        true => println!("{}", serde_json::to_string_pretty(answer)?),
        false => show(answer),
    }
    Ok(())
}

fn show_balance(answer: &BalanceAnswer) {
    println!("{} at {}", answer.wallet, answer.at);
    println!("balance {}", answer.balance);
    if let (Some(held), Some(available)) = (answer.held, answer.available) {
        println!("held {held}, available {available}");
    }
    println!("the journal counts up to entry {}", answer.seq);
}

fn show_grants(grants: &[GrantAnswer]) {
    if grants.is_empty() {
        return println!("no grants");
    }
    let mut table = Table::new(&["GRANT", "SOURCE", "", ">AMOUNT", ">LEFT", ">HELD", "FROM", "UNTIL", "STATE"]);
    for grant in grants {
        table.row([
            grant.id.to_string(),
            grant.source.to_owned(),
            paid(grant.paid).to_owned(),
            grant.amount.to_string(),
            grant.left.to_string(),
            grant.held.to_string(),
            grant.effective_at.to_string(),
            grant.expires_at.map_or("never".to_owned(), |end| end.to_string()),
            grant.state.name().to_owned(),
        ]);
    }
    table.print();
}

fn show_entries(entries: &[EntryAnswer]) {
    if entries.is_empty() {
        return println!("no entries");
    }
    let mut table =
        Table::new(&[">ENTRY", "WHEN", "WHAT", ">AMOUNT", ">LEFT AFTER", "GRANT", "TO OR FROM", "BECAUSE OF"]);
    for entry in entries {
        table.row([
            entry.seq.to_string(),
            entry.at.to_string(),
            entry.kind.to_owned(),
            entry.amount.to_string(),
            entry.left_after.map(|left| left.to_string()).unwrap_or_default(),
            entry.grant.map(|grant| grant.to_string()).unwrap_or_default(),
            entry.counterpart.to_owned(),
            entry.reference.clone(),
        ]);
    }
    table.print();
}

fn show_charge(answer: &ChargeAnswer) {
    println!("{}, {}, {}", answer.id, answer.at, answer.model.as_deref().unwrap_or("no usage record"));
    println!("cost {}, debited {}, lost {}", answer.cost, answer.debited, answer.lost);
    println!("{} entries of the journal, from {}\n", answer.transfers, answer.first_seq);
    let mut table = Table::new(&["PAID BY", "SOURCE", "", ">AMOUNT"]);
    for payer in &answer.paid_by {
        let cells = [payer.grant.to_string(), payer.source.to_owned(), paid(payer.paid).to_owned()];
        table.row(cells.into_iter().chain([payer.amount.to_string()]));
    }
    table.print();
}

fn show_trail(answer: &TrailAnswer) {
    show_grants(std::slice::from_ref(&answer.grant));
    println!();
    let mut table = Table::new(&["WHAT BECAME OF IT", ">CAME", ">WENT", ">ENTRIES"]);
    for flow in &answer.flows {
        let amounts = [flow.moved_in, flow.moved_out].map(|amount| amount.to_string());
        table.row([flow.kind.to_owned()].into_iter().chain(amounts).chain([flow.transfers.to_string()]));
    }
    table.print();
    println!();
    show_entries(&answer.entries);
    answer.next_after.iter().for_each(|seq| println!("\nmore: --after {seq}"));
}

fn show_why(answer: &WhyAnswer) {
    println!("{} at {}: balance {}\n", answer.wallet, answer.at, answer.balance);
    if answer.grants.is_empty() {
        println!("nothing is left on any grant\n");
    }
    for part in &answer.grants {
        let grant = &part.grant;
        println!("{:>16}  {} ({}, {}, {})", part.counts, grant.id, grant.source, paid(grant.paid), grant.state.name());
        part.flows.iter().for_each(show_flow);
        if part.counts != grant.left {
            println!("{:>18}not counted: it can be spent from {} on", "", grant.effective_at);
        }
        if !grant.held.is_zero() && grant.expires_at.is_some_and(|end| end <= answer.at) {
            println!("{:>18}it has expired; what was held still pays for what it was held for", "");
        }
    }
    println!("{:>16}  balance\n", answer.balance);
    show_entries(&answer.entries);
    answer.next_before.iter().for_each(|seq| println!("\nmore: tare wallet entries ... --before {seq}"));
}

fn show_flow(flow: &FlowAnswer) {
    let entries = if flow.transfers == 1 { "entry" } else { "entries" };
    for (sign, amount) in [("+", flow.moved_in), ("-", flow.moved_out)] {
        if amount.is_positive() {
            println!("{:>18}{sign}{amount} {} in {} {entries}", "", flow.kind, flow.transfers);
        }
    }
}

fn paid(is_paid: bool) -> &'static str {
    if is_paid { "paid" } else { "free" }
}
