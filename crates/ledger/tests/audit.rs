//! Whoever touches the journal is found out: each field of each line, and each line's place.

use ledger::{
    Account, Auditor, ChainHash, ChainHead, Changes, Command, Discrepancy, Issue, LateSettle, Place, Settle, Source,
    Spender, Transfer, TransferKind, Wallet, decide,
};
use units::{Amount, GrantId, HoldId, Instant, WalletId};
use uuid::Uuid;

const NOW: Instant = Instant::from_micros(1_772_323_199_999_999);

fn wallet_id(id: u128) -> WalletId {
    WalletId::from_uuid(Uuid::from_u128(id))
}

fn grant_id(id: u128) -> GrantId {
    GrantId::from_uuid(Uuid::from_u128(id))
}

/// Two grants, one used up and one used in part, and a loss.
fn books() -> (Wallet, Vec<Transfer>) {
    let mut wallet = Wallet::new(wallet_id(1));
    let mut changes = Changes::default();
    let mut ask = |command| decide(&mut wallet, &command, NOW, &mut changes).unwrap();
    for (id, dollars, paid) in [(1, 1, false), (2, 2, true)] {
        let (grant, amount) = (grant_id(id), Amount::from_dollars(dollars));
        let source = Source::Operator;
        ask(Command::Issue(Issue { grant, source, amount, paid, effective_at: NOW, expires_at: None }));
    }
    for (id, dollars) in [(3, 2), (4, 5)] {
        let (hold, amount) = (HoldId::from_uuid(Uuid::from_u128(id)), Amount::from_nanos(1));
        ask(Command::Place(Place {
            hold,
            wanted: amount,
            least: amount,
            lease_until: NOW,
            is_fresh: true,
            spender: Spender::default(),
        }));
        let cost = Amount::from_dollars(dollars).into();
        ask(Command::Settle(Settle { hold, cost, late: LateSettle::Refuse }));
    }
    let refill = Issue {
        grant: grant_id(5),
        source: Source::Purchase,
        amount: Amount::from_dollars(3),
        paid: true,
        effective_at: NOW,
        expires_at: None,
    };
    ask(Command::Issue(refill));
    (wallet, changes.transfers)
}

fn audit(journal: &[Transfer]) -> Result<Auditor, Discrepancy> {
    let mut auditor = Auditor::new(wallet_id(1));
    journal.iter().try_for_each(|transfer| auditor.take(transfer))?;
    Ok(auditor)
}

/// Seals a journal again from this line on, as somebody would who knows how.
fn reseal(journal: &mut [Transfer], from: usize) {
    for index in from..journal.len() {
        let previous = if index == 0 { ChainHash::START } else { journal[index - 1].hash };
        journal[index].hash = journal[index].seal(previous);
    }
}

#[test]
fn an_honest_journal_is_agreed_with() {
    let (wallet, journal) = books();
    let auditor = audit(&journal).unwrap();
    assert_eq!(auditor.head(), wallet.head);
    assert_eq!(auditor.finish(wallet.head, wallet.grants().iter().map(|grant| (grant.id, grant.left))), Ok(()));
    let dollars = |account| auditor.platform()[&account] / 1_000_000_000;
    assert_eq!((dollars(Account::Cash), dollars(Account::Promotions)), (-5, -1));
    assert_eq!((dollars(Account::Revenue), dollars(Account::Loss)), (7, -4));
}

#[test]
fn every_field_of_every_line_is_sealed() {
    let (_, journal) = books();
    type Forgery = (&'static str, fn(&mut Transfer));
    let forgeries: [Forgery; 8] = [
        ("wallet", |line| line.wallet = wallet_id(2)),
        ("seq", |line| line.seq += 1),
        ("at", |line| line.at = Instant::from_micros(line.at.micros() + 1)),
        ("kind", |line| {
            line.kind = if line.kind == TransferKind::Loss { TransferKind::Charge } else { TransferKind::Loss }
        }),
        ("from", |line| line.from = Account::Grant(grant_id(77))),
        ("to", |line| line.to = if line.to == Account::Breakage { Account::Revenue } else { Account::Breakage }),
        ("amount", |line| line.amount = Amount::from_nanos(line.amount.nanos() - 1)),
        ("reference", |line| line.reference[15] ^= 1),
    ];
    for index in 0..journal.len() {
        for (field, forge) in forgeries {
            let mut forged = journal.clone();
            forge(&mut forged[index]);
            let seq = journal[index].seq;
            let error = audit(&forged).expect_err(field);
            assert!(
                matches!(error, Discrepancy::Seal { seq: at, .. } | Discrepancy::Gap { expected: at, .. } if at == seq),
                "{field} of line {seq}: {error}"
            );
        }
        let mut forged = journal.clone();
        forged[index].hash.0[31] ^= 1;
        assert!(audit(&forged).is_err(), "the seal of line {index} itself");
    }
}

#[test]
fn lines_cannot_be_removed_doubled_or_swapped() {
    let (wallet, journal) = books();
    for index in 0..journal.len() - 1 {
        let mut removed = journal.clone();
        removed.remove(index);
        let mut doubled = journal.clone();
        doubled.insert(index, journal[index].clone());
        let mut swapped = journal.clone();
        swapped.swap(index, index + 1);
        for forged in [removed, doubled, swapped] {
            assert!(matches!(audit(&forged), Err(Discrepancy::Gap { .. })));
        }
    }
    // The end is guarded by the stored head.
    let shortened = audit(&journal[..journal.len() - 1]).unwrap();
    let expected = Discrepancy::Head { wallet: wallet.id, stored: wallet.head.seq, found: wallet.head.seq - 1 };
    assert_eq!(shortened.finish(wallet.head, []), Err(expected));
}

#[test]
fn another_end_of_the_same_length_is_noticed() {
    let (wallet, mut journal) = books();
    let last = journal.len() - 1;
    journal[last].amount = Amount::from_dollars(2);
    reseal(&mut journal, last);
    let found = audit(&journal).unwrap().finish(wallet.head, []);
    assert!(matches!(found, Err(Discrepancy::Head { .. })), "{found:?}");
}

#[test]
fn a_sealed_lie_is_still_a_lie() {
    let (_, journal) = books();
    let forged = |index: usize, forge: fn(&mut Transfer)| {
        let mut forged = journal.clone();
        forge(&mut forged[index]);
        reseal(&mut forged, index);
        audit(&forged).unwrap_err()
    };
    let earlier = forged(2, |line| line.at = Instant::from_micros(line.at.micros() - 1));
    assert!(matches!(earlier, Discrepancy::Time { seq: 3, .. }), "{earlier}");
    let nothing = forged(2, |line| line.amount = Amount::ZERO);
    assert!(matches!(nothing, Discrepancy::BelowZero { seq: 3, grant: None, .. }), "{nothing}");
    let too_much = forged(2, |line| line.amount = Amount::from_nanos(1_000_000_001));
    let Discrepancy::BelowZero { seq: 3, grant: Some(grant), left, .. } = too_much else { panic!("{too_much}") };
    assert_eq!((grant, left), (grant_id(1), Amount::from_nanos(-1)));
}

#[test]
fn what_is_stored_as_left_must_be_what_the_journal_says() {
    let (wallet, journal) = books();
    let auditor = audit(&journal).unwrap();
    let (grant, left) = (grant_id(5), Amount::from_dollars(3));
    let off = Amount::from_nanos(2_999_999_999);
    let wrong = |stored, computed| Err(Discrepancy::GrantLeft { wallet: wallet.id, grant, stored, computed });
    assert_eq!(auditor.finish(wallet.head, [(grant, left)]), Ok(()));
    assert_eq!(auditor.finish(wallet.head, [(grant, off)]), wrong(off, left));
    assert_eq!(auditor.finish(wallet.head, []), wrong(Amount::ZERO, left));
    // A grant that no line of the journal knows.
    let invented = auditor.finish(wallet.head, [(grant, left), (grant_id(6), left)]);
    assert!(matches!(invented, Err(Discrepancy::GrantLeft { .. })), "{invented:?}");
}

/// Another program must be able to verify the chain for ever: the bytes under a seal never change.
/// Computed apart with Python's hashlib: previous seal, wallet, seq, at, kind and account codes, the two
/// grants (zeros for the platform), amount, reference.
#[test]
fn the_seal_is_what_it_always_was() {
    let transfer = Transfer {
        wallet: wallet_id(7),
        seq: 3,
        at: NOW,
        kind: TransferKind::Charge,
        from: Account::Grant(grant_id(9)),
        to: Account::Revenue,
        amount: "12.345678901".parse().unwrap(),
        reference: 11u128.to_be_bytes(),
        hash: ChainHash::START,
    };
    let previous = ChainHash(std::array::from_fn(|index| index as u8));
    assert_eq!(transfer.seal(previous).to_string(), "0f9d693cdec8a73872dccb6c1843c16ad8cb6fb071b38effb4a64917a84e3c39");
    assert_eq!(ChainHead::START.hash.to_string(), "0".repeat(64));
    assert_eq!(format!("{:?}", ChainHead::START.hash), "0".repeat(64));
}
