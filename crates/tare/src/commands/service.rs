//! `tare suspend` and `tare restore`: the service of a wallet, by an operator's hand.

use std::process::ExitCode;

use operations::operator::{self, Service};
use operations::{Caller, Door};
use units::WalletId;

use crate::cli;
use crate::failure::Failure;
use crate::opened::{Opened, find_wallet, open_reader};

pub async fn suspend(args: cli::Service) -> Result<ExitCode, Failure> {
    let (opened, wallet) = open(&args).await?;
    let (services, context) = (&opened.services, opened.door.context());
    tell(&args, &operator::suspend(services, &context, &Caller::Operator, wallet, &args.reason).await?);
    opened.close().await;
    Ok(ExitCode::SUCCESS)
}

pub async fn restore(args: cli::Service) -> Result<ExitCode, Failure> {
    let (opened, wallet) = open(&args).await?;
    let (services, context) = (&opened.services, opened.door.context());
    tell(&args, &operator::restore(services, &context, &Caller::Operator, wallet, None, &args.reason).await?);
    opened.close().await;
    Ok(ExitCode::SUCCESS)
}

async fn open(args: &cli::Service) -> Result<(Opened, WalletId), Failure> {
    open_reader(&args.database).await?;
    let opened = Opened::open(&args.database, &args.rules).await?;
    let wallet = find_wallet(opened.services.store.reader(), &args.name).await?;
    Ok((opened, wallet))
}

fn tell(cli::Service { name, .. }: &cli::Service, service: &Service) {
    match &service.suspension {
        Some(row) => println!("{name}: suspended by hand since {}: {}", row.since, row.reason),
        None if service.goes_on() => println!("{name}: served"),
        None => println!("{name}: not suspended by hand; {} for what it owes", service.owes.name()),
    }
}
