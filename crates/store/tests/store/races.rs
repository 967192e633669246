//! Many at once, on one node and on two.

use futures_util::future::join_all;
use ledger::Refusal;
use store::{Database, PostError, Store};

use crate::on_both;
use crate::world::*;

on_both! {
    async fn two_hundred_and_fifty_six_requests_share_a_balance_for_ten(world: World) {
        let first = world.open().await;
        // SQLite has one writer; PostgreSQL has as many nodes as one likes.
        let second = match &world.database {
            Database::Sqlite(_) => first.clone(),
            Database::Postgres(_) => world.open().await,
        };
        let wallet = world.wallet_with(&first, 10).await;
        let place_on = |index: usize| {
            let store: &Store = if index.is_multiple_of(2) { &first } else { &second };
            post(store, wallet, at(1), place(world.hold(), dollars(1)))
        };
        let answers = join_all((0..256).map(place_on)).await;
        let placed = answers.iter().filter(|answer| answer.is_ok()).count();
        let short = |answer: &&Result<_, _>| {
            matches!(answer, Err(PostError::Refused(Refusal::InsufficientCredits { available, .. })) if available.is_zero())
        };
        assert_eq!((placed, answers.iter().filter(short).count()), (10, 246));
        let found = first.reader().load_wallet(wallet).await.unwrap().unwrap();
        assert_eq!((found.available(at(1)), found.held()), (dollars(0), dollars(10)));
        second.close().await;
        first.close().await;
    }

    async fn many_wallets_take_turns_on_both_nodes(world: World) {
        let first = world.open().await;
        let second = match &world.database {
            Database::Sqlite(_) => first.clone(),
            Database::Postgres(_) => world.open().await,
        };
        let wallets = join_all((0..20).map(|_| world.wallet_with(&first, 1))).await;
        let stories = (0..200).map(|index| {
            let (store, wallet) = (if index % 3 == 0 { &first } else { &second }, wallets[index % 20]);
            let hold = world.hold();
            async move {
                post(store, wallet, at(1), place(hold, "0.1".parse().unwrap())).await.unwrap();
                post(store, wallet, at(2), settle(hold, "0.1")).await.unwrap();
            }
        });
        join_all(stories).await;
        for wallet in wallets {
            let found = first.reader().load_wallet(wallet).await.unwrap().unwrap();
            assert_eq!((found.available(at(3)), found.held(), found.head.seq), (dollars(0), dollars(0), 11));
        }
        second.close().await;
        first.close().await;
    }

    async fn transactions_that_meet_run_again(world: World) {
        let store = world.open().await;
        // Everybody takes the name if it is free; the check and the act are one.
        let claims = (0..16).map(|_| {
            let (id, wallet) = (units::UserId::from_uuid(world.id()), units::WalletId::from_uuid(world.id()));
            let user = store::UserRow::new(id, wallet, "ada@example.com".to_owned(), at(0));
            store.write(async move |tx| match tx.find_user_by_name(&user.name).await? {
                Some(_) => Ok(false),
                None => tx.insert_user_with_wallet(&user).await.map(|()| true),
            })
        });
        let claimed: Vec<Result<bool, store::Fault>> = join_all(claims).await;
        let winners = claimed.iter().filter(|claim| **claim == Ok(true)).count();
        assert_eq!(winners, 1, "{claimed:?}");
        store.close().await;
    }
}
