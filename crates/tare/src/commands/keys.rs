//! `tare keys`: the master keys that provider keys are sealed under.

use std::process::ExitCode;
use std::time::Duration;

use operations::byok::{rewrap, verify};
use operations::{Door, Services};
use store::{Fault, Reader, Store};
use tokio::time::sleep;
use units::Instant;

use crate::cli::{self, DatabaseArgs};
use crate::clock::SystemDoor;
use crate::failure::Failure;
use crate::master_keys::{MasterKeysArgs, add_to};
use crate::opened::{explain, open_reader, parse, read_rules};

/// How often the rows under older keys are counted while a server moves them.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// A server looks at its file every few seconds; one that has done nothing for so long does not have this file.
const PATIENCE: u32 = 30;

pub async fn run(command: cli::Keys) -> Result<ExitCode, Failure> {
    match command {
        cli::Keys::New { file, name } => {
            let ctx = SystemDoor::new().context();
            let name = name.unwrap_or_else(|| name_at(ctx.now));
            add_to(&file, &name, ctx.ids.secret())?;
            println!(
                "{}: the master key {name} seals from now on; keep a copy of the file in a safe place",
                file.display()
            );
            println!("next: tare keys rotate --master-keys {}", file.display());
        }
        cli::Keys::List { master_keys, database } => list(&master_keys, &database).await?,
        cli::Keys::Rotate { master_keys, database } => rotate(&master_keys, &database).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Such as `k20261125T230159`: later ones sort behind.
fn name_at(now: Instant) -> String {
    let text = now.to_string();
    let plain: String = text.chars().take_while(|letter| *letter != '.' && *letter != 'Z').collect();
    format!("k{}", plain.replace(['-', ':'], ""))
}

async fn list(master_keys: &MasterKeysArgs, database: &DatabaseArgs) -> Result<(), Failure> {
    let masters = master_keys.require()?;
    let mut used = open_reader(database).await?.count_byok_keys().await?;
    println!("{:<24} {:>8}  STATE", "MASTER KEY", "KEYS");
    for name in masters.names() {
        let place = used.iter().position(|(other, _)| other == name);
        let count = place.map_or(0, |place| used.remove(place).1);
        let state = match (name == masters.current().name(), count) {
            (true, _) => "seals",
            (false, 0) => "not needed any more; its line can go",
            (false, _) => "opens; tare keys rotate moves them",
        };
        println!("{name:<24} {count:>8}  {state}");
    }
    for (name, count) in used {
        println!("{name:<24} {count:>8}  MISSING: these keys cannot be opened");
    }
    Ok(())
}

async fn rotate(master_keys: &MasterKeysArgs, database: &DatabaseArgs) -> Result<(), Failure> {
    let masters = master_keys.require()?;
    let current = masters.current().name().to_owned();
    let reader = open_reader(database).await?;
    let place = parse(database)?;
    match Store::open(&place).await {
        Ok(store) => {
            let (catalog, prices) = read_rules(&cli::RulesArgs { catalog: None, prices: Vec::new() })?;
            let services = Services::new(store, catalog, prices);
            services.keyring.put(masters);
            verify(&services).await?;
            let count = rewrap(&services, &SystemDoor::new().context(), |_| {}).await?;
            println!("{count} provider keys were moved under {current}");
            services.store.close().await;
        }
        Err(Fault::InUse(_)) => wait_for_server(&reader, &current).await?,
        Err(fault) => return Err(explain(&place, fault)),
    }
    println!("next: tare keys list, and take the lines of keys that are not needed any more out of the file");
    Ok(())
}

/// The server that owns the file reads its master keys again when they change, and moves the rows itself.
async fn wait_for_server(reader: &Reader, current: &str) -> Result<(), Failure> {
    let (mut left, mut idle) = (u64::MAX, 0);
    loop {
        let counts = reader.count_byok_keys().await?;
        let now = counts.iter().filter(|(name, _)| name != current).map(|(_, count)| count).sum();
        if now == 0 {
            println!("the running server has moved every provider key under {current}");
            return Ok(());
        }
        idle = if now < left { 0 } else { idle + 1 };
        if idle > PATIENCE {
            return Err(Failure::new(format!(
                "the running server leaves {now} provider keys under older master keys: does it read this file? Start it with --master-keys"
            )));
        }
        left = now;
        sleep(LOOK_EVERY).await;
    }
}
