//! `tare operator`: who may run this server from a browser.

use std::process::ExitCode;

use operations::operator::{appoint, dismiss};
use operations::{Caller, Door};

use crate::cli;
use crate::failure::Failure;
use crate::opened::{Opened, find_user, open_reader};

pub async fn run(command: cli::Operator) -> Result<ExitCode, Failure> {
    match command {
        cli::Operator::Add { name, database } => {
            let opened = Opened::open_existing(&database).await?;
            let user = find_user(opened.services.store.reader(), &name).await?;
            appoint(&opened.services, &opened.door.context(), &Caller::Operator, user.id).await?;
            println!("{name} runs this server");
            opened.close().await;
        }
        cli::Operator::Remove { name, database } => {
            let opened = Opened::open_existing(&database).await?;
            let user = find_user(opened.services.store.reader(), &name).await?;
            dismiss(&opened.services, &opened.door.context(), &Caller::Operator, user.id).await?;
            println!("{name} does not run this server");
            opened.close().await;
        }
        cli::Operator::List { database } => {
            let operators = open_reader(&database).await?.list_operators().await?;
            if operators.is_empty() {
                println!("nobody yet. Let somebody: tare operator add ana@example.com");
            }
            operators.iter().for_each(|user| println!("{}", user.name));
        }
    }
    Ok(ExitCode::SUCCESS)
}
