//! The chart of accounts.
//!
//! In Tare's journal the value of a transfer leaves one account for another. Accountants debit the account that
//! it left and credit the other one: money that came in is an asset, credits that are not used yet are owed to
//! the customer (deferred revenue), and a charge turns what is owed into revenue. Each dollar of revenue is a
//! dollar that the provider charges, so wherever revenue is booked, so is the provider's cost.

use ledger::Account;
use units::WalletId;

/// What a customer paid for or was given, and did not use yet; one account for each wallet.
const CREDITS: &str = "Liabilities:Credits";
/// What the providers charge.
pub(super) const PROVIDER_COST: &str = "Expenses:Providers";
/// What is owed to them.
pub(super) const PROVIDERS: &str = "Liabilities:Providers";

/// Tare's name of an account of the platform, and the accountants'.
const PLATFORM: &[(&str, &str)] = &[
    ("cash", "Assets:Cash"),
    ("revenue", "Income:Revenue"),
    ("promotions", "Expenses:Promotions"),
    ("breakage", "Income:Breakage"),
    ("loss", "Expenses:Loss"),
    ("receivable", "Assets:Receivable"),
    ("transit", "Liabilities:Transit"),
];

/// The accounts that exist whatever happened, in the order of reports.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    Account::PLATFORM.into_iter().map(platform).chain([PROVIDER_COST, PROVIDERS])
}

/// An account of the platform.
pub(super) fn platform(account: Account) -> &'static str {
    let known = PLATFORM.iter().find(|(name, _)| *name == account.name());
    known.expect("a test finds every account of the platform here").1
}

/// What is left in a wallet.
pub(super) fn credits(wallet: WalletId) -> String {
    format!("{CREDITS}:Wal-{}", wallet.uuid().simple())
}

/// An account of either kind.
pub(super) fn name(account: Account, wallet: WalletId) -> String {
    match account {
        Account::Grant(_) => credits(wallet),
        account => platform(account).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_has_a_name_of_its_own() {
        let mut names: Vec<&str> = all().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert_eq!(count, Account::PLATFORM.len() + 2);
    }
}
