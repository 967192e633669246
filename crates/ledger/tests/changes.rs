//! What a batch leaves for the store: one row for each change, whoever else is in the batch.

use ledger::{
    Changes, Command, Correct, Fate, Issue, LateSettle, Lease, Outcome, Past, Place, Settle, Source, Spender, Transfer,
    Wallet, decide,
};
use units::{Amount, CorrectionId, Cost, GrantId, HoldId, Instant, WalletId};
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
    Command::Place(Place {
        hold: hold(id),
        wanted: amount,
        least: amount,
        lease_until: NOW,
        is_fresh: false,
        spender: Spender::default(),
    })
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
    let settle = Settle { hold: hold(7), cost: Amount::from_dollars(3).into(), late: LateSettle::Refuse };
    let Ok(Outcome::Settled(settled)) = decide(&mut ana, &Command::Settle(settle), NOW, &mut changes) else { panic!() };
    assert_eq!(settled.available, Amount::from_dollars(10));
    assert_eq!(changes.opened.values().map(|hold| hold.wallet).collect::<Vec<_>>(), [ben.id]);
    assert_eq!(changes.closed, []);
}

#[test]
fn every_kind_of_change_is_something_to_write() {
    let fresh = || funded(1, 10);
    let after = |wallet: &mut Wallet, before: &[Command], commands: &[Command]| {
        let ask = |wallet: &mut Wallet, command, changes: &mut Changes| decide(wallet, command, NOW, changes).unwrap();
        before.iter().for_each(|command| drop(ask(wallet, command, &mut Changes::default())));
        let mut changes = Changes::default();
        commands.iter().for_each(|command| drop(ask(wallet, command, &mut changes)));
        changes
    };
    assert!(after(&mut fresh(), &[], &[]).is_empty());

    let opened = after(&mut fresh(), &[], &[place(7, 1)]);
    let ended = after(&mut fresh(), &[], &[place(7, 1), Command::Release(hold(7))]);
    let later = Command::Renew(Lease { hold: hold(7), until: NOW.plus_days(1) });
    let renewed = after(&mut fresh(), &[place(7, 1)], std::slice::from_ref(&later));
    let free = Settle { hold: hold(7), cost: Cost::ZERO, late: LateSettle::Refuse };
    let charged = after(&mut fresh(), &[], &[place(7, 1), Command::Settle(free)]);
    for changes in [opened, ended, renewed, charged] {
        let fields = [
            !changes.opened.is_empty(),
            !changes.ended.is_empty(),
            !changes.renewed.is_empty(),
            !changes.charges.is_empty(),
        ];
        assert_eq!(fields.iter().filter(|field| **field).count(), 1, "{changes:?}");
        assert!(!changes.is_empty(), "{changes:?}");
    }
    // The same end of a lease again is nothing new.
    let again = after(&mut fresh(), &[place(7, 1), later.clone()], &[later]);
    assert!(again.is_empty(), "{again:?}");
}

/// These never come alone from a decision; a store must not rely on that.
#[test]
fn every_row_alone_is_something_to_write() {
    let wallet = funded(1, 10);
    let (id, row) = (wallet.id, wallet.grants()[0].clone());
    let only = |fill: &dyn Fn(&mut Changes)| {
        let mut changes = Changes::default();
        fill(&mut changes);
        changes
    };
    let issued = only(&|changes| changes.issued.extend([((id, row.id), row.clone())]));
    let spent = only(&|changes| changes.spent.extend([((id, row.id), row.left)]));
    let closed = only(&|changes| changes.closed.push((id, hold(7))));
    let moved = only(&|changes| changes.transfers.push(first_transfer()));
    assert!([issued, spent, closed, moved].iter().all(|changes| !changes.is_empty()));
}

fn first_transfer() -> Transfer {
    let mut changes = Changes::default();
    let mut wallet = Wallet::new(WalletId::from_uuid(Uuid::from_u128(3)));
    decide(&mut wallet, &issue(1, 1), NOW, &mut changes).unwrap();
    changes.transfers.remove(0)
}

/// A charge says where its transfers stand in the journal, so that a receipt finds them without a search.
#[test]
fn a_charge_knows_its_transfers() {
    let mut wallet = funded(1, 10);
    let mut changes = Changes::default();
    let mut settle = |id, cost: &str| {
        decide(&mut wallet, &place(id, 2), NOW, &mut changes).unwrap();
        let settle = Settle { hold: hold(id), cost: cost.parse().unwrap(), late: LateSettle::Refuse };
        decide(&mut wallet, &Command::Settle(settle), NOW, &mut changes).unwrap();
    };
    settle(1, "1.50");
    settle(2, "0.0000000001");
    settle(3, "9.00");
    let places: Vec<(u64, u32)> = changes.charges.iter().map(|charge| (charge.first_seq, charge.transfers)).collect();
    // One transfer; none yet, as it is below a nanodollar; one that is paid and one that is lost.
    assert_eq!(places, [(2, 1), (3, 0), (3, 2)]);
    let last = &changes.charges[2];
    let dollars = |text: &str| text.parse::<Amount>().unwrap();
    assert_eq!((last.debited, last.lost, last.held), (dollars("8.50"), dollars("0.50"), dollars("2.00")));
    assert_eq!((last.id, last.wallet, last.at), (hold(3), wallet.id, NOW));
}

/// So does a correction of its own.
#[test]
fn a_correction_knows_its_transfers() {
    let mut wallet = funded(1, 10);
    let mut changes = Changes::default();
    decide(&mut wallet, &place(1, 2), NOW, &mut changes).unwrap();
    let settle = Settle { hold: hold(1), cost: Amount::from_dollars(3).into(), late: LateSettle::Refuse };
    let Ok(Outcome::Settled(settled)) = decide(&mut wallet, &Command::Settle(settle), NOW, &mut changes) else {
        panic!()
    };
    wallet.learn_past(Past { charge: changes.charges.pop(), draws: settled.draws, ..Past::default() });
    let id = CorrectionId::from_uuid(Uuid::from_u128(5));
    let correct = Correct { correction: id, charge: hold(1), amount: Amount::from_dollars(3) };
    decide(&mut wallet, &Command::Correct(correct), NOW, &mut changes).unwrap();
    // Behind the grant and the charge.
    let correction = &changes.corrections[0];
    assert_eq!((correction.first_seq, correction.transfers, wallet.head.seq), (3, 1, 3));
}

/// The answer to a repeated settlement has the draws of the first one, whatever other wallets did in between.
#[test]
fn a_settlement_that_is_repeated_in_its_batch_answers_the_same() {
    let (mut ana, mut ben) = (funded(1, 10), funded(2, 10));
    let mut changes = Changes::default();
    let mut settle = |wallet: &mut Wallet, id| {
        let settle = Settle { hold: hold(id), cost: Amount::from_dollars(1).into(), late: LateSettle::Refuse };
        let place = place(id, 1);
        if wallet.hold(hold(id)).is_none() {
            decide(wallet, &place, NOW, &mut changes).ok();
        }
        decide(wallet, &Command::Settle(settle), NOW, &mut changes).unwrap()
    };
    settle(&mut ana, 6);
    let first = settle(&mut ana, 7);
    settle(&mut ben, 8);
    let again = settle(&mut ana, 7);
    let Outcome::Settled(settled) = &again else { panic!("{again:?}") };
    assert_eq!(settled.draws.len(), 1);
    assert_eq!(again, first);
}

/// Looking up the past costs a query: only what names a hold that may have ended asks for it, once.
#[test]
fn only_holds_that_may_have_ended_are_looked_up() {
    let mut wallet = funded(1, 10);
    let open = decide(&mut wallet, &place(7, 1), NOW, &mut Changes::default());
    assert!(open.is_ok());
    let named = |id| {
        let settle = Settle { hold: hold(id), cost: Cost::ZERO, late: LateSettle::Charge };
        let renew = Lease { hold: hold(id), until: NOW };
        [place(id, 1), Command::Settle(settle), Command::Release(hold(id)), Command::Renew(renew)]
    };
    assert!(named(8).iter().all(|command| command.needs_fate(&wallet) == Some(hold(8))));
    assert!(named(7).iter().all(|command| command.needs_fate(&wallet).is_none()), "it is open");

    let Command::Place(fresh) = place(8, 1) else { unreachable!() };
    let fresh = Command::Place(Place { is_fresh: true, ..fresh });
    for command in [fresh, Command::Lapse(hold(8)), Command::Expire, issue(8, 1)] {
        assert_eq!(command.needs_fate(&wallet), None, "{command:?}");
    }
    wallet.learn_fate(hold(8), Fate::Released);
    assert!(named(8).iter().all(|command| command.needs_fate(&wallet).is_none()), "it is known");
}

/// The store nets several batches before it writes their rows.
#[test]
fn two_batches_absorbed_are_what_one_would_have_been() {
    let commands = [
        place(1, 3),
        place(2, 4),
        Command::Renew(Lease { hold: hold(1), until: NOW.plus_days(1) }),
        issue(8, 5),
        Command::Release(hold(1)),
        Command::Settle(Settle { hold: hold(2), cost: Cost::from(Amount::from_dollars(9)), late: LateSettle::Refuse }),
        place(3, 1),
        Command::Renew(Lease { hold: hold(3), until: NOW.plus_days(2) }),
    ];
    for cut in 0..=commands.len() {
        let (mut once, mut twice) = (funded(1, 10), funded(1, 10));
        let (mut whole, mut first, mut second) = (Changes::default(), Changes::default(), Changes::default());
        for (index, command) in commands.iter().enumerate() {
            decide(&mut once, command, NOW, &mut whole).unwrap();
            decide(&mut twice, command, NOW, if index < cut { &mut first } else { &mut second }).unwrap();
        }
        first.absorb(&mut second);
        assert!(second.is_empty());
        assert_eq!(format!("{:?}", sorted(first)), format!("{:?}", sorted(whole)), "cut at {cut}");
    }
}

/// A correction gives back to a grant that earlier batches issued, or used up; later ones spend it again.
#[test]
fn a_revived_grant_is_netted_with_what_is_known_of_it() {
    let wallet = funded(1, 10);
    let (key, dollars) = ((wallet.id, grant(1)), Amount::from_dollars);
    let revived = |left| Changes { revived: [(key, dollars(left))].into_iter().collect(), ..Changes::default() };
    let spent = |left| Changes { spent: [(key, dollars(left))].into_iter().collect(), ..Changes::default() };
    let is = |changes: &Changes| (changes.spent.get(&key).copied(), changes.revived.get(&key).copied());

    let mut changes =
        Changes { issued: [(key, wallet.grants()[0].clone())].into_iter().collect(), ..Changes::default() };
    changes.absorb(&mut revived(4));
    assert_eq!((changes.issued[&key].left, is(&changes)), (dollars(4), (None, None)));

    let mut changes = spent(0);
    changes.absorb(&mut revived(4));
    assert_eq!(is(&changes), (None, Some(dollars(4))));
    changes.absorb(&mut spent(3));
    assert_eq!(is(&changes), (None, Some(dollars(3))));
    changes.absorb(&mut revived(5));
    assert_eq!(is(&changes), (None, Some(dollars(5))));
}

/// What the store keeps of a wallet is all there is to it between two batches: also what its holds reserve.
#[test]
fn a_wallet_that_was_taken_apart_and_restored_is_the_same() {
    let mut wallet = funded(1, 10);
    decide(&mut wallet, &place(7, 3), NOW, &mut Changes::default()).unwrap();
    decide(&mut wallet, &issue(2, 5), NOW, &mut Changes::default()).unwrap();
    let Wallet { id, remainder, receivable, head, .. } = wallet;
    let (grants, holds) = wallet.clone().into_parts();
    assert_eq!((grants.len(), holds.len()), (2, 1));

    let unreserved = grants.into_iter().map(|grant| ledger::Grant { held: Amount::ZERO, ..grant }).collect();
    let restored = Wallet::restore(id, remainder, receivable, head, unreserved, holds);
    assert_eq!(restored, wallet);
    assert_eq!(restored.available(NOW), Amount::from_dollars(12));
}

/// Everything that is netted, in an order that does not depend on a hash.
fn sorted(changes: Changes) -> impl std::fmt::Debug {
    let Changes { transfers, issued, spent, opened, closed, ended, renewed, charges, .. } = changes;
    let issued = issued.into_iter().collect::<std::collections::BTreeMap<_, _>>();
    let spent = spent.into_iter().collect::<std::collections::BTreeMap<_, _>>();
    let opened = opened.into_iter().collect::<std::collections::BTreeMap<_, _>>();
    let renewed = renewed.into_iter().collect::<std::collections::BTreeMap<_, _>>();
    (transfers, issued, spent, opened, closed, ended, renewed, charges)
}
