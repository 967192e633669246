//! What was done to a transfer whose seal does not fit.
//!
//! A seal cannot be turned back into what was sealed, but what people and broken disks do is small: one digit,
//! one account, two rows exchanged. Each of those is tried, and when the seal fits, it is known what stood there.

use std::fmt;

use units::{Amount, Instant};

use crate::{Account, ChainHash, Transfer, TransferKind};

/// How a transfer differs from what was sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Altered {
    /// It and the one behind it stand in each other's place.
    Swapped {
        /// The seq of the other one.
        with: u64,
    },
    /// One field was changed, and this is what stood there.
    Field {
        /// Which one.
        name: &'static str,
        /// What was sealed.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// More was changed than can be found out.
    Beyond {
        /// The seal that its content would have.
        expected: ChainHash,
        /// The seal that it carries.
        found: ChainHash,
    },
}

impl fmt::Display for Altered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Swapped { with } => write!(f, "it was swapped with transfer {with}"),
            Self::Field { name, expected, found } => {
                write!(f, "its {name} was changed: expected {expected}, stands {found}")
            }
            Self::Beyond { expected, found } => {
                write!(f, "it was changed after it was sealed: expected seal {expected}, stands {found}")
            }
        }
    }
}

/// Finds out what was done to a transfer, given the seal before it and the transfer behind it.
pub fn altered(previous: ChainHash, transfer: &Transfer, next: Option<&Transfer>) -> Altered {
    let sealed = |candidate: &Transfer| candidate.seal(previous) == transfer.hash;
    let fits = transfer.seal(previous);
    if let Some(next) = next {
        if next.seal(fits) == next.hash {
            return field("seal", fits, transfer.hash);
        }
        let moved = Transfer { seq: transfer.seq, ..next.clone() };
        if moved.seal(previous) == next.hash {
            return Altered::Swapped { with: next.seq };
        }
    }
    let amounts = one_digit(transfer.amount.nanos()).map(Amount::from_nanos);
    if let Some(amount) = amounts.into_iter().find(|amount| sealed(&Transfer { amount: *amount, ..transfer.clone() })) {
        return field("amount", amount, transfer.amount);
    }
    let times = one_digit(transfer.at.micros()).map(Instant::from_micros);
    if let Some(at) = times.into_iter().find(|at| sealed(&Transfer { at: *at, ..transfer.clone() })) {
        return field("time", at, transfer.at);
    }
    if let Some(kind) = TransferKind::ALL.into_iter().find(|kind| sealed(&Transfer { kind: *kind, ..transfer.clone() }))
    {
        return field("kind", kind.name(), transfer.kind.name());
    }
    for account in Account::PLATFORM {
        if sealed(&Transfer { from: account, ..transfer.clone() }) {
            return field("account that it came from", account.name(), transfer.from.name());
        }
        if sealed(&Transfer { to: account, ..transfer.clone() }) {
            return field("account that it went to", account.name(), transfer.to.name());
        }
    }
    Altered::Beyond { expected: fits, found: transfer.hash }
}

fn field(name: &'static str, expected: impl ToString, found: impl ToString) -> Altered {
    Altered::Field { name, expected: expected.to_string(), found: found.to_string() }
}

/// Every number that differs from this one in one decimal digit, leading zeros included.
fn one_digit(number: i64) -> impl Iterator<Item = i64> {
    let places = (0..19u32).filter_map(|place| 10i64.checked_pow(place));
    places.flat_map(move |unit| {
        let digit = (number / unit) % 10;
        (0..10).filter_map(move |other| number.checked_add((other - digit.abs()).checked_mul(unit)?))
    })
}

#[cfg(test)]
mod tests {
    use units::{GrantId, WalletId};
    use uuid::Uuid;

    use super::*;

    fn journal() -> Vec<Transfer> {
        let mut previous = ChainHash::START;
        let lines = (1..=4u64).map(|seq| {
            let mut line = Transfer {
                wallet: WalletId::from_uuid(Uuid::from_u128(1)),
                seq,
                at: Instant::from_micros(1_772_323_199_999_990 + seq as i64),
                kind: TransferKind::Charge,
                from: Account::Grant(GrantId::from_uuid(Uuid::from_u128(9))),
                to: Account::Revenue,
                amount: Amount::from_nanos(700_000_000 + seq as i64),
                reference: [seq as u8; 16],
                hash: ChainHash::START,
            };
            line.hash = line.seal(previous);
            previous = line.hash;
            line
        });
        lines.collect()
    }

    /// What is found at the second line.
    fn found(journal: &[Transfer]) -> String {
        altered(journal[0].hash, &journal[1], journal.get(2)).to_string()
    }

    #[test]
    fn what_stood_there_is_found_again() {
        let change = |change: fn(&mut Transfer)| {
            let mut journal = journal();
            change(&mut journal[1]);
            found(&journal)
        };
        assert_eq!(
            change(|line| line.amount = Amount::from_nanos(100_000_002)),
            "its amount was changed: expected 0.700000002, stands 0.100000002"
        );
        assert_eq!(
            change(|line| line.amount = Amount::from_nanos(9_700_000_002)),
            "its amount was changed: expected 0.700000002, stands 9.700000002"
        );
        assert!(change(|line| line.at = Instant::from_micros(line.at.micros() - 60_000_000)).contains("its time"));
        assert!(change(|line| line.kind = TransferKind::Loss).ends_with("expected charge, stands loss"));
        assert!(change(|line| line.to = Account::Breakage).ends_with("expected revenue, stands breakage"));
        assert!(change(|line| line.hash.0[0] ^= 1).starts_with("its seal was changed: expected "));
        assert!(change(|line| line.reference[3] = 77).contains("changed after it was sealed: expected seal"));
    }

    #[test]
    fn the_account_that_it_came_from_is_found_again() {
        let [first, mut line] = journal().first_chunk::<2>().unwrap().clone();
        line.from = Account::Promotions;
        line.hash = line.seal(first.hash);
        line.from = Account::Breakage;
        let found = altered(first.hash, &line, None).to_string();
        assert_eq!(found, "its account that it came from was changed: expected promotions, stands breakage");
    }

    #[test]
    fn a_swapped_pair_is_known() {
        let mut journal = journal();
        journal.swap(1, 2);
        (journal[1].seq, journal[2].seq) = (2, 3);
        assert_eq!(found(&journal), "it was swapped with transfer 3");
    }
}
