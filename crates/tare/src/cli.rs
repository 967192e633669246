//! The command line: what can be said, with examples.

mod export;
mod hand;
mod invoice;
mod operator;
mod organization;
mod pass;
mod receipt;
mod sealing;
mod wallet;

pub use export::{BookFormat, Export};
pub use hand::{Adjust, Grant, Service};
pub use invoice::{DocumentKind, Invoice, ListInvoices};
pub use operator::Operator;
pub use organization::{Organization, OrganizationArgs};
pub use pass::Pass;
pub use receipt::{Receipt, Root, SigningArgs};
pub use sealing::{Byok, Keys};
pub use wallet::Wallet;

use std::net::SocketAddr;
use std::path::PathBuf;

use billing::LimitPeriod;
use clap::{Args, Parser, Subcommand};
use units::{Amount, ApiKeyId, Instant};

use crate::master_keys::MasterKeysArgs;
use crate::printer::PrinterArgs;
use crate::processor::ProcessorName;
use crate::settings::read_address;

/// Credits and billing for AI products: what a request costs is what the wallet pays, to the last digit.
#[derive(Parser)]
#[command(name = "tare", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "Examples:
  tare serve --demo                everything on this machine, with a model that costs nothing
  tare demo                        the life of one request, told on the terminal
  tare user add ana@example.com    a person with a wallet and the welcome grant
  tare key create ana@example.com  an API key for her
  tare verify                      recompute every balance from the journal

`tare COMMAND --help` says more about each.";

/// Which database a command works on.
#[derive(Args, Clone)]
pub struct DatabaseArgs {
    /// A SQLite file or a postgres:// address.
    #[arg(long, env = "TARE_DATABASE", hide_env_values = true, default_value = "tare.db", value_name = "FILE|URL")]
    pub database: String,
}

/// Which rules a command works by.
#[derive(Args, Clone)]
pub struct RulesArgs {
    /// A catalog that changes some of the defaults.
    #[arg(long, env = "TARE_CATALOG", value_name = "FILE")]
    pub catalog: Option<PathBuf>,
    /// A price file on top of the built-in prices; may be given several times.
    #[arg(long, value_name = "FILE")]
    pub prices: Vec<PathBuf>,
}

/// What `tare` can do.
#[derive(Subcommand)]
pub enum Command {
    /// Run the gateway.
    #[command(after_help = "Examples:
  tare serve --demo
  tare serve --config tare.toml --database postgres://tare@db/tare
  tare serve --config tare.toml --invoice-template invoice.typ")]
    Serve(Serve),
    /// Tell the life of one request on the terminal, with exact numbers; or fill a folder with a year of life.
    #[command(after_help = "Examples:
  tare demo
  tare demo year/
  tare serve --demo --database year/tare.db

Without a folder it works on a database of its own, which is gone afterwards. With one, people and organizations live
a year there on a clock that ends now: purchases, top-ups, usage, invoices, refunds.")]
    Demo {
        /// Where the year is kept; a new folder.
        #[arg(value_name = "DIR")]
        folder: Option<PathBuf>,
        /// How many days are lived.
        #[arg(long, requires = "folder", default_value_t = 365, value_parser = clap::value_parser!(u32).range(30..=365))]
        days: u32,
    },
    /// Run the built-in model provider alone: deterministic answers, faults on demand, a ledger of its own.
    #[command(after_help = "Examples:
  tare demo-upstream --listen 127.0.0.1:8788
  curl http://127.0.0.1:8788/_truth/sum")]
    DemoUpstream {
        /// Where to listen.
        #[arg(long, default_value = "127.0.0.1:8788", value_name = "ADDRESS:PORT", value_parser = read_address)]
        listen: SocketAddr,
    },
    /// Play a story on a virtual clock; exit 1 when it does not go as told.
    #[command(after_help = "Examples:
  tare simulate scenarios/exact-cost.toml
  tare simulate story.toml --json
  tare simulate story.toml --database postgres://tare@127.0.0.1/postgres")]
    Simulate(Simulate),
    /// Recompute every balance, hold, charge and rollup from the journal and compare; exit 1 at a difference.
    #[command(after_help = "Examples:
  tare verify
  tare verify --database postgres://tare@127.0.0.1/tare

It only reads, also while a server runs.")]
    Verify {
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// Check that everything the server needs is there, and say what to do where it is not.
    #[command(after_help = "Examples:
  tare doctor
  tare doctor --config tare.toml --database postgres://tare@127.0.0.1/tare")]
    Doctor(Doctor),
    /// People and their wallets.
    #[command(
        subcommand,
        after_help = "Examples:
  tare user add ana@example.com --country DE
  tare user list
  tare user show ana@example.com"
    )]
    User(User),
    /// What is in a wallet, and why: balances, grants, charges and entries, now and in the past.
    #[command(
        subcommand,
        after_help = "Examples:
  tare wallet show ana@example.com --at 2026-10-31T23:59:59Z
  tare wallet why ana@example.com"
    )]
    Wallet(Wallet),
    /// The subscriptions of people.
    #[command(
        subcommand,
        after_help = "Examples:
  tare pass show ana@example.com
  tare pass show ana@example.com --json"
    )]
    Pass(Pass),
    /// Invoices and credit notes.
    #[command(
        subcommand,
        after_help = "Examples:
  tare invoice list --wallet ana@example.com
  tare invoice pdf 2026-000001"
    )]
    Invoice(Invoice),
    /// Signed receipts of single charges, and the keys for them.
    #[command(
        subcommand,
        after_help = "Examples:
  tare receipt make-key receipts.key > receipts.pub
  tare receipt show hld_01a204236afe73edba65de5ca814b58f --key-file receipts.key > receipt.json
  tare receipt verify receipt.json --public-key receipts.pub"
    )]
    Receipt(Receipt),
    /// The daily root: one hash over all journals, to be published, and proofs of single journals in it.
    #[command(after_help = "Examples:
  tare root
  tare root --day 2026-10-31 --json
  tare root --day 2026-10-31 --prove ana@example.com > proof.json
  tare root --check proof.json --root 5c1f...

A server makes the root of a day soon after it has ended, in UTC.")]
    Root(Root),
    /// The books as plain-text accounting, and usage as CSV.
    #[command(
        subcommand,
        after_help = "Examples:
  tare export journal --format hledger --out 2026.journal
  tare export usage --from 2026-10-01 --to 2026-11-01 --out october.csv"
    )]
    Export(Export),
    /// Give credits to somebody.
    #[command(
        after_help = "Examples:
  tare grant ana@example.com 20
  tare grant ana@example.com 5 --free --expires 2027-01-31T00:00:00Z --key spring-gift-ana",
        allow_negative_numbers = true
    )]
    Grant(Grant),
    /// Correct a balance: a signed amount with a reason.
    #[command(
        after_help = "Examples:
  tare adjust ana@example.com 2.50 --reason 'sorry for the outage'
  tare adjust ana@example.com -1 --reason 'granted twice'",
        allow_negative_numbers = true
    )]
    Adjust(Adjust),
    /// Suspend a wallet by hand: no request of it is served, until it is restored.
    #[command(after_help = "Examples:
  tare suspend ana@example.com --reason 'your key was found in public; write to us'
  tare suspend Acme --reason 'payments by a stolen card'

The holder reads the reason. What is due can be paid, and that does not end it.")]
    Suspend(Service),
    /// End a suspension by hand. What is due is due as before.
    #[command(after_help = "Example:
  tare restore ana@example.com --reason 'the key is revoked'")]
    Restore(Service),
    /// API keys.
    #[command(
        subcommand,
        after_help = "Examples:
  tare key create ana@example.com --label laptop
  tare key list ana@example.com
  tare key revoke key_01a204236afe73edba65de5ca814b58f"
    )]
    Key(Key),
    /// Organizations, their members and seats.
    #[command(
        subcommand,
        name = "org",
        after_help = "Examples:
  tare org create Acme --owner ana@example.com
  tare org invite Acme bob@example.com --role admin
  tare org show Acme"
    )]
    Organization(Organization),
    /// Who may run this server from a browser.
    #[command(
        subcommand,
        after_help = "Examples:
  tare operator add ana@example.com
  tare operator list"
    )]
    Operator(Operator),
    /// The master keys that provider keys are sealed under.
    #[command(
        subcommand,
        after_help = "Examples:
  tare keys new master.keys
  tare keys rotate --master-keys master.keys
  tare keys list --master-keys master.keys

On several servers, give each the file with both keys before you rotate."
    )]
    Keys(Keys),
    /// Provider keys of a person or an organization: their requests go out with them and cost no credits.
    #[command(
        subcommand,
        after_help = "Examples:
  tare byok add ana@example.com openai --config tare.toml --master-keys master.keys < key.txt
  tare byok list ana@example.com
  tare byok delete ana@example.com byk_01a204236afe73edba65de5ca814b58f"
    )]
    Byok(Byok),
    /// The catalog and the price book.
    #[command(
        subcommand,
        after_help = "Examples:
  tare catalog check --catalog mine.toml
  tare catalog import --format openrouter models.json --out prices/"
    )]
    Catalog(Catalog),
}

/// `tare serve`.
#[derive(Args)]
pub struct Serve {
    /// Where the books are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// By which rules.
    #[command(flatten)]
    pub rules: RulesArgs,
    /// Settings: where to listen and the upstreams.
    #[arg(long, env = "TARE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where to listen; 127.0.0.1:8787 unless the settings say otherwise.
    #[arg(long, value_name = "ADDRESS:PORT", value_parser = read_address)]
    pub listen: Option<SocketAddr>,
    /// Who takes payments. The keys of Stripe stand in the environment: STRIPE_API_KEY and STRIPE_WEBHOOK_SECRET, unless
    /// the settings name other variables.
    #[arg(long, env = "TARE_PROCESSOR", value_enum, default_value_t)]
    pub processor: ProcessorName,
    /// The master keys of provider keys.
    #[command(flatten)]
    pub master_keys: MasterKeysArgs,
    /// The file of the key that receipts are signed with; TARE_RECEIPT_KEY in the environment may hold the key itself.
    /// Without one no receipt is handed out. `tare receipt make-key FILE` makes one.
    #[arg(long, env = "TARE_RECEIPT_KEY_FILE", value_name = "FILE")]
    pub receipt_key: Option<PathBuf>,
    /// How invoices are printed.
    #[command(flatten)]
    pub printer: PrinterArgs,
    /// Start the built-in model provider too, with a person, a key and a line to try.
    #[arg(long)]
    pub demo: bool,
}

/// `tare simulate`.
#[derive(Args)]
pub struct Simulate {
    /// The story.
    pub file: PathBuf,
    /// Print one JSON object instead of a timeline.
    #[arg(long)]
    pub json: bool,
    /// Play on a PostgreSQL server: a scratch database is made there and dropped afterwards.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

/// `tare doctor`.
#[derive(Args)]
pub struct Doctor {
    /// Where the books are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// By which rules.
    #[command(flatten)]
    pub rules: RulesArgs,
    /// The settings of the server.
    #[arg(long, env = "TARE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// `tare user`.
#[derive(Subcommand)]
pub enum User {
    /// Create a person with a wallet and the welcome grant.
    #[command(after_help = "Examples:
  tare user add ana@example.com
  tare user add ana@example.com --country DE --database postgres://tare@127.0.0.1/tare")]
    Add {
        /// Mail address or another unique name.
        name: String,
        /// Two-letter country, for invoices.
        #[arg(long)]
        country: Option<String>,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
        /// By which rules.
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// List people with their balances.
    #[command(after_help = "Example:
  tare user list")]
    List {
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// One person: balance, grants with what is left, the last charges.
    #[command(after_help = "Example:
  tare user show ana@example.com")]
    Show {
        /// Mail address or name.
        name: String,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
}

/// `tare key`.
#[derive(Subcommand)]
pub enum Key {
    /// Make a key. It is shown once.
    #[command(after_help = "Examples:
  tare key create ana@example.com --label laptop
  KEY=$(tare key create ana@example.com --expires 2027-01-31T00:00:00Z)
  tare key create ana@example.com --org Acme --limit 5 --per day")]
    Create {
        /// For whom: mail address or name.
        name: String,
        /// What to call it.
        #[arg(long, default_value = "command line")]
        label: String,
        /// From when it is refused.
        #[arg(long)]
        expires: Option<Instant>,
        /// The most that it may spend, in dollars.
        #[arg(long)]
        limit: Option<Amount>,
        /// In which period: day, month or total.
        #[arg(long, default_value = "month", value_name = "PERIOD", requires = "limit")]
        per: LimitPeriod,
        /// For the credits of this organization: its id, or its name when no other has it.
        #[arg(long, value_name = "ORGANIZATION")]
        org: Option<String>,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// List somebody's keys.
    #[command(after_help = "Example:
  tare key list ana@example.com")]
    List {
        /// Whose: mail address or name of a person, id or name of an organization.
        name: String,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// End a key at once.
    #[command(after_help = "Example:
  tare key revoke key_01a204236afe73edba65de5ca814b58f")]
    Revoke {
        /// Its id, as `tare key list` shows it.
        key: ApiKeyId,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
}

/// `tare catalog`.
#[derive(Subcommand)]
pub enum Catalog {
    /// Check a catalog and price files and say what stands in them.
    #[command(after_help = "Examples:
  tare catalog check
  tare catalog check --catalog mine.toml --prices openai.toml")]
    Check {
        /// What to check.
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// Turn a community price list into price files of ours.
    #[command(after_help = "Examples:
  tare catalog import --format litellm model_prices_and_context_window.json --out prices/
  tare catalog import --format openrouter models.json --read-on 2026-11-01 --out prices/")]
    Import(Import),
}

/// `tare catalog import`.
#[derive(Args)]
pub struct Import {
    /// Who keeps the list.
    #[arg(long, value_enum)]
    pub format: ImportFormat,
    /// The list, as a JSON file.
    pub file: PathBuf,
    /// The day on which the list was read, such as 2026-11-01; its prices count from then on. Today when absent.
    #[arg(long)]
    pub read_on: Option<units::Day>,
    /// Where to write; to the terminal when absent.
    #[arg(long)]
    pub out: Option<PathBuf>,
}

/// A community price list.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum ImportFormat {
    /// LiteLLM's model_prices_and_context_window.json.
    Litellm,
    /// OpenRouter's model list.
    Openrouter,
}
