//! Provider keys, and the master keys that seal them.

use std::path::PathBuf;

use clap::Subcommand;
use units::ByokKeyId;

use super::DatabaseArgs;
use crate::master_keys::MasterKeysArgs;

/// `tare keys`.
#[derive(Subcommand)]
pub enum Keys {
    /// Put a new master key first in a file, which is made when it is missing. From then on it seals.
    #[command(after_help = "Example:
  tare keys new master.keys")]
    New {
        /// The file.
        file: PathBuf,
        /// What to call the key; by the time of day when absent.
        #[arg(long)]
        name: Option<String>,
    },
    /// Say which master keys are in use.
    #[command(after_help = "Example:
  tare keys list --master-keys master.keys")]
    List {
        /// The keys.
        #[command(flatten)]
        master_keys: MasterKeysArgs,
        /// Where the provider keys are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Move every provider key under the first master key of the file. Servers go on meanwhile, and so does a
    /// rotation that was interrupted.
    #[command(after_help = "Example:
  tare keys rotate --master-keys master.keys --database postgres://tare@127.0.0.1/tare")]
    Rotate {
        /// The keys.
        #[command(flatten)]
        master_keys: MasterKeysArgs,
        /// Where the provider keys are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
}

/// `tare byok`.
#[derive(Subcommand)]
pub enum Byok {
    /// Keep a provider's key, which is read from the standard input. The provider is asked whether it takes it.
    #[command(after_help = "Example:
  tare byok add ana@example.com openai --config tare.toml --master-keys master.keys < key.txt")]
    Add {
        /// Whose: the name of a person or an organization, or an organization's id.
        holder: String,
        /// For which upstream, by its name in the settings.
        provider: String,
        /// What to call it.
        #[arg(long, default_value = "command line")]
        label: String,
        /// Settings with the upstreams.
        #[arg(long, env = "TARE_CONFIG", value_name = "FILE")]
        config: Option<PathBuf>,
        /// The keys to seal it under.
        #[command(flatten)]
        master_keys: MasterKeysArgs,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// List somebody's provider keys.
    #[command(after_help = "Example:
  tare byok list ana@example.com")]
    List {
        /// Whose: the name of a person or an organization, or an organization's id.
        holder: String,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Forget a provider's key.
    #[command(after_help = "Example:
  tare byok delete ana@example.com byk_01a204236afe73edba65de5ca814b58f")]
    Delete {
        /// Whose: the name of a person or an organization, or an organization's id.
        holder: String,
        /// Its id, as `tare byok list` shows it.
        key: ByokKeyId,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
}
