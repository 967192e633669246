//! Two ways to write down the same bookings.

use units::Day;

/// For which program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// hledger, and Ledger.
    Hledger,
    /// Beancount.
    Beancount,
}

/// A booking: what it is called, notes about it, and amounts in nanodollars that sum to zero.
pub(super) struct Booking<'b> {
    pub day: Day,
    pub title: &'b str,
    pub notes: &'b [(&'b str, String)],
    pub lines: &'b [(&'b str, i128)],
}

/// Before this day nothing was booked.
const BEGINNING: &str = "1970-01-01";

impl Format {
    pub(super) fn opening(self) -> String {
        let told = "The books of Tare. Credits are owed to customers until they are used; amounts are exact.";
        match self {
            Self::Hledger => format!("; {told}\n\ncommodity 1000.000000000 USD\n\n"),
            Self::Beancount => format!("; {told}\n\n{BEGINNING} commodity USD\n\n"),
        }
    }

    pub(super) fn account(self, account: &str) -> String {
        match self {
            Self::Hledger => format!("account {account}\n"),
            Self::Beancount => format!("{BEGINNING} open {account} USD\n"),
        }
    }

    pub(super) fn booking(self, booking: &Booking<'_>) -> String {
        let Booking { day, title, notes, lines } = booking;
        let mut text = match self {
            Self::Hledger => format!("\n{day} * {title}\n"),
            Self::Beancount => format!("\n{day} * \"{title}\"\n"),
        };
        for (name, value) in *notes {
            text.push_str(&match self {
                Self::Hledger => format!("    ; {name}: {value}\n"),
                Self::Beancount => format!("  {name}: \"{value}\"\n"),
            });
        }
        for (account, nanos) in *lines {
            text.push_str(&format!("    {account}  {} USD\n", dollars(*nanos)));
        }
        text
    }

    /// A claim that an account has this balance when a day ends, which the program checks.
    pub(super) fn balance(self, day: Day, account: &str, nanos: i128) -> String {
        let amount = dollars(nanos);
        match self {
            Self::Hledger => format!("\n{day} * balance\n    {account}  0.00 USD = {amount} USD\n"),
            // It is looked at when its day begins, and to the last digit only when told so.
            Self::Beancount => format!("\n{} balance {account} {amount} ~ 0.000000000 USD\n", day.next()),
        }
    }
}

const NANOS: u128 = 1_000_000_000;

/// Dollars with two to nine places. Sums over all wallets can be larger than one amount.
pub(super) fn dollars(nanos: i128) -> String {
    let size = nanos.unsigned_abs();
    let mut places = format!("{:09}", size % NANOS);
    while places.len() > 2 && places.ends_with('0') {
        places.pop();
    }
    format!("{}{}.{places}", if nanos < 0 { "-" } else { "" }, size / NANOS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_exact_and_short() {
        let cases = [
            (0, "0.00"),
            (-1, "-0.000000001"),
            (10_500_000_000, "10.50"),
            (i128::from(i64::MAX) * 1_000, "9223372036854.775807"),
        ];
        for (nanos, text) in cases {
            assert_eq!(dollars(nanos), text);
        }
    }
}
