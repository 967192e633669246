//! What a story expects: `available 7.00`, `left g1 3.00`, `breakage 0.50`.

use ledger::{Account, Auditor, Wallet};
use units::{Amount, Cost, GrantId, Instant};

use super::transcript;
use crate::names;

/// `what` is worth `value`, as the story says it.
#[derive(Debug)]
pub(super) struct Claim {
    pub what: String,
    pub value: String,
}

impl Claim {
    /// Compares with the books, to the last of 18 places.
    pub fn check(&self, wallet: &Wallet, auditor: &Auditor, now: Instant) -> Result<(), String> {
        let found = self.found(wallet, auditor, now)?;
        let claimed: Cost = self.value.parse().map_err(|error: units::ParseDecimalError| error.to_string())?;
        if claimed == found { Ok(()) } else { Err(format!("{} is {found}, not {claimed}", self.what)) }
    }

    fn found(&self, wallet: &Wallet, auditor: &Auditor, now: Instant) -> Result<Cost, String> {
        let amount = match self.what.as_str() {
            "available" => wallet.available(now),
            "held" => wallet.held(),
            "frozen" => wallet.frozen(now),
            "balance" => wallet.balance(now),
            "remainder" => return Ok(Cost::from_attos(wallet.remainder.attos().into())),
            "holds" => return Ok(whole(wallet.holds().count() as u64)),
            "transfers" => return Ok(whole(wallet.head.seq)),
            what => match what.strip_prefix("left ").and_then(names::uuid) {
                Some(grant) => left(wallet, GrantId::from_uuid(grant)),
                None => {
                    let account = Account::PLATFORM.into_iter().find(|account| account.name() == what);
                    transcript::reported(auditor, account.ok_or_else(|| format!("`{what}` cannot be expected"))?)
                }
            },
        };
        Ok(amount.into())
    }
}

fn whole(count: u64) -> Cost {
    count.to_string().parse().expect("a count is a decimal")
}

fn left(wallet: &Wallet, id: GrantId) -> Amount {
    wallet.grants().iter().find(|grant| grant.id == id).map_or(Amount::ZERO, |grant| grant.left)
}
