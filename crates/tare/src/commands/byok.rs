//! `tare byok`: provider keys of a person or an organization.

use std::io::Read;
use std::process::ExitCode;

use connectors::upstream::Upstreams;
use operations::byok::{self, AddByokKey, ProviderKey};
use operations::{Caller, Door};

use crate::cli;
use crate::failure::Failure;
use crate::opened::{Opened, find_wallet};
use crate::settings::Settings;

pub async fn run(command: cli::Byok) -> Result<ExitCode, Failure> {
    match command {
        cli::Byok::Add { holder, provider, label, config, master_keys, database } => {
            let settings = Settings::read(config.as_deref())?;
            let upstreams = Upstreams::new(settings.upstreams.clone())?;
            let opened = Opened::open_existing(&database).await?;
            opened.services.keyring.put(master_keys.require()?);
            let wallet = find_wallet(opened.services.store.reader(), &holder).await?;
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            let request = AddByokKey { wallet, provider, name: label, key: ProviderKey::new(text)? };
            let ctx = opened.door.context();
            let added = byok::add(&opened.services, &upstreams, &ctx, &Caller::Operator, request).await?;
            println!("{}", added.id);
            eprintln!("The key for {} that ends in {} is kept; it cannot be shown again.", added.provider, added.last4);
            opened.close().await;
        }
        cli::Byok::List { holder, database } => {
            let opened = Opened::open_existing(&database).await?;
            let wallet = find_wallet(opened.services.store.reader(), &holder).await?;
            println!("{:<38} {:<16} {:<24} {:<12} SINCE", "KEY", "PROVIDER", "NAME", "ENDS IN");
            for key in byok::list(&opened.services, &Caller::Operator, wallet).await? {
                let ends = format!("...{}", key.last4);
                println!("{} {:<16} {:<24} {ends:<12} {}", key.id, key.provider, key.name, key.created_at);
            }
            opened.close().await;
        }
        cli::Byok::Delete { holder, key, database } => {
            let opened = Opened::open_existing(&database).await?;
            let wallet = find_wallet(opened.services.store.reader(), &holder).await?;
            byok::delete(&opened.services, &opened.door.context(), &Caller::Operator, wallet, key).await?;
            println!("{key} is gone; requests spend credits again");
            opened.close().await;
        }
    }
    Ok(ExitCode::SUCCESS)
}
