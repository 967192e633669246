//! `tare root`: the daily root, and proofs for single wallets.

use std::process::ExitCode;

use operations::root::{self, Checked};

use crate::cli;
use crate::failure::Failure;
use crate::opened::{find_wallet, open_reader, read};

pub async fn run(args: cli::Root) -> Result<ExitCode, Failure> {
    if let Some(file) = &args.check {
        let named = |error| Failure::new(format!("{}: {error}", file.display()));
        return check(root::check(&read(file)?).map_err(named)?, args.root.as_deref());
    }
    let reader = open_reader(&args.database).await?;
    if let Some(name) = &args.prove {
        let wallet = find_wallet(&reader, name).await?;
        let proof = root::prove(&reader, wallet, args.day).await?;
        println!("{}", serde_json::to_string_pretty(&proof)?);
        return Ok(ExitCode::SUCCESS);
    }
    let root = root::latest(&reader, args.day).await?;
    match args.json {
        true => println!("{}", serde_json::to_string_pretty(&root)?),
        false => println!("{}  {}  {} wallets, made {}", root.day, root.root, root.wallets, root.made_at),
    }
    Ok(ExitCode::SUCCESS)
}

fn check(checked: Checked, published: Option<&str>) -> Result<ExitCode, Failure> {
    let proof = match checked {
        Checked::Sound(proof) => proof,
        Checked::Elsewhere(found) => {
            let found = found.unwrap_or_else(|| "no root of such a tree".to_owned());
            return Err(Failure::new(format!("the proof leads to {found}, not to the root that it names")));
        }
    };
    match published {
        Some(root) if root != proof.root => {
            return Err(Failure::new(format!("the proof leads to {}, and {root} was published", proof.root)));
        }
        Some(_) => println!("sound: it leads to the root that was published"),
        None => println!("sound in itself: compare the root with the one that was published"),
    }
    println!("{} ended with entry {}, seal {}", proof.wallet, proof.seq, proof.seal);
    println!("in the root of {}: {}", proof.day, proof.root);
    Ok(ExitCode::SUCCESS)
}
