//! People sign up once, and are welcomed once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use billing::{Catalog, PriceBook};
use operations::user::{SignUp, sign_up};
use operations::{Context, Ids, Services};
use store::{Database, Store, UserRow};
use units::{Amount, Instant, UserId, WalletId};
use uuid::Uuid;

struct Counting(AtomicU64);

impl Ids for Counting {
    fn uuid(&self) -> Uuid {
        Uuid::from_u128(self.0.fetch_add(1, Ordering::Relaxed).into())
    }

    fn secret(&self) -> [u8; 32] {
        [7; 32]
    }
}

async fn world(folder: &tempfile::TempDir) -> (Services, Context) {
    let store = Store::open(&Database::Sqlite(folder.path().join("tare.db"))).await.unwrap();
    let services = Services::new(store, Catalog::embedded(), PriceBook::embedded());
    let now: Instant = "2026-01-31T23:59:59Z".parse().unwrap();
    (services, Context { now, ids: Arc::new(Counting(AtomicU64::new(1))) })
}

fn ana() -> SignUp {
    SignUp { name: "ana@example.com".to_owned(), country: None }
}

async fn balance(services: &Services, ctx: &Context, wallet: WalletId) -> Amount {
    services.store.reader().load_wallet(wallet).await.unwrap().unwrap().balance(ctx.now)
}

#[tokio::test]
async fn a_name_is_taken_once_and_welcomed_once() {
    let folder = tempfile::tempdir().unwrap();
    let (services, ctx) = world(&folder).await;
    let signed_up = sign_up(&services, &ctx, ana()).await.unwrap();
    let again = sign_up(&services, &ctx, ana()).await.unwrap_err();
    assert_eq!(again.code(), "exists");
    assert_eq!(again.to_string(), "user ana@example.com exists already");
    assert_eq!(balance(&services, &ctx, signed_up.wallet).await, Amount::from_dollars(5));
}

/// The program died between the account and its welcome grant: signing up again completes it.
#[tokio::test]
async fn a_sign_up_that_was_cut_off_is_completed() {
    let folder = tempfile::tempdir().unwrap();
    let (services, ctx) = world(&folder).await;
    let (id, wallet) = (UserId::from_uuid(ctx.ids.uuid()), WalletId::from_uuid(ctx.ids.uuid()));
    let half = UserRow { email: Some(ana().name), ..UserRow::new(id, wallet, ana().name, ctx.now) };
    let wallet = half.wallet;
    services.store.write(async move |tx| tx.insert_user_with_wallet(&half).await).await.unwrap();
    assert_eq!(balance(&services, &ctx, wallet).await, Amount::ZERO);
    assert_eq!(sign_up(&services, &ctx, ana()).await.unwrap().wallet, wallet);
    assert_eq!(balance(&services, &ctx, wallet).await, Amount::from_dollars(5));
}

#[tokio::test]
async fn a_name_must_be_a_name() {
    let folder = tempfile::tempdir().unwrap();
    let (services, ctx) = world(&folder).await;
    for name in ["", "  ", "a\nb", &"x".repeat(255)] {
        let error = sign_up(&services, &ctx, SignUp { name: name.to_owned(), country: None }).await.unwrap_err();
        assert_eq!(error.code(), "invalid_field", "{name:?}");
    }
}

#[tokio::test]
async fn a_country_has_two_letters() {
    let folder = tempfile::tempdir().unwrap();
    let (services, ctx) = world(&folder).await;
    for country in ["Germany", "D", "", "D1", "\u{e4}"] {
        let error = sign_up(&services, &ctx, SignUp { country: Some(country.to_owned()), ..ana() }).await.unwrap_err();
        assert_eq!(error.to_string(), "country: two letters, such as DE", "{country:?}");
    }
    let signed_up = sign_up(&services, &ctx, SignUp { country: Some("de".to_owned()), ..ana() }).await.unwrap();
    let user = services.store.reader().find_user(signed_up.user).await.unwrap().unwrap();
    assert_eq!(user.country.as_deref(), Some("DE"));
}
