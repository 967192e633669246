//! `tare receipt` and `tare root`: what can be shown to somebody outside.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use units::{Day, HoldId};

use super::{DatabaseArgs, RulesArgs};

/// `tare receipt`.
#[derive(Subcommand)]
pub enum Receipt {
    /// The receipt of a charge: tokens, prices, cost, who paid, where it stands in the journal.
    #[command(after_help = "Examples:
  tare receipt show hld_01a204236afe73edba65de5ca814b58f
  tare receipt show hld_01a204236afe73edba65de5ca814b58f --key-file receipts.key > receipt.json
  TARE_RECEIPT_KEY=$(cat receipts.key) tare receipt show hld_01a204236afe73edba65de5ca814b58f

Without a key it is printed unsigned. The key is made with `tare receipt make-key`.")]
    Show {
        /// The charge, by the id of its hold.
        charge: HoldId,
        /// Whose: a name or the id of a wallet. Quicker where there are very many wallets.
        #[arg(long, value_name = "NAME|WALLET")]
        wallet: Option<String>,
        /// The key to sign with.
        #[command(flatten)]
        key: SigningArgs,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
        /// Whose prices to name.
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// Check a receipt with the public key alone; exit 1 when anything in it was changed.
    #[command(after_help = "Examples:
  tare receipt verify receipt.json --public-key tare-receipt-public-1:3d40...
  tare receipt verify receipt.json --public-key receipts.pub")]
    Verify {
        /// The receipt.
        file: PathBuf,
        /// The public key, or a file that holds it.
        #[arg(long, value_name = "KEY|FILE")]
        public_key: String,
    },
    /// Make a key to sign receipts with, in a new file that only its owner can read.
    #[command(after_help = "Example:
  tare receipt make-key receipts.key

It prints the public key, for whoever wants to check receipts. Name the file with --key-file, or put what
stands in it into the environment as TARE_RECEIPT_KEY.")]
    MakeKey {
        /// The file to make.
        file: PathBuf,
    },
    /// Print the public key that belongs to a signing key.
    #[command(after_help = "Example:
  tare receipt public-key --key-file receipts.key > receipts.pub")]
    PublicKey {
        /// The signing key.
        #[command(flatten)]
        key: SigningArgs,
    },
}

/// Where a signing key is.
#[derive(Args, Clone)]
pub struct SigningArgs {
    /// The file of the signing key; TARE_RECEIPT_KEY in the environment holds the key itself.
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
}

/// `tare root`.
#[derive(Args)]
pub struct Root {
    /// The root of this day; the latest one when absent.
    #[arg(long, value_name = "DAY")]
    pub day: Option<Day>,
    /// Print a proof that the journal of this wallet ended so in the root.
    #[arg(long, value_name = "NAME|WALLET", conflicts_with = "check")]
    pub prove: Option<String>,
    /// Check a proof, without the books.
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
    /// The root that was published, to check the proof against.
    #[arg(long, value_name = "HASH", requires = "check")]
    pub root: Option<String>,
    /// Answer with JSON.
    #[arg(long)]
    pub json: bool,
    /// Where the books are.
    #[command(flatten)]
    pub database: DatabaseArgs,
}
