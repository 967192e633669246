//! `tare key`: API keys.

use std::process::ExitCode;

use operations::api_key::{CreateApiKey, create, revoke};
use operations::{Caller, Door};

use crate::cli;
use crate::failure::Failure;
use crate::opened::{Opened, find_user, open_reader};

pub async fn run(command: cli::Key) -> Result<ExitCode, Failure> {
    match command {
        cli::Key::Create { name, label, expires, database } => {
            let opened = Opened::open_existing(&database).await?;
            let user = find_user(opened.services.store.reader(), &name).await?;
            let request = CreateApiKey {
                wallet: user.wallet,
                user: Some(user.id),
                name: label,
                expires_at: expires,
                limit: None,
            };
            let created = create(&opened.services, &opened.door.context(), &Caller::Operator, request).await?;
            println!("{}", created.secret);
            eprintln!("This is {} of {}. It is shown only now; keep it safe.", created.id, user.name);
            opened.close().await;
        }
        cli::Key::List { name, database } => {
            let reader = open_reader(&database).await?;
            let user = find_user(&reader, &name).await?;
            let keys = reader.list_api_keys(user.wallet).await?;
            if keys.is_empty() {
                println!("{name} has no keys. Make one: tare key create {name}");
                return Ok(ExitCode::SUCCESS);
            }
            println!("{:<38} {:<24} {:<12} STATE", "KEY", "NAME", "ENDS IN");
            for key in keys {
                let state = match (key.revoked_at, key.expires_at) {
                    (Some(at), _) => format!("revoked {at}"),
                    (None, Some(end)) => format!("until {end}"),
                    (None, None) => "in use".to_owned(),
                };
                println!("{} {:<24} {:<12} {state}", key.id, key.name, format!("...{}", key.last4));
            }
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
