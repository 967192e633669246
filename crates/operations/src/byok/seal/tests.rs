use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use units::Instant;
use uuid::Uuid;

use super::*;

/// Numbers that differ each time, as random ones do.
struct Dice(AtomicU64);

impl Ids for Dice {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(self.0.fetch_add(1, Ordering::Relaxed).into())
    }

    fn secret(&self) -> [u8; 32] {
        Sha256::digest(self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes()).into()
    }
}

fn masters(names: &[&str]) -> MasterKeys {
    let line = |name: &&str| MasterKey::line(name, Sha256::digest(name.as_bytes()).into()).to_string();
    MasterKeys::parse(&names.iter().map(line).collect::<Vec<_>>().join("\n")).ok().unwrap()
}

const SECRET: &str = "sk-canary-0123456789";

fn row(masters: &MasterKeys, dice: &Dice, wallet: u128, provider: &str) -> ByokKeyRow {
    let key = ProviderKey::new(SECRET.to_owned()).ok().unwrap();
    let mut row = ByokKeyRow {
        id: ByokKeyId::from_uuid(dice.uuid()),
        wallet: WalletId::from_uuid(Uuid::from_u128(wallet)),
        provider: provider.to_owned(),
        name: "test".to_owned(),
        last4: key.last4(),
        version: 1,
        master_key: masters.current().name().to_owned(),
        wrapped: Vec::new(),
        sealed: Vec::new(),
        added_by: None,
        created_at: Instant::EPOCH,
        changed_at: Instant::EPOCH,
    };
    let Sealed { wrapped, sealed } = seal(masters.current(), Place::of(&row), &key, dice);
    (row.wrapped, row.sealed) = (wrapped, sealed);
    row
}

fn opened(masters: &MasterKeys, row: &ByokKeyRow) -> Option<String> {
    open(masters, row).ok().map(|key| key.text().to_owned())
}

#[test]
fn what_is_sealed_twice_differs_everywhere() {
    let (masters, dice) = (masters(&["a"]), Dice(AtomicU64::new(1)));
    let first = row(&masters, &dice, 1, "openai");
    let mut second = row(&masters, &dice, 1, "openai");
    second.id = first.id;
    // No stretch of one is in the other, as a repeated nonce or key stream would leave.
    for (a, b) in [(&first.sealed, &second.sealed), (&first.wrapped, &second.wrapped)] {
        assert!(a.windows(6).all(|window| !b.windows(6).any(|other| other == window)));
    }
    assert!(!first.sealed.windows(6).any(|window| SECRET.as_bytes().windows(6).any(|other| other == window)));
    assert_eq!(opened(&masters, &first).as_deref(), Some(SECRET));
}

#[test]
fn a_flipped_bit_anywhere_does_not_open() {
    let (masters, dice) = (masters(&["a"]), Dice(AtomicU64::new(1)));
    let whole = row(&masters, &dice, 1, "openai");
    for at in 0..whole.sealed.len() {
        let mut flipped = whole.clone();
        flipped.sealed[at] ^= 1 << (at % 8);
        assert!(matches!(open(&masters, &flipped), Err(Error::ProviderKeyAltered { .. })), "byte {at} of the key");
    }
    for at in 0..whole.wrapped.len() {
        let mut flipped = whole.clone();
        flipped.wrapped[at] ^= 1 << (at % 8);
        assert!(opened(&masters, &flipped).is_none(), "byte {at} of the data key");
    }
    for cut in [0, 1, 11, 12, 27] {
        let mut short = whole.clone();
        short.sealed.truncate(cut);
        assert!(opened(&masters, &short).is_none(), "{cut} bytes");
    }
}

#[test]
fn rows_do_not_open_in_each_others_place() {
    let (masters, dice) = (masters(&["a"]), Dice(AtomicU64::new(1)));
    let (mut one, mut two) = (row(&masters, &dice, 1, "openai"), row(&masters, &dice, 2, "openai"));
    std::mem::swap(&mut one.sealed, &mut two.sealed);
    assert!(opened(&masters, &one).is_none() && opened(&masters, &two).is_none(), "the key alone");
    std::mem::swap(&mut one.wrapped, &mut two.wrapped);
    assert!(opened(&masters, &one).is_none() && opened(&masters, &two).is_none(), "with its data key");
    std::mem::swap(&mut one.sealed, &mut two.sealed);
    std::mem::swap(&mut one.wrapped, &mut two.wrapped);
    assert!(opened(&masters, &one).is_some() && opened(&masters, &two).is_some());
    // Every part of the place counts.
    let moved = |change: fn(&mut ByokKeyRow)| {
        let mut row = one.clone();
        change(&mut row);
        opened(&masters, &row)
    };
    assert_eq!(moved(|row| row.provider = "openai2".to_owned()), None);
    assert_eq!(moved(|row| row.version = 2), None);
    assert_eq!(moved(|row| row.id = ByokKeyId::from_uuid(Uuid::from_u128(77))), None);
    assert_eq!(moved(|row| row.wallet = WalletId::from_uuid(Uuid::from_u128(77))), None);
}

#[test]
fn a_rotation_opens_with_the_new_key_alone() {
    let dice = Dice(AtomicU64::new(1));
    let (old, both, new) = (masters(&["a"]), masters(&["b", "a"]), masters(&["b"]));
    let mut row = row(&old, &dice, 1, "openai");
    assert!(matches!(open(&new, &row), Err(Error::MasterKeyMissing { name }) if name == "a"));
    let sealed = row.sealed.clone();
    row.wrapped = rewrap(&both, &row, &dice).ok().unwrap();
    row.master_key = "b".to_owned();
    assert_eq!(opened(&new, &row).as_deref(), Some(SECRET));
    assert!(opened(&old, &row).is_none());
    assert_eq!(row.sealed, sealed, "only the data key is wrapped anew");
    // A key of the same name that is another key is noticed.
    let other = MasterKeys::parse(&MasterKey::line("b", [9; 32])).ok().unwrap();
    assert!(matches!(open(&other, &row), Err(Error::ProviderKeyAltered { .. })));
}
