//! What a batch leaves for the store: one row for each change, whoever else is in the batch.

use ledger::{Changes, Command, Issue, Lease, Outcome, Place, Settle, Source, Wallet, decide};
use units::{Amount, GrantId, HoldId, Instant, WalletId};
use uuid::Uuid;

const NOW: Instant = Instant::from_micros(1_772_323_199_999_999);

fn hold(id: u128) -> HoldId {
    HoldId::from_uuid(Uuid::from_u128(id))
}

fn grant(id: u128) -> GrantId {
    GrantId::from_uuid(Uuid::from_u128(id))
}

fn issue(id: u128, dollars: i64) -> Command {
    Command::Issue(Issue {
        grant: grant(id),
        source: Source::Operator,
        amount: Amount::from_dollars(dollars),
        paid: false,
        effective_at: NOW,
        expires_at: None,
    })
}

fn place(id: u128, dollars: i64) -> Command {
    let amount = Amount::from_dollars(dollars);
    Command::Place(Place { hold: hold(id), wanted: amount, least: amount, lease_until: NOW, is_fresh: false })
}

fn funded(wallet: u128, dollars: i64) -> Wallet {
    let mut wallet = Wallet::new(WalletId::from_uuid(Uuid::from_u128(wallet)));
    let before = &mut Changes::default();
    decide(&mut wallet, &issue(1, dollars), NOW, before).unwrap();
    wallet
}

/// Clients choose the ids of their holds, so two of them can choose the same one.
#[test]
fn wallets_in_one_batch_may_use_equal_ids() {
    let (mut ana, mut ben) = (funded(1, 10), funded(2, 20));
    let mut changes = Changes::default();
    for (wallet, dollars) in [(&mut ana, 3), (&mut ben, 4)] {
        decide(wallet, &place(7, dollars), NOW, &mut changes).unwrap();
        decide(wallet, &issue(8, dollars), NOW, &mut changes).unwrap();
    }

    let mut held: Vec<Amount> = changes.opened.values().map(|hold| hold.amount()).collect();
    held.sort();
    assert_eq!(held, [Amount::from_dollars(3), Amount::from_dollars(4)]);
    assert_eq!(changes.issued.len(), 2);

    for wallet in [&mut ana, &mut ben] {
        decide(wallet, &Command::Renew(Lease { hold: hold(7), until: NOW.plus_days(1) }), NOW, &mut changes).unwrap();
    }
    assert!(changes.renewed.is_empty(), "both were opened in this batch");
    let settle = Settle { hold: hold(7), cost: Amount::from_dollars(3).into(), late: ledger::LateSettle::Refuse };
    let Ok(Outcome::Settled(settled)) = decide(&mut ana, &Command::Settle(settle), NOW, &mut changes) else { panic!() };
    assert_eq!(settled.available, Amount::from_dollars(10));
    assert_eq!(changes.opened.values().map(|hold| hold.wallet).collect::<Vec<_>>(), [ben.id]);
    assert_eq!(changes.closed, []);
}
