//! `tare org`: organizations, by the hand of who runs the server.

use std::path::PathBuf;

use billing::Role;
use clap::{Args, Subcommand};
use units::Amount;

use super::{DatabaseArgs, RulesArgs};

/// `tare org`.
#[derive(Subcommand)]
pub enum Organization {
    /// Found an organization on its trial, for somebody to own.
    #[command(after_help = "Example:
  tare org create Acme --owner ana@example.com")]
    Create {
        /// Its name.
        name: String,
        /// Who owns it: mail address or name.
        #[arg(long)]
        owner: String,
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
        /// By which rules.
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// List organizations.
    #[command(after_help = "Example:
  tare org list")]
    List {
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
    },
    /// One organization: its seats, members with their last activity, and pending invitations.
    #[command(after_help = "Examples:
  tare org show Acme
  tare org show org_01a204236afe73edba65de5ca814b58f")]
    Show {
        /// Which.
        #[command(flatten)]
        of: OrganizationArgs,
    },
    /// Invite a mail address.
    #[command(after_help = "Examples:
  tare org invite Acme bob@example.com
  tare org invite Acme bil@example.com --role billing_manager")]
    Invite {
        /// Which.
        #[command(flatten)]
        of: OrganizationArgs,
        /// Whom.
        email: String,
        /// As what: owner, admin, billing_manager or member.
        #[arg(long, default_value_t = Role::Member)]
        role: Role,
    },
    /// Make a member something else.
    #[command(after_help = "Example:
  tare org role Acme bob@example.com admin")]
    Role {
        /// Which.
        #[command(flatten)]
        of: OrganizationArgs,
        /// Who: mail address or name.
        person: String,
        /// What: owner, admin, billing_manager or member.
        role: Role,
    },
    /// Say how much a member may spend in a UTC day; without an amount, any.
    #[command(after_help = "Examples:
  tare org limit Acme bob@example.com 2.50
  tare org limit Acme bob@example.com")]
    Limit {
        /// Which.
        #[command(flatten)]
        of: OrganizationArgs,
        /// Who: mail address or name.
        person: String,
        /// So much, in dollars.
        amount: Option<Amount>,
    },
    /// Take a member out: the seat is free, and their keys for the organization end.
    #[command(after_help = "Example:
  tare org remove Acme bob@example.com")]
    Remove {
        /// Which.
        #[command(flatten)]
        of: OrganizationArgs,
        /// Who: mail address or name.
        person: String,
    },
    /// What an organization will have to pay for its seats in the months to come, if nothing changes or if prices or seats do.
    #[command(after_help = "Examples:
  tare org forecast Acme
  tare org forecast Acme --catalog dearer.toml --seats 40")]
    Forecast {
        /// Which.
        #[command(flatten)]
        of: OrganizationArgs,
        /// By which rules.
        #[command(flatten)]
        rules: RulesArgs,
        /// With so many seats from the next renewal on; those that stay when absent.
        #[arg(long)]
        seats: Option<u32>,
        /// So many months ahead.
        #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=120))]
        months: u32,
    },
    /// What would be deleted of suspended organizations, and when, if nobody pays: nothing is deleted by this.
    #[command(after_help = "Example:
  tare org purges")]
    Purges {
        /// Where the books are.
        #[command(flatten)]
        database: DatabaseArgs,
        /// By which rules.
        #[command(flatten)]
        rules: RulesArgs,
    },
    /// Write the audit log as CSV.
    #[command(after_help = "Examples:
  tare org audit Acme
  tare org audit Acme --action member. --out acme.csv")]
    Audit {
        /// Which.
        #[command(flatten)]
        of: OrganizationArgs,
        /// Only this action; one that ends in a point stands for all that begin so.
        #[arg(long)]
        action: Option<String>,
        /// Where to write; to the terminal when absent.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Which organization, and where it is.
#[derive(Args, Clone)]
pub struct OrganizationArgs {
    /// Its id, or its name when no other has it.
    pub organization: String,
    /// Where the books are.
    #[command(flatten)]
    pub database: DatabaseArgs,
}
