//! Planted corruption is found, and named.

use futures_util::future::join_all;
use ledger::{Command, LateSettle, Settle};
use store::{Database, FindingRow, Store, check_quickly, platform_difference, verify};
use units::WalletId;

use crate::on_both;
use crate::world::*;

/// Two wallets, one of which will be tampered with.
async fn books(world: &World, store: &Store) -> (WalletId, WalletId) {
    let wallets = (world.wallet_with(store, 10).await, world.wallet_with(store, 10).await);
    for wallet in [wallets.0, wallets.1] {
        for cost in ["0.1", "0.0000000005", "3", "20"] {
            let hold = world.hold();
            post(store, wallet, at(1), place(hold, "0.5".parse().unwrap())).await.unwrap();
            post(store, wallet, at(2), settle(hold, cost)).await.unwrap();
        }
        world.grant(store, wallet, dollars(2), None).await;
        post(store, wallet, at(3), place(world.hold(), dollars(1))).await.unwrap();
    }
    wallets
}

/// As somebody with all rights could.
async fn tamper(world: &World, wallet: WalletId, sql: &str) {
    let id = wallet.uuid().simple();
    let (unlock, id) = match world.database {
        Database::Sqlite(_) => {
            let drop = ["transfers_keep", "transfers_stay", "charges_keep", "charges_stay"];
            (drop.map(|name| format!("DROP TRIGGER IF EXISTS {name};")).concat(), format!("x'{id}'"))
        }
        Database::Postgres(_) => {
            let unlock = "ALTER TABLE transfers DISABLE TRIGGER USER; ALTER TABLE charges DISABLE TRIGGER USER;";
            (unlock.to_owned(), format!("'{id}'"))
        }
    };
    world.run(&format!("{unlock} {}", sql.replace("{w}", &id))).await.unwrap();
}

const TAMPERINGS: [(&str, &str); 29] = [
    (
        "UPDATE transfers SET amount_nanos = 900000000 WHERE wallet = {w} AND seq = 2",
        "transfer 2: its amount was changed: expected 0.10, stands 0.90; and ",
    ),
    (
        "UPDATE transfers SET to_account = 5 WHERE wallet = {w} AND seq = 2",
        "transfer 2: its account that it went to was changed: expected revenue, stands breakage",
    ),
    ("UPDATE transfers SET moved_at = moved_at + 1 WHERE wallet = {w} AND seq = 4", "transfer 4: its time was changed"),
    (
        "UPDATE transfers SET reference = wallet WHERE wallet = {w} AND seq = 3",
        "transfer 3: it was changed after it was sealed: expected seal ",
    ),
    (
        "UPDATE transfers SET hash = (SELECT h.hash FROM transfers h WHERE h.wallet = {w} AND h.seq = 4) \
         WHERE wallet = {w} AND seq = 2",
        "transfer 2: its seal was changed: expected ",
    ),
    ("DELETE FROM transfers WHERE wallet = {w} AND seq = 2", "transfer 2 is missing: expected 2, stands 3"),
    (
        "UPDATE transfers SET seq = 99 WHERE wallet = {w} AND seq = 2; \
         UPDATE transfers SET seq = 2 WHERE wallet = {w} AND seq = 3; \
         UPDATE transfers SET seq = 3 WHERE wallet = {w} AND seq = 99",
        "transfer 2: it was swapped with transfer 3",
    ),
    (
        "INSERT INTO journal_segments SELECT wallet, 7, moved_at, hash FROM transfers WHERE wallet = {w} AND seq = 2",
        "a root or a segment names a transfer that is not there",
    ),
    (
        "INSERT INTO root_heads SELECT wallet, 21242, 3, hash FROM transfers WHERE wallet = {w} AND seq = 2",
        "transfer 3: the root of 2028-02-28 has seal ",
    ),
    ("DELETE FROM transfers WHERE wallet = {w} AND seq = 6", "journal ends at 6, it ends at 5"),
    ("UPDATE wallets SET head_at = head_at + 1 WHERE id = {w}", "time of the last transfer"),
    ("UPDATE wallets SET remainder = remainder + 1 WHERE id = {w}", "requests cost"),
    (
        "UPDATE grants SET left_nanos = left_nanos - 1 WHERE wallet = {w} AND left_nanos > 0",
        "is left, its transfers say",
    ),
    ("UPDATE grants SET amount_nanos = amount_nanos + 1 WHERE wallet = {w}", "the journal says it brought"),
    ("UPDATE grants SET paid = 0 WHERE wallet = {w}", "the journal says it brought"),
    ("DELETE FROM grants WHERE wallet = {w} AND drained = 0", "is left, its transfers say"),
    (
        "UPDATE charges SET debited_nanos = debited_nanos + 1 WHERE wallet = {w} AND cost_nanos = 100000000",
        "the journal says",
    ),
    ("UPDATE charges SET cost_attos = cost_attos + 1 WHERE wallet = {w} AND cost_nanos = 100000000", "requests cost"),
    ("DELETE FROM charges WHERE wallet = {w} AND cost_nanos = 100000000", "the journal has 4 of charges"),
    ("UPDATE usage_daily SET requests = requests - 1 WHERE wallet = {w}", "is not what its charges add up to"),
    ("UPDATE account_daily SET cash = cash + 1, loss = loss - 1 WHERE wallet = {w}", "the accounts of 2028-02-28"),
    (
        "INSERT INTO open_holds SELECT c.wallet, c.id, 1, 1, h.draws, 0, 0, NULL, NULL FROM charges c, open_holds h \
         WHERE c.wallet = {w} AND h.wallet = {w} AND cost_nanos = 0",
        "is open and was charged",
    ),
    (
        "INSERT INTO open_holds SELECT c.wallet, c.id, 1, 1, h.draws, 0, 0, NULL, NULL FROM charges c, open_holds h \
         WHERE c.wallet = {w} AND h.wallet = {w}",
        "open holds reserve more than is left",
    ),
    ("UPDATE wallets SET receivable_nanos = receivable_nanos + 1 WHERE id = {w}", "the wallet says it owes"),
    (
        "UPDATE grants SET taken_nanos = 1 WHERE wallet = {w} AND drained = 1 AND amount_nanos > left_nanos + 1",
        "is marked",
    ),
    ("UPDATE grants SET lost = 1 WHERE wallet = {w} AND drained = 0", "is marked"),
    (
        "INSERT INTO refunds SELECT wallet, id, id, 1, 2 FROM grants WHERE wallet = {w} AND drained = 0",
        "the paid refunds of",
    ),
    ("INSERT INTO disputes SELECT wallet, id, id, 1 FROM grants WHERE wallet = {w} AND drained = 0", "is marked"),
    (
        "INSERT INTO corrections SELECT wallet, id, id, 0, 1, 1, 1 FROM charges WHERE wallet = {w} AND cost_nanos = 100000000",
        "the journal says 0.00 in 0",
    ),
];

on_both! {
    async fn sound_books_are_clean(world: World) {
        let store = world.open().await;
        books(world, &store).await;
        let mut last = None;
        let report = verify(store.reader(), &mut |progress| last = Some(progress)).await.unwrap();
        assert_eq!((report.wallets, report.transfers, report.charges, report.differences.len()), (2, 12, 8, 0));
        assert_eq!(report.platform.iter().map(|(account, nanos)| (*account, *nanos)).collect::<std::collections::BTreeMap<_, _>>(),
            store.reader().platform_totals().await.unwrap().into_iter().filter(|(_, nanos)| *nanos != 0).collect());
        assert_eq!(last.map(|progress| (progress.wallets_done, progress.wallets, progress.rows)), Some((2, 2, 20)));
        assert_eq!(last.map(|progress| progress.rows_expected), Some(20));
        store.close().await;
    }

    async fn every_tampering_is_found_in_its_wallet_alone(world: World) {
        for (sql, expected) in TAMPERINGS {
            let world = match world.database {
                Database::Sqlite(_) => World::sqlite(),
                Database::Postgres(_) => World::postgres().await,
            };
            let store = world.open().await;
            let (wallet, _) = books(&world, &store).await;
            store.reader().platform_totals().await.unwrap();
            tamper(&world, wallet, sql).await;
            let report = verify(store.reader(), &mut |_| {}).await.unwrap();
            let found: Vec<_> = report.differences.iter().filter_map(|found| found.wallet).collect();
            assert_eq!(found, [wallet], "{sql}: {report:?}");
            assert!(report.differences[0].to_string().contains(expected), "{sql}: {}", report.differences[0]);
            store.close().await;
        }
    }

    async fn a_wallet_that_is_gone_is_missed(world: World) {
        let store = world.open().await;
        let (wallet, _) = books(world, &store).await;
        store.reader().platform_totals().await.unwrap();
        tamper(world, wallet, "DELETE FROM wallets WHERE id = {w}").await;
        let report = verify(store.reader(), &mut |_| {}).await.unwrap();
        assert_eq!((report.wallets, report.differences.len(), report.differences[0].wallet), (1, 1, Some(wallet)));
        store.close().await;
    }

    async fn a_pair_is_known_to_be_swapped_where_a_page_ends(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 1).await;
        let charge = |_| Command::Settle(Settle { hold: world.hold(), cost: "0.00000001".parse().unwrap(), late: LateSettle::Charge });
        let charges: Vec<Command> = (0..5_100).map(charge).collect();
        join_all(charges.into_iter().map(|charge| post(&store, wallet, at(1), charge))).await;
        assert!(verify(store.reader(), &mut |_| {}).await.unwrap().is_clean());
        let swap = [(5_000, 99_999), (5_001, 5_000), (99_999, 5_001)]
            .map(|(from, to)| format!("UPDATE transfers SET seq = {to} WHERE wallet = {{w}} AND seq = {from};"));
        tamper(world, wallet, &swap.concat()).await;
        let report = verify(store.reader(), &mut |_| {}).await.unwrap();
        assert_eq!(report.differences.len(), 1);
        let found = report.differences[0].to_string();
        assert!(found.contains("transfer 5000: it was swapped with transfer 5001; and "), "{found}");
        store.close().await;
    }

    async fn the_quick_check_reads_the_end_and_trusts_what_was_summed(world: World) {
        let store = world.open().await;
        let (wallet, other) = books(world, &store).await;
        let reader = store.reader();
        assert_eq!((check_quickly(reader, wallet).await, platform_difference(reader).await), (Ok(None), Ok(0)));
        tamper(world, wallet, "UPDATE transfers SET amount_nanos = 900000000 WHERE wallet = {w} AND seq = 2").await;
        let found = check_quickly(reader, wallet).await.unwrap().expect("it was changed");
        assert!(found.to_string().contains("transfer 2: its amount was changed: expected 0.10, stands 0.90"), "{found}");
        assert_eq!((check_quickly(reader, other).await, platform_difference(reader).await), (Ok(None), Ok(0)));
        tamper(world, wallet, "UPDATE grants SET left_nanos = left_nanos - 5 WHERE wallet = {w} AND left_nanos > 0").await;
        assert_eq!(platform_difference(reader).await, Ok(-5));
        store.close().await;
    }

    async fn a_finding_stays_until_it_is_sound_again(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let keep = async |wallet, what: &str, now| {
            let (code, what) = ("books_differ".to_owned(), what.to_owned());
            let row = FindingRow { wallet, code, what, found_at: at(now), seen_at: at(now) };
            store.write(async move |tx| tx.keep_finding(&row).await).await.unwrap();
        };
        let clear = async |wallet, now| {
            store.write(async move |tx| tx.clear_findings(wallet, at(now)).await).await.unwrap();
        };
        let list = async || {
            let rows = store.reader().list_findings(10).await.unwrap();
            rows.into_iter().map(|row| (row.wallet, row.what, row.found_at, row.seen_at)).collect::<Vec<_>>()
        };
        keep(Some(wallet), "one", 1).await;
        keep(None, "all", 2).await;
        keep(Some(wallet), "two", 3).await;
        let seen = (Some(wallet), "two".to_owned(), at(1), at(3));
        assert_eq!(list().await, [seen, (None, "all".to_owned(), at(2), at(2))]);
        clear(Some(wallet), 4).await;
        assert_eq!(list().await.len(), 1);
        keep(Some(wallet), "again", 5).await;
        clear(None, 6).await;
        assert_eq!(list().await, [(Some(wallet), "again".to_owned(), at(5), at(5))]);
        store.close().await;
    }
}
