//! `tare catalog`: check rules, and turn community price lists into price files.

use std::process::ExitCode;

use billing::import::{litellm, openrouter};
use operations::Door;

use crate::cli::{self, ImportFormat, RulesArgs};
use crate::clock::SystemDoor;
use crate::failure::Failure;
use crate::opened::{read, read_rules};

pub fn run(command: cli::Catalog) -> Result<ExitCode, Failure> {
    match command {
        cli::Catalog::Check { rules } => check(&rules),
        cli::Catalog::Import(args) => import(args),
    }
}

fn check(rules: &RulesArgs) -> Result<ExitCode, Failure> {
    let (catalog, prices) = read_rules(rules)?;
    print!("{}", billing::check::report(&catalog, &prices, SystemDoor::new().context().now));
    Ok(ExitCode::SUCCESS)
}

fn import(args: cli::Import) -> Result<ExitCode, Failure> {
    let text = read(&args.file)?;
    let read_on = args.read_on.unwrap_or_else(|| SystemDoor::new().context().now.day());
    let imported = match args.format {
        ImportFormat::Litellm => litellm(&text, read_on),
        ImportFormat::Openrouter => openrouter(&text, read_on),
    };
    let imported = imported.map_err(|error| Failure::new(format!("{}: {error}", args.file.display())))?;
    let files = imported.to_toml();
    match &args.out {
        None => files.values().for_each(|text| print!("{text}")),
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            for (provider, text) in &files {
                std::fs::write(folder.join(format!("{provider}.toml")), text)?;
            }
            println!("wrote {} files to {}; use them with --prices", files.len(), folder.display());
        }
    }
    eprint!("{imported}");
    Ok(ExitCode::SUCCESS)
}
