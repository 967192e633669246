//! What comes twice happens once.

use ledger::Refusal;
use store::{IdempotencyKey, PostError, Posting};
use units::GrantId;

use crate::on_both;
use crate::world::*;

fn keyed(wallet: units::WalletId, command: ledger::Command, content: u8) -> Posting {
    let key = IdempotencyKey { key: "purchase-1".to_owned(), content: [content; 32] };
    Posting { wallet, now: at(5), command, key: Some(key), usage: None }
}

on_both! {
    async fn a_key_answers_as_before_also_after_a_restart(world: World) {
        let store = world.open().await;
        let (wallet, other) = (world.wallet(&store).await, world.wallet(&store).await);
        let grant = GrantId::from_uuid(world.id());
        let posting = keyed(wallet, issue(grant, dollars(5), None), 1);
        let first = store.post(posting.clone()).await.unwrap();
        assert_eq!(store.post(posting.clone()).await.unwrap(), first);
        store.close().await;

        let store = world.open().await;
        assert_eq!(store.post(posting.clone()).await.unwrap(), first);
        let conflict = store.post(keyed(wallet, issue(grant, dollars(6), None), 2)).await;
        assert!(matches!(&conflict, Err(PostError::Refused(Refusal::IdempotencyConflict { key, .. })) if key == "purchase-1"));
        // Another wallet's equal key is another key.
        store.post(keyed(other, issue(grant, dollars(7), None), 2)).await.unwrap();
        let found = store.reader().load_wallet(wallet).await.unwrap().unwrap();
        assert_eq!(found.available(at(6)), dollars(5));
        store.close().await;
    }

    async fn fifty_at_once_make_one_grant(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let posting = keyed(wallet, issue(GrantId::from_uuid(world.id()), dollars(5), None), 1);
        let answers = futures_util::future::join_all((0..50).map(|_| store.post(posting.clone()))).await;
        assert!(answers.iter().all(|answer| answer == &answers[0] && answer.is_ok()), "{answers:?}");
        assert_eq!(store.reader().list_transfers(wallet, 0, 10).await.unwrap().len(), 1);
        store.close().await;
    }

    async fn a_refusal_leaves_no_key(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let hold = world.hold();
        let posting = keyed(wallet, place(hold, dollars(1)), 1);
        assert!(store.post(posting.clone()).await.is_err());
        world.grant(&store, wallet, dollars(1), None).await;
        store.post(posting).await.unwrap();
        store.close().await;
    }

    async fn a_grant_id_is_used_once_even_when_drained(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 1).await;
        let grant = store.reader().list_grants(wallet, None, 10).await.unwrap()[0].id;
        let hold = world.hold();
        post(&store, wallet, at(1), place(hold, dollars(1))).await.unwrap();
        post(&store, wallet, at(2), settle(hold, "1")).await.unwrap();
        let again = post(&store, wallet, at(3), issue(grant, dollars(1), None)).await;
        assert!(matches!(again, Err(PostError::Refused(Refusal::IdempotencyConflict { .. }))), "{again:?}");
        store.close().await;
    }
}
