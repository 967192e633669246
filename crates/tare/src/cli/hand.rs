//! `tare grant`, `tare adjust`, `tare suspend` and `tare restore`: what an operator does to a wallet by hand.

use clap::Args;
use units::{Amount, Instant};

use super::{DatabaseArgs, RulesArgs};

/// `tare grant`.
#[derive(Args)]
pub struct Grant {
    /// To whom: mail address or name of a person, id or name of an organization, or a wallet.
    pub name: String,
    /// How much, in dollars.
    pub amount: Amount,
    /// Nobody paid for it; it is used before paid credits of the same expiry.
    #[arg(long)]
    pub free: bool,
    /// When it expires, such as 2027-01-31T00:00:00Z.
    #[arg(long)]
    pub expires: Option<Instant>,
    /// An idempotency key: the same key gives once.
    #[arg(long)]
    pub key: Option<String>,
    /// Where the books are.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// `tare adjust`.
#[derive(Args)]
pub struct Adjust {
    /// Whose wallet: mail address or name of a person, id or name of an organization, or a wallet.
    pub name: String,
    /// By how much, in dollars; below zero takes away.
    #[arg(allow_hyphen_values = true)]
    pub amount: Amount,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// An idempotency key: the same key adjusts once.
    #[arg(long)]
    pub key: Option<String>,
    /// Where the books are.
    #[command(flatten)]
    pub database: DatabaseArgs,
}

/// `tare suspend` and `tare restore`.
#[derive(Args)]
pub struct Service {
    /// Whose wallet: mail address or name of a person, id or name of an organization, or a wallet.
    pub name: String,
    /// Why; kept in the audit log.
    #[arg(long)]
    pub reason: String,
    /// Where the books are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// By which rules.
    #[command(flatten)]
    pub rules: RulesArgs,
}
