//! `tare key`: API keys.

use std::process::ExitCode;

use billing::SpendingLimit;
use operations::api_key::{CreateApiKey, create, revoke};
use operations::{Caller, Door};

use crate::cli;
use crate::failure::Failure;
use crate::opened::{Opened, find_organization, find_user, find_wallet, open_reader, wallet_of};
use crate::table::Table;

pub async fn run(command: cli::Key) -> Result<ExitCode, Failure> {
    match command {
        cli::Key::Create { name, label, expires, limit, per, org, database } => {
            let opened = Opened::open_existing(&database).await?;
            let reader = opened.services.store.reader();
            let user = find_user(reader, &name).await?;
            let wallet = match org {
                Some(organization) => wallet_of(reader, find_organization(reader, &organization).await?).await?,
                None => user.wallet,
            };
            let limit = limit.map(|amount| SpendingLimit { amount, period: per });
            let request = CreateApiKey { wallet, user: Some(user.id), name: label, expires_at: expires, limit };
            let created = create(&opened.services, &opened.door.context(), &Caller::Operator, request).await?;
            println!("{}", created.secret);
            eprintln!("This is {} of {}. It is shown only now; keep it safe.", created.id, user.name);
            opened.close().await;
        }
        cli::Key::List { name, database } => {
            let reader = open_reader(&database).await?;
            let wallet = find_wallet(&reader, &name).await?;
            let keys = reader.list_api_keys(wallet).await?;
            if keys.is_empty() {
                println!("{name} has no keys. Make one: tare key create {name}");
                return Ok(ExitCode::SUCCESS);
            }
            let mut table = Table::new(&["KEY", "NAME", "ENDS IN", ">LIMIT", "LAST USED", "STATE"]);
            for key in keys {
                let state = match (key.revoked_at, key.expires_at) {
                    (Some(at), _) => format!("revoked {at}"),
                    (None, Some(end)) => format!("until {end}"),
                    (None, None) => "in use".to_owned(),
                };
                let limit = key.limit.map_or("none".to_owned(), |limit| {
                    format!("{} a {}", limit.amount, limit.period.name()).replace("a total", "in total")
                });
                let used = key.last_used_at.map_or("never".to_owned(), |at| at.to_string());
                table.row([key.id.to_string(), key.name, format!("...{}", key.last4), limit, used, state]);
            }
            table.print();
        }
        cli::Key::Revoke { key, database } => {
            let opened = Opened::open_existing(&database).await?;
            revoke(&opened.services, &opened.door.context(), &Caller::Operator, key).await?;
            println!("{key} is revoked");
            opened.close().await;
        }
    }
    Ok(ExitCode::SUCCESS)
}
