//! Numbers and names that stand in databases, in seals and in other people's programs. They never change.

use ledger::{Account, Source, TransferKind};
use units::GrantId;
use uuid::Uuid;

fn grant() -> GrantId {
    GrantId::from_uuid(Uuid::from_u128(7))
}

#[test]
fn accounts_keep_their_codes_and_names() {
    let known = [
        (Account::Grant(grant()), 1, "grant", false),
        (Account::Cash, 2, "cash", true),
        (Account::Revenue, 3, "revenue", false),
        (Account::Promotions, 4, "promotions", true),
        (Account::Breakage, 5, "breakage", false),
        (Account::Loss, 6, "loss", true),
        (Account::Receivable, 7, "receivable", true),
        (Account::Transit, 8, "transit", false),
    ];
    for (account, code, name, is_debit_normal) in known {
        assert_eq!((account.code(), account.name(), account.is_debit_normal()), (code, name, is_debit_normal));
        assert_eq!(Account::from_code(code, account.grant()), Some(account));
    }
    assert_eq!(known.map(|(account, ..)| account)[1..], Account::PLATFORM);
    assert_eq!(Account::Grant(grant()).grant(), Some(grant()));
    assert_eq!(Account::from_code(1, None), None);
    assert_eq!(Account::from_code(0, Some(grant())), None);
}

#[test]
fn kinds_of_transfers_keep_their_codes_and_names() {
    let known = [
        (TransferKind::Grant, 1, "grant"),
        (TransferKind::Charge, 2, "charge"),
        (TransferKind::Loss, 3, "loss"),
        (TransferKind::Expiry, 4, "expiry"),
        (TransferKind::Adjustment, 5, "adjustment"),
        (TransferKind::Refund, 6, "refund"),
        (TransferKind::Dispute, 7, "dispute"),
        (TransferKind::Repayment, 8, "repayment"),
        (TransferKind::Correction, 9, "correction"),
        (TransferKind::Move, 10, "move"),
    ];
    assert_eq!(known.map(|(kind, ..)| kind), TransferKind::ALL);
    for (kind, code, name) in known {
        assert_eq!((kind.code(), kind.name(), TransferKind::from_code(code)), (code, name, Some(kind)));
    }
    assert_eq!(TransferKind::from_code(0), None);
}

#[test]
fn sources_keep_their_names() {
    let names = ["welcome", "purchase", "auto_top_up", "pass_base", "pass_bonus", "operator", "moved"];
    assert_eq!(Source::ALL.map(Source::name), names);
    assert_eq!(names.map(Source::from_name), Source::ALL.map(Some));
    assert_eq!(Source::from_name("gift"), None);
}
