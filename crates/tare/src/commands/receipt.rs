//! `tare receipt`: receipts, and the keys that they are signed and checked with.

use std::path::Path;
use std::process::ExitCode;

use operations::receipt::{self, PublicKey, SignedReceipt};
use operations::{Door, Ids};
use store::Reader;
use units::{HoldId, WalletId};

use crate::cli::{self, DatabaseArgs, RulesArgs, SigningArgs};
use crate::clock::SystemDoor;
use crate::failure::Failure;
use crate::opened::{find_wallet, open_reader, read, read_rules};
use crate::receipt_key;

pub async fn run(command: cli::Receipt) -> Result<ExitCode, Failure> {
    match command {
        cli::Receipt::Show { charge, wallet, key, database, rules } => {
            show(charge, wallet.as_deref(), &key, &database, &rules).await
        }
        cli::Receipt::Verify { file, public_key } => verify(&file, &public_key),
        cli::Receipt::MakeKey { file } => {
            let ids = SystemDoor::new().context().ids;
            let key = receipt_key::make(&file, &Ids::secret(ids.as_ref()))?;
            println!("{}", key.public());
            eprintln!("{} holds the signing key; keep it as you keep a password.", file.display());
            Ok(ExitCode::SUCCESS)
        }
        cli::Receipt::PublicKey { key } => {
            let key = receipt_key::find(key.key_file.as_deref())?;
            let key =
                key.ok_or_else(|| Failure::new("name the signing key with --key-file, or set TARE_RECEIPT_KEY"))?;
            println!("{}", key.public());
            Ok(ExitCode::SUCCESS)
        }
    }
}

async fn show(
    charge: HoldId,
    wallet: Option<&str>,
    key: &SigningArgs,
    database: &DatabaseArgs,
    rules: &RulesArgs,
) -> Result<ExitCode, Failure> {
    let key = receipt_key::find(key.key_file.as_deref())?;
    let (_, prices) = read_rules(rules)?;
    let reader = open_reader(database).await?;
    let wallet = match wallet {
        Some(text) => find_wallet(&reader, text).await?,
        None => wallet_of(&reader, charge).await?,
    };
    let receipt = receipt::load(&reader, &prices, wallet, charge).await?;
    match key {
        Some(key) => println!("{}", serde_json::to_string_pretty(&SignedReceipt::sign(receipt, &key))?),
        None => {
            println!("{}", serde_json::to_string_pretty(&receipt)?);
            eprintln!("This is not signed. Make a key with `tare receipt make-key FILE` and name it with --key-file.");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Callers choose ids, so two wallets can have a charge of one id.
async fn wallet_of(reader: &Reader, charge: HoldId) -> Result<WalletId, Failure> {
    match reader.list_wallets_of_charge(charge, 2).await?.as_slice() {
        [wallet] => Ok(*wallet),
        [] => Err(Failure::new(format!("there is no charge {charge}. A hold that was not settled has no receipt"))),
        _ => Err(Failure::new(format!("several wallets have a charge {charge}; name one with --wallet"))),
    }
}

fn verify(file: &Path, key: &str) -> Result<ExitCode, Failure> {
    let text = match key.starts_with("tare-receipt-") {
        true => key.to_owned(),
        false => read(Path::new(key))?,
    };
    let key = PublicKey::parse(&text)?;
    let named = |error| Failure::new(format!("{}: {error}", file.display()));
    let receipt = SignedReceipt::check(&read(file)?, &key).map_err(named)?;
    println!("sound: signed by the key {}, and not changed since", key.id());
    let model = receipt.used.as_ref().map_or("no usage record", |used| used.model.as_str());
    println!("charge {} of {}, settled {}, {model}", receipt.charge, receipt.wallet, receipt.settled_at);
    println!("provider cost {}, debited {}, lost {}", receipt.provider_cost, receipt.debited, receipt.lost);
    for part in &receipt.paid_by {
        println!("  {} by {} ({})", part.amount, part.grant, part.source);
    }
    if let Some(root) = &receipt.root {
        println!("under the root of {}: {}", root.day, root.root);
    }
    Ok(ExitCode::SUCCESS)
}
