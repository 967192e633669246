//! How the books print: answers, transfers, and what is left at the end.

use ledger::{Account, Auditor, Outcome, Part, Refusal, Transfer, Wallet};
use units::Amount;

use crate::names::{in_words, name};

pub(super) fn answer(answer: &Result<Outcome, Refusal>) -> String {
    match answer {
        Ok(outcome) => self::outcome(outcome),
        Err(refusal) => format!("refused {}: {}", refusal.code(), in_words(&refusal.to_string())),
    }
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Granted(granted) => format!("granted, available {}", granted.available),
        Outcome::Placed(placed) => format!("reserved {}, available {}", placed.amount, placed.available),
        Outcome::Settled(settled) => {
            let draws = settled.draws.iter().map(|draw| format!(" {} {}", name(draw.grant.uuid()), draw.amount));
            let by = if settled.draws.is_empty() { "" } else { " by" };
            let draws: Vec<String> = draws.collect();
            let lost = if settled.lost.is_zero() { String::new() } else { format!(", lost {}", settled.lost) };
            format!(
                "debited {}{by}{}{lost}, available {}, balance {}",
                settled.debited,
                draws.join(" and"),
                settled.available,
                settled.balance
            )
        }
        Outcome::Released(freed) => format!("released {}, available {}", freed.amount, freed.available),
        Outcome::Renewed => "renewed".to_owned(),
        Outcome::Lapsed(freed) => format!("lapsed {}, available {}", freed.amount, freed.available),
        Outcome::Expired(freed) => format!("expired {}, available {}", freed.amount, freed.available),
        Outcome::Adjusted(adjusted) => format!("adjusted {}, available {}", adjusted.amount, adjusted.available),
        Outcome::RefundReserved(reserved) => {
            format!("set {} aside, available {}", reserved.amount, reserved.available)
        }
        Outcome::RefundFinished(finished) => {
            format!("paid {} back, available {}", finished.paid, finished.available)
        }
        Outcome::Contested(contested) => format!(
            "{}, frozen {}, owed {}, available {}",
            contested.state.name(),
            contested.frozen,
            contested.receivable,
            contested.available
        ),
        Outcome::Corrected(corrected) => {
            let returned = corrected.returned.iter();
            let mut parts: Vec<String> =
                returned.map(|draw| format!("{} to {}", draw.amount, name(draw.grant.uuid()))).collect();
            if !corrected.loss_undone.is_zero() {
                parts.insert(0, format!("{} of the loss", corrected.loss_undone));
            }
            format!("gave back {}, available {}", parts.join(" and "), corrected.available)
        }
        Outcome::Moved(moved) => {
            let parts: Vec<String> = moved.parts.iter().map(part).collect();
            format!("moved {}, available {}", parts.join(" and "), moved.available)
        }
    }
}

fn part(part: &Part) -> String {
    let paid = if part.paid { "paid" } else { "free" };
    let until = part.expires_at.map_or(String::new(), |end| format!(" until {end}"));
    format!("{} {paid}{until}", part.amount)
}

/// One line of the journal. The reference is printed where the accounts do not show it.
pub(super) fn transfer(transfer: &Transfer) -> String {
    let account = |account: Account| account.grant().map_or(account.name().to_owned(), |grant| name(grant.uuid()));
    let (from, to) = (account(transfer.from), account(transfer.to));
    let reference = name(uuid::Uuid::from_bytes(transfer.reference));
    let reference = if reference == from || reference == to { String::new() } else { format!("  for {reference}") };
    let (seq, at, kind) = (transfer.seq, transfer.at.to_string(), transfer.kind.name());
    format!("{seq:>4}  {at:<27} {kind:<10} {:>12}  {from} -> {to}{reference}", transfer.amount.to_string())
}

/// What a wallet ends with: what is left of its grants, and what the journal moved into the platform's accounts.
pub(super) fn closing(wallet: &Wallet, auditor: &Auditor) -> String {
    let grants = wallet.grants().iter().map(|grant| (name(grant.id.uuid()), grant.left));
    let accounts = Account::PLATFORM.into_iter().map(|account| (account.name().to_owned(), reported(auditor, account)));
    let worth_printing = accounts.filter(|(_, amount)| !amount.is_zero());
    let sums: Vec<String> = grants.chain(worth_printing).map(|(name, amount)| format!("{name} {amount}")).collect();
    format!("{} ends with {}", name(wallet.id.uuid()), if sums.is_empty() { "nothing".into() } else { sums.join(", ") })
}

/// The balance of a platform account with the sign that reports give it.
pub(super) fn reported(auditor: &Auditor, account: Account) -> Amount {
    let nanos = auditor.platform().get(&account).copied().unwrap_or_default();
    let nanos = if account.is_debit_normal() { -nanos } else { nanos };
    Amount::from_nanos(i64::try_from(nanos).expect("stories move less than nine billion dollars"))
}
