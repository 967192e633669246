//! `tare grant` and `tare adjust`: credits by an operator's hand.

use std::process::ExitCode;

use ledger::Source;
use operations::Door;
use operations::grant::{AdjustWallet, IssueGrant};
use operations::{Caller, operator};

use crate::cli;
use crate::failure::Failure;
use crate::opened::{Opened, find_wallet};

pub async fn give(args: cli::Grant) -> Result<ExitCode, Failure> {
    let opened = Opened::open_existing(&args.database).await?;
    let wallet = find_wallet(opened.services.store.reader(), &args.name).await?;
    let request = IssueGrant {
        wallet,
        source: Source::Operator,
        amount: args.amount,
        paid: !args.free,
        expires: args.expires.into(),
        key: args.key,
    };
    let (context, reason) = (opened.door.context(), "given on the command line");
    let granted = operator::give(&opened.services, &context, &Caller::Operator, request, reason).await?;
    println!("{}: granted {} as {}; available {}", args.name, args.amount, granted.grant, granted.available);
    opened.close().await;
    Ok(ExitCode::SUCCESS)
}

pub async fn correct(args: cli::Adjust) -> Result<ExitCode, Failure> {
    let opened = Opened::open_existing(&args.database).await?;
    let wallet = find_wallet(opened.services.store.reader(), &args.name).await?;
    let request = AdjustWallet { wallet, amount: args.amount, reason: args.reason, key: args.key };
    let context = opened.door.context();
    let adjusted = operator::adjust(&opened.services, &context, &Caller::Operator, request).await?;
    println!("{}: adjusted by {}; available {}", args.name, adjusted.amount, adjusted.available);
    opened.close().await;
    Ok(ExitCode::SUCCESS)
}
