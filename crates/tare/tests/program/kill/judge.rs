//! What must hold between three tellers: the provider, the clients and the books. Pure, so that it can itself be
//! shown forged histories.

use std::collections::HashMap;

use store::ChargeRow;
use units::{Amount, Cost};

use super::driver::Journal;
use crate::books::tag;
use crate::upstream::Call;

/// What each of them tells.
pub struct Tales<'t> {
    /// The provider's calls by their tags.
    pub calls: &'t HashMap<String, Call>,
    /// What clients were told.
    pub journal: &'t Journal,
    /// All charges of the wallet.
    pub rows: &'t [ChargeRow],
    /// What the wallet was given, and what it has.
    pub granted: Amount,
    pub balance: Amount,
}

/// What was found where all agree.
#[derive(Debug, PartialEq)]
pub struct Found {
    pub acknowledged: usize,
    /// Charges whose clients saw no end.
    pub unseen: usize,
    /// Calls that were cut off and not charged, and what they cost the operator.
    pub cut_off: usize,
    pub lost: Cost,
}

/// Says the first thing that cannot be.
pub fn judge(tales: &Tales<'_>) -> Result<Found, String> {
    let Tales { calls, journal, rows, .. } = *tales;
    let mut charges: HashMap<&str, &ChargeRow> = HashMap::new();
    for row in rows {
        let tag = tag(row);
        if charges.insert(tag, row).is_some() {
            return Err(format!("{tag} was charged twice"));
        }
        let Some(call) = calls.get(tag) else { return Err(format!("{tag} was charged and the upstream never saw it")) };
        if row.charge.cost != call.billed {
            return Err(format!("{tag} was charged {}, and the upstream bills {}", row.charge.cost, call.billed));
        }
        if row.usage.as_ref().is_some_and(|usage| usage.usage.estimated) {
            return Err(format!("{tag} was estimated, and the upstream told its usage"));
        }
        if journal.refused.contains(tag) {
            return Err(format!("{tag} was refused and charged"));
        }
    }
    for (tag, told) in &journal.acknowledged {
        let Some(row) = charges.get(tag.as_str()) else { return Err(format!("{tag} was acknowledged and is lost")) };
        if row.charge.cost != told.cost {
            return Err(format!("{tag} was told {} and charged {}", told.cost, row.charge.cost));
        }
        if row.usage.as_ref().is_none_or(|usage| usage.request.to_string() != told.request) {
            return Err(format!("{tag} is charged as another request"));
        }
    }
    let mut cut_off = Vec::new();
    for (tag, call) in calls.iter().filter(|(tag, call)| !charges.contains_key(tag.as_str()) && !call.billed.is_zero())
    {
        if !journal.broken.contains(tag) && !journal.unsure.contains(tag) {
            return Err(format!("{tag} was not cut off, and is not charged"));
        }
        cut_off.push(call.billed);
    }
    debits(tales)?;
    Ok(Found {
        acknowledged: journal.acknowledged.len(),
        unseen: charges.keys().filter(|tag| !journal.acknowledged.contains_key(**tag)).count(),
        cut_off: cut_off.len(),
        lost: cut_off.into_iter().sum(),
    })
}

/// What left the wallet is the sum of the costs in whole nanodollars.
fn debits(tales: &Tales<'_>) -> Result<(), String> {
    let cost: Cost = tales.rows.iter().map(|row| row.charge.cost).sum();
    let debited: Amount = tales.rows.iter().map(|row| row.charge.debited).sum();
    if i128::from(debited.nanos()) != cost.attos() / 1_000_000_000 {
        return Err(format!("requests cost {cost}, and {debited} were debited"));
    }
    if tales.granted.checked_sub(debited) != Ok(tales.balance) {
        return Err(format!("{} were granted and {debited} debited, and {} are left", tales.granted, tales.balance));
    }
    Ok(())
}

/// The rules against programs that break them: each history is one that a wrong program would leave.
#[cfg(test)]
mod tests {
    use billing::{CostSource, Usage, UsageRecord};
    use ledger::Charge;
    use units::{HoldId, Instant, RequestId, WalletId};
    use uuid::Uuid;

    use super::*;
    use crate::kill::driver::Told;
    use crate::upstream::Tokens;

    /// Everything that was told, to be forged.
    struct History {
        calls: HashMap<String, Call>,
        journal: Journal,
        rows: Vec<ChargeRow>,
        balance: Amount,
    }

    const PRICE: i64 = 250_000_000;

    fn row(n: u128) -> ChargeRow {
        let (id, amount) = (Uuid::from_u128(n), Amount::from_nanos(PRICE));
        let charge = Charge {
            id: HoldId::from_uuid(id),
            wallet: WalletId::from_uuid(Uuid::from_u128(99)),
            at: Instant::EPOCH,
            cost: amount.into(),
            debited: amount,
            lost: Amount::ZERO,
            held: amount,
            first_seq: 1,
            transfers: 1,
        };
        let usage = UsageRecord {
            request: RequestId::from_uuid(id),
            user: None,
            api_key: None,
            model: "demo/small".to_owned(),
            provider: "demo".to_owned(),
            project: format!("request-{n}"),
            admitted_at: Instant::EPOCH,
            price_version: None,
            cost_source: CostSource::Metered,
            own_cost: None,
            usage: Usage::default(),
        };
        ChargeRow { charge, usage: Some(usage) }
    }

    fn call(n: u128, billed: i64) -> (String, Call) {
        let tag = format!("request-{n}");
        let tokens = Tokens { prompt: 1, completion: 1 };
        (tag.clone(), Call { tag, tokens, billed: Amount::from_nanos(billed).into() })
    }

    /// Requests 1 and 2 were acknowledged, 3 was cut off after its charge, 4 before it, 5 was refused, and 6 was
    /// answered without a balance.
    fn honest() -> History {
        let told = |n: u128| {
            let request = RequestId::from_uuid(Uuid::from_u128(n)).to_string();
            (format!("request-{n}"), Told { cost: Amount::from_nanos(PRICE).into(), request })
        };
        let tags = |numbers: &[u128]| numbers.iter().map(|n| format!("request-{n}")).collect();
        History {
            calls: [1, 2, 3, 4, 6].map(|n| call(n, PRICE)).into_iter().chain([call(5, 0)]).collect(),
            journal: Journal {
                acknowledged: [1, 2].map(told).into_iter().collect(),
                unsure: tags(&[6]),
                refused: tags(&[5]),
                broken: tags(&[3, 4]),
            },
            rows: [1, 2, 3].map(row).to_vec(),
            balance: Amount::from_nanos(10 * PRICE - 3 * PRICE),
        }
    }

    fn verdict(forge: impl FnOnce(&mut History)) -> Result<Found, String> {
        let mut history = honest();
        forge(&mut history);
        let History { calls, journal, rows, balance } = &history;
        judge(&Tales { calls, journal, rows, granted: Amount::from_nanos(10 * PRICE), balance: *balance })
    }

    fn charge_more(history: &mut History, row: ChargeRow) {
        history.balance = history.balance.checked_sub(row.charge.debited).unwrap();
        history.rows.push(row);
    }

    #[test]
    fn an_honest_history_passes() {
        let lost = Amount::from_nanos(2 * PRICE).into();
        assert_eq!(verdict(|_| ()), Ok(Found { acknowledged: 2, unseen: 1, cut_off: 2, lost }));
    }

    #[test]
    fn every_forged_history_is_found_out() {
        type Forgery = (&'static str, fn(&mut History));
        let forgeries: [Forgery; 11] = [
            ("request-2 was acknowledged and is lost", |history| {
                history.rows.remove(1);
                history.balance = Amount::from_nanos(8 * PRICE);
            }),
            ("request-3 was charged twice", |history| charge_more(history, row(3))),
            ("request-1 was charged twice", |history| {
                // By the retry of a client whose first answer was lost: another hold, the same request.
                let mut again = row(7);
                again.usage.as_mut().unwrap().project = "request-1".to_owned();
                charge_more(history, again);
            }),
            ("request-7 was charged and the upstream never saw it", |history| charge_more(history, row(7))),
            ("request-1 was charged 0.30, and the upstream bills 0.25", |history| {
                history.rows[0].charge.cost = Amount::from_nanos(300_000_000).into();
            }),
            ("request-1 was told 0.30 and charged 0.25", |history| {
                let told = history.journal.acknowledged.get_mut("request-1").unwrap();
                told.cost = Amount::from_nanos(300_000_000).into();
            }),
            ("request-1 was estimated, and the upstream told its usage", |history| {
                history.rows[0].usage.as_mut().unwrap().usage.estimated = true;
            }),
            ("request-5 was refused and charged", |history| {
                history.calls.insert("request-5".to_owned(), call(5, PRICE).1);
                charge_more(history, row(5));
            }),
            ("request-1 is charged as another request", |history| {
                history.rows[0].usage.as_mut().unwrap().request = RequestId::from_uuid(Uuid::from_u128(8));
            }),
            ("request-8 was not cut off, and is not charged", |history| history.calls.extend([call(8, PRICE)])),
            ("2.50 were granted and 0.75 debited, and 1.750000001 are left", |history| {
                history.balance = Amount::from_nanos(7 * PRICE + 1);
            }),
        ];
        for (due, forge) in forgeries {
            assert_eq!(verdict(forge), Err(due.to_owned()));
        }
        let debited = verdict(|history| {
            history.rows[0].charge.debited = Amount::from_nanos(PRICE - 1);
            history.balance = Amount::from_nanos(7 * PRICE + 1);
        });
        assert_eq!(debited, Err("requests cost 0.75, and 0.749999999 were debited".to_owned()));
    }
}
