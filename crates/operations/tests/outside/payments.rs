//! A payment is credited once, whoever asks, whatever is lost, and whoever dies.

use connectors::processor::SetupStatus;
use connectors::processor::sandbox::Delivery;
use operations::payment::{self, AddCard, BeginCard, Bought, BuyCredits, PaymentState, Way};
use operations::user::{SignUp, sign_up};
use operations::{Caller, Error};
use store::{AttemptRow, Fault, PaymentRow};
use units::{Amount, Cents, PaymentId, WalletId};

use crate::world::World;

const RETURN: &str = "http://localhost/credits";

pub async fn person(world: &World, card: &str) -> WalletId {
    person_named(world, "ana@example.com", card).await
}

pub async fn person_named(world: &World, name: &str, card: &str) -> WalletId {
    let request = SignUp { name: name.to_owned(), country: None };
    let wallet = sign_up(&world.services, &world.context(), request).await.unwrap().wallet;
    add_card(world, wallet, card).await.unwrap();
    wallet
}

fn begin(wallet: WalletId) -> BeginCard {
    BeginCard { caller: Caller::Operator, wallet, return_url: RETURN.to_owned(), from: None }
}

pub async fn add_card(world: &World, wallet: WalletId, card: &str) -> Result<(), Error> {
    let setup = payment::begin_card(&world.services, &world.context(), begin(wallet)).await?.id;
    if world.sandbox.submit_card(&setup, card).await.unwrap().status == SetupStatus::ActionRequired {
        world.sandbox.answer_setup(&setup, true).await.unwrap();
    }
    payment::add_card(&world.services, &world.context(), AddCard { caller: Caller::Operator, wallet, setup })
        .await
        .map(drop)
}

pub fn wish(wallet: WalletId, dollars: i64, key: &str) -> BuyCredits {
    BuyCredits {
        caller: Caller::Operator,
        wallet,
        amount: Cents::from_count(dollars * 100),
        card: None,
        key: Some(key.to_owned()),
        return_url: RETURN.to_owned(),
        from: None,
    }
}

pub async fn buy(world: &World, wallet: WalletId, dollars: i64, key: &str) -> Result<Bought, Error> {
    payment::buy(&world.services, &world.context(), wish(wallet, dollars, key)).await
}

/// What is left of credits that were paid for.
pub async fn bought(world: &World, wallet: WalletId) -> Amount {
    let wallet = world.services.store.reader().load_wallet(wallet).await.unwrap().unwrap();
    wallet.grants().iter().filter(|grant| grant.paid).map(|grant| grant.left).sum()
}

pub async fn deliver(world: &World) -> u64 {
    let came = payment::deliver(&world.services, &world.context(), &world.sandbox, Way::USUAL).await.unwrap();
    world.run().await;
    came
}

/// The world is closed: whatever was written to be done later is done, and nothing more comes of it.
pub async fn later(world: &World) {
    for _ in 0..30 {
        world.clock.wait(3600);
        world.run().await;
        deliver(world).await;
    }
    // Refunds are looked at for weeks.
    for _ in 0..60 {
        let now = world.context().now;
        let Some(next) = world.services.store.reader().next_due_job(now).await.unwrap() else { return };
        world.clock.wait((next.micros() - now.micros()).div_euclid(1_000_000) + 1);
        world.run().await;
        deliver(world).await;
    }
    panic!("a job still waits");
}

async fn rows(world: &World, payment: PaymentId) -> (PaymentRow, AttemptRow) {
    let reader = world.services.store.reader();
    (reader.find_payment(payment).await.unwrap().unwrap(), reader.find_attempt(payment).await.unwrap().unwrap())
}

#[tokio::test]
async fn the_same_wish_is_bought_once() {
    let world = World::new().await;
    let wallet = person(&world, "4242424242424242").await;
    let first = buy(&world, wallet, 20, "k1").await.unwrap();
    assert_eq!(first.state, PaymentState::Paid);
    assert_eq!(buy(&world, wallet, 20, "k1").await.unwrap(), first);
    assert_eq!(buy(&world, wallet, 21, "k1").await.unwrap_err().code(), "idempotency_conflict");
    later(&world).await;
    assert_eq!(bought(&world, wallet).await, Amount::from_dollars(20));
    assert_ne!(buy(&world, wallet, 20, "k2").await.unwrap().payment, first.payment);
    assert_eq!(bought(&world, wallet).await, Amount::from_dollars(40));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_with_one_key_buy_once() {
    let world = World::new().await;
    let wallet = person(&world, "4242424242424242").await;
    let all = (0..16).map(|_| {
        let (services, ctx) = (world.services.clone(), world.context());
        tokio::spawn(async move { payment::buy(&services, &ctx, wish(wallet, 10, "k")).await })
    });
    let mut payments = Vec::new();
    for one in all.collect::<Vec<_>>() {
        payments.push(one.await.unwrap().unwrap().payment);
    }
    payments.dedup();
    assert_eq!(payments.len(), 1);
    later(&world).await;
    assert_eq!(bought(&world, wallet).await, Amount::from_dollars(10));
}

/// The program dies after its rows are written and before anybody outside heard of them: nothing is charged.
#[tokio::test]
async fn a_purchase_that_nobody_heard_of_is_called_off() {
    let mut world = World::new().await;
    let wallet = person(&world, "4242424242424242").await;
    let processor = world.services.outside.processor.replace(std::sync::Arc::new(crate::away::Away));
    let pending = buy(&world, wallet, 20, "k").await.unwrap();
    assert_eq!(pending.state, PaymentState::Pending);
    world.services.outside.processor = processor;
    later(&world).await;
    let (payment, attempt) = rows(&world, pending.payment).await;
    assert_eq!((payment.paid_at, attempt.state.as_str()), (None, "canceled"));
    assert_eq!(bought(&world, wallet).await, Amount::ZERO);
    assert_eq!(buy(&world, wallet, 20, "k").await.unwrap_err().code(), "card_declined");
}

/// The program dies between the charge and the credits: the credits come.
#[tokio::test]
async fn credits_follow_a_charge_that_was_cut_off() {
    let world = World::new().await;
    let wallet = person(&world, "4000002760003184").await;
    let asked = buy(&world, wallet, 20, "k").await.unwrap();
    let PaymentState::ActionRequired { page } = asked.state else { panic!("{asked:?}") };
    assert_eq!(bought(&world, wallet).await, Amount::ZERO);
    world.sandbox.answer_payment(page.rsplit('/').next().unwrap(), true).await.unwrap();
    // Nobody comes back to the page; the event alone tells.
    assert!(deliver(&world).await > 0);
    assert_eq!(bought(&world, wallet).await, Amount::from_dollars(20));
    assert_eq!(buy(&world, wallet, 20, "k").await.unwrap().state, PaymentState::Paid);
    later(&world).await;
    assert_eq!(bought(&world, wallet).await, Amount::from_dollars(20));
}

#[tokio::test]
async fn a_person_who_does_not_answer_their_bank_pays_nothing() {
    let world = World::new().await;
    let wallet = person(&world, "4000002760003184").await;
    let asked = buy(&world, wallet, 20, "k").await.unwrap();
    later(&world).await;
    let (_, attempt) = rows(&world, asked.payment).await;
    assert_eq!(attempt.state, "canceled");
    let PaymentState::ActionRequired { page } = asked.state else { panic!("no page") };
    assert!(world.sandbox.answer_payment(page.rsplit('/').next().unwrap(), true).await.is_err(), "it is too late");
}

#[tokio::test]
async fn a_card_of_another_wallet_and_a_foreign_setup_are_not_found() {
    let world = World::new().await;
    let wallet = person(&world, "4242424242424242").await;
    let other = SignUp { name: "eve@example.com".to_owned(), country: None };
    let eve = sign_up(&world.services, &world.context(), other).await.unwrap().wallet;
    let card = world.services.store.reader().list_cards(wallet, "sandbox").await.unwrap()[0].id;
    let request = BuyCredits { card: Some(card), ..wish(eve, 20, "k") };
    let stolen = payment::buy(&world.services, &world.context(), request).await.unwrap_err();
    assert_eq!(stolen.code(), "not_found");
    let setup = payment::begin_card(&world.services, &world.context(), begin(wallet)).await.unwrap().id;
    world.sandbox.submit_card(&setup, "4242424242424242").await.unwrap();
    let request = AddCard { caller: Caller::Operator, wallet: eve, setup };
    let stolen = payment::add_card(&world.services, &world.context(), request).await.unwrap_err();
    assert_eq!(stolen.code(), "not_found");
}

#[tokio::test]
async fn a_card_whose_bank_asks_is_saved_after_its_answer() {
    let world = World::new().await;
    let wallet = person(&world, "4242424242424242").await;
    let setup = payment::begin_card(&world.services, &world.context(), begin(wallet)).await.unwrap().id;
    world.sandbox.submit_card(&setup, "4000002500003155").await.unwrap();
    let request = || AddCard { caller: Caller::Operator, wallet, setup: setup.clone() };
    let asked = payment::add_card(&world.services, &world.context(), request()).await.unwrap_err();
    assert_eq!(asked.code(), "authentication_required");
    assert!(asked.to_string().contains(&format!("http://localhost/sandbox/setups/{setup}")), "{asked}");
    world.sandbox.answer_setup(&setup, true).await.unwrap();
    let first = payment::add_card(&world.services, &world.context(), request()).await.unwrap();
    let again = payment::add_card(&world.services, &world.context(), request()).await.unwrap();
    assert_eq!((first.id, first.last4.as_str()), (again.id, "3155"));
    assert_eq!(world.services.store.reader().list_cards(wallet, "sandbox").await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_event_that_nobody_signed_is_refused() {
    let world = World::new().await;
    let wallet = person(&world, "4242424242424242").await;
    buy(&world, wallet, 20, "k").await.unwrap();
    let events: Vec<Delivery> = world.sandbox.collect().await.unwrap();
    let event = &events[0];
    let receive = async |signature: &str, body: &[u8]| {
        payment::receive_event(&world.services, &world.context(), signature, body).await
    };
    assert_eq!(receive("t=1,v1=00", &event.body).await.unwrap_err().code(), "event_refused");
    assert_eq!(receive(&event.signature, b"{}").await.unwrap_err().code(), "event_refused");
    assert!(receive(&event.signature, &event.body).await.unwrap());
    assert!(!receive(&event.signature, &event.body).await.unwrap(), "it came before");
    world.clock.wait(301);
    assert_eq!(receive(&event.signature, &event.body).await.unwrap_err().code(), "event_refused");
}

#[tokio::test]
async fn without_a_processor_nothing_is_bought() {
    let mut world = World::new().await;
    let wallet = person(&world, "4242424242424242").await;
    world.services.outside.processor = None;
    assert_eq!(buy(&world, wallet, 20, "k").await.unwrap_err().code(), "processor_unavailable");
    let none: Result<Option<PaymentRow>, Fault> = Ok(None);
    let payments = world.services.store.reader().list_payments(wallet, None, 10).await;
    assert_eq!(payments.map(|all| all.into_iter().next()), none);
}
