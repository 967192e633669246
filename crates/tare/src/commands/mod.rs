//! One command a file.

mod byok;
mod catalog;
mod demo;
mod demo_person;
mod demo_upstream;
mod demo_year;
mod doctor;
mod export;
mod grant;
mod invoice;
mod key;
mod keys;
mod operator;
mod organization;
mod pass;
mod receipt;
mod root;
mod serve;
mod service;
mod simulate;
mod user;
mod verify;
mod wallet;

use std::process::ExitCode;

use crate::cli::Command;
use crate::failure::Failure;

pub async fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(args) => serve::run(args).await,
        Command::Demo { folder: None, .. } => demo::run().await,
        Command::Demo { folder: Some(folder), days } => demo_year::run(&folder, days).await,
        Command::DemoUpstream { listen } => demo_upstream::run(listen).await,
        Command::Simulate(args) => simulate::run(args).await,
        Command::Verify { database } => verify::run(database).await,
        Command::Doctor(args) => doctor::run(args).await,
        Command::User(command) => user::run(command).await,
        Command::Wallet(command) => wallet::run(command).await,
        Command::Pass(command) => pass::run(command).await,
        Command::Invoice(command) => invoice::run(command).await,
        Command::Receipt(command) => receipt::run(command).await,
        Command::Root(args) => root::run(args).await,
        Command::Export(command) => export::run(command).await,
        Command::Grant(args) => grant::give(args).await,
        Command::Adjust(args) => grant::correct(args).await,
        Command::Suspend(args) => service::suspend(args).await,
        Command::Restore(args) => service::restore(args).await,
        Command::Key(command) => key::run(command).await,
        Command::Organization(command) => organization::run(command).await,
        Command::Operator(command) => operator::run(command).await,
        Command::Keys(command) => keys::run(command).await,
        Command::Byok(command) => byok::run(command).await,
        Command::Catalog(command) => catalog::run(command),
    }
}
