//! `tare user`: people and their wallets.

use std::process::ExitCode;

use ledger::Wallet;
use operations::Door;
use operations::user::{SignUp, sign_up};
use store::{Reader, UserRow};
use units::Instant;

use crate::cli;
use crate::clock::SystemDoor;
use crate::failure::Failure;
use crate::opened::{Opened, find_user, open_reader};

pub async fn run(command: cli::User) -> Result<ExitCode, Failure> {
    match command {
        cli::User::Add { name, country, database, rules } => {
            let opened = Opened::open(&database, &rules).await?;
            let ctx = opened.door.context();
            let signed_up = sign_up(&opened.services, &ctx, SignUp { name: name.clone(), country }).await?;
            let wallet = load(opened.services.store.reader(), signed_up.wallet).await?;
            println!("{name}: user {}, wallet {}", signed_up.user, signed_up.wallet);
            println!("balance {}", wallet.balance(ctx.now));
            println!("next: tare key create {name}");
            opened.close().await;
        }
        cli::User::List { database } => list(&open_reader(&database).await?).await?,
        cli::User::Show { name, database } => show(&open_reader(&database).await?, &name).await?,
    }
    Ok(ExitCode::SUCCESS)
}

const PAGE: u32 = 200;

async fn list(reader: &Reader) -> Result<(), Failure> {
    let now = SystemDoor::new().context().now;
    let mut after = None;
    loop {
        let page: Vec<UserRow> = reader.list_users(after, PAGE).await?;
        match (after, page.is_empty()) {
            (None, true) => println!("nobody yet. Add somebody: tare user add ana@example.com"),
            (None, false) => println!("{:<40} {:>20} {:>20}  WALLET", "NAME", "BALANCE", "AVAILABLE"),
            _ => {}
        }
        for user in &page {
            let wallet = load(reader, user.wallet).await?;
            println!("{:<40} {:>20} {:>20}  {}", user.name, wallet.balance(now), wallet.available(now), user.wallet);
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.id),
            _ => return Ok(()),
        }
    }
}

async fn show(reader: &Reader, name: &str) -> Result<(), Failure> {
    let now = SystemDoor::new().context().now;
    let user = find_user(reader, name).await?;
    let wallet = load(reader, user.wallet).await?;
    println!("{} ({}), wallet {}", user.name, user.id, user.wallet);
    println!("balance {}, held {}, available {}\n", wallet.balance(now), wallet.held(), wallet.available(now));
    show_grants(reader, &user, now).await?;
    show_charges(reader, &user).await
}

async fn show_grants(reader: &Reader, user: &UserRow, now: Instant) -> Result<(), Failure> {
    println!("{:<38} {:<12} {:>16} {:>16}  UNTIL", "GRANT", "SOURCE", "AMOUNT", "LEFT");
    for grant in reader.list_grants(user.wallet, None, PAGE).await? {
        let until = match grant.expires_at {
            Some(end) if end <= now => format!("{end} (expired)"),
            Some(end) => end.to_string(),
            None => "never".to_owned(),
        };
        println!("{} {:<12} {:>16} {:>16}  {until}", grant.id, grant.source.name(), grant.amount, grant.left);
    }
    Ok(())
}

/// How many charges a person looks at in a terminal.
const RECENT: u32 = 10;

async fn show_charges(reader: &Reader, user: &UserRow) -> Result<(), Failure> {
    let charges = reader.list_charges(user.wallet, None, RECENT).await?;
    if charges.is_empty() {
        return Ok(());
    }
    println!("\n{:<38} {:<28} {:>10} {:>10} {:>20}  WHEN", "CHARGE", "MODEL", "INPUT", "OUTPUT", "COST");
    for row in charges {
        let (model, input, output) = match &row.usage {
            Some(record) => (record.model.as_str(), record.usage.input.to_string(), record.usage.output.to_string()),
            None => ("", String::new(), String::new()),
        };
        let charge = &row.charge;
        println!("{} {model:<28} {input:>10} {output:>10} {:>20}  {}", charge.id, charge.cost.to_string(), charge.at);
    }
    Ok(())
}

async fn load(reader: &Reader, wallet: units::WalletId) -> Result<Wallet, Failure> {
    reader
        .load_wallet(wallet)
        .await?
        .ok_or_else(|| Failure::new(format!("{wallet} has a user but no books; run tare verify")))
}
