//! People, their wallets and keys.

use billing::{LimitPeriod, SpendingLimit};
use store::{ApiKeyRow, Fault, Holder, SuspensionRow, UserRow};
use units::{ApiKeyId, UserId, WalletId};

use crate::on_both;
use crate::world::*;

on_both! {
    async fn a_user_comes_with_a_wallet(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let reader = store.reader();
        let row = reader.find_wallet(wallet).await.unwrap().unwrap();
        let Holder::User(user) = row.holder else { panic!("{row:?}") };
        let user = reader.find_user(user).await.unwrap().unwrap();
        assert_eq!(user.wallet, wallet);
        assert_eq!(reader.find_user_by_name(&user.name).await.unwrap(), Some(user.clone()));
        assert_eq!(reader.find_user_by_name("' OR 1=1 --").await.unwrap(), None);
        world.wallet(&store).await;
        let first = reader.list_users(None, 1).await.unwrap();
        let rest = reader.list_users(Some(first[0].id), 10).await.unwrap();
        assert_eq!((first.len(), rest.len()), (1, 1));
        assert!(first[0].id < rest[0].id);
        store.close().await;
    }

    async fn a_name_is_given_once_and_nothing_is_left_of_the_second(world: World) {
        let store = world.open().await;
        let user = |world: &World| {
            let (id, wallet) = (UserId::from_uuid(world.id()), WalletId::from_uuid(world.id()));
            UserRow::new(id, wallet, "ada@example.com".to_owned(), at(0))
        };
        let (first, second) = (user(world), user(world));
        store.write(async move |tx| tx.insert_user_with_wallet(&first).await).await.unwrap();
        let wallet = second.wallet;
        let refused = store.write(async move |tx| tx.insert_user_with_wallet(&second).await).await;
        assert!(matches!(refused, Err::<(), _>(Fault::Taken { .. })), "{refused:?}");
        assert_eq!(store.reader().find_wallet(wallet).await.unwrap(), None);
        store.close().await;
    }

    async fn a_key_is_found_by_its_hash_and_revoked_once(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let key = ApiKeyRow {
            id: ApiKeyId::from_uuid(world.id()),
            wallet,
            user: None,
            name: "laptop \0 é".to_owned(),
            secret_hash: [7; 32],
            last4: "a1b2".to_owned(),
            created_at: at(0),
            expires_at: Some(at(60)),
            revoked_at: None,
            limit: Some(SpendingLimit { amount: dollars(7), period: LimitPeriod::Month }),
            last_used_at: None,
        };
        let row = key.clone();
        store.write(async move |tx| tx.insert_api_key(&row).await).await.unwrap();
        let found = store.reader().find_api_key_by_hash([7; 32]).await.unwrap().unwrap();
        assert_eq!(found.key, ApiKeyRow { name: "laptop   é".to_owned(), ..key.clone() });
        assert!(matches!(found.holder, Holder::User(_)) && found.role.is_none(), "{found:?}");
        assert_eq!(store.reader().find_api_key_by_hash([8; 32]).await.unwrap(), None);
        let id = key.id;
        for expected in [true, false] {
            let revoked = store.write(async move |tx| tx.revoke_api_key(id, at(30)).await).await;
            assert_eq!(revoked, Ok::<_, Fault>(expected));
        }
        assert_eq!(store.reader().list_api_keys(wallet).await.unwrap()[0].revoked_at, Some(at(30)));
        store.close().await;
    }

    async fn a_suspension_stays_as_it_began_until_it_ends(world: World) {
        let store = world.open().await;
        let (first, second) = (world.wallet(&store).await, world.wallet(&store).await);
        let suspend = async |wallet, seconds, reason: &str| {
            let row = SuspensionRow { since: at(seconds), reason: reason.to_owned() };
            store.write(async move |tx| tx.insert_suspension(wallet, &row).await).await.unwrap()
        };
        assert!(suspend(first, 2, "one \0").await && suspend(second, 1, "two").await);
        assert!(!suspend(first, 3, "three").await, "it is suspended already");
        let listed: Vec<WalletId> = store.reader().list_suspensions(10).await.unwrap().into_iter().map(|row| row.0).collect();
        assert_eq!(listed, [second, first]);
        assert_eq!(store.reader().list_suspensions(1).await.unwrap().len(), 1);
        let found = store.reader().find_wallet(first).await.unwrap().unwrap().suspension;
        assert_eq!(found, Some(SuspensionRow { since: at(2), reason: "one  ".to_owned() }));
        for expected in [true, false] {
            let ended: Result<bool, Fault> = store.write(async move |tx| tx.delete_suspension(first).await).await;
            assert_eq!(ended, Ok(expected));
        }
        assert_eq!(store.reader().find_wallet(first).await.unwrap().unwrap().suspension, None);
        store.close().await;
    }
}
