//! Each fault of the processor at each call of each flow: what it charged is what was paid, and nothing twice.
//!
//! The processor's own truth is counted past the bad line. `TARE_TEST_SIZE=release` draws two hundred seeds of mixed
//! faults for each flow, else eight.

use std::sync::Arc;

use connectors::processor::Processor;
use operations::payment::PaymentState;
use operations::refund::{RefundPurchase, refund_purchase};
use operations::{Caller, payment};
use units::{Amount, Cents, WalletId};

use crate::dice::Dice;
use crate::faulty::{Call, Fault, Faulty};
use crate::payments::{bought, buy, later, person};
use crate::world::World;

/// What somebody does.
#[derive(Clone, Copy, Debug)]
enum Flow {
    /// Buys with a card that is charged.
    Buy,
    /// Buys with one that is refused.
    BuyInVain,
    /// Buys, and says yes to the bank.
    BuySeen,
    /// Buys with a card whose bank answers later.
    BuySlowly,
    /// Buys, and sends a part back.
    Refund,
    /// The same, at a bank that takes its time.
    RefundSlowly,
}

impl Flow {
    const ALL: [Self; 6] =
        [Self::Buy, Self::BuyInVain, Self::BuySeen, Self::BuySlowly, Self::Refund, Self::RefundSlowly];

    /// What it can be hit in.
    fn calls(self) -> &'static [Call] {
        match self {
            Self::Refund | Self::RefundSlowly => &[Call::Refund, Call::GetRefund, Call::FindRefund],
            _ => &[Call::Create, Call::Confirm, Call::Get, Call::Cancel],
        }
    }

    fn card(self) -> &'static str {
        match self {
            Self::Buy | Self::Refund => "4242424242424242",
            Self::BuyInVain => "4000000000000341",
            Self::BuySeen => "4000002760003184",
            Self::BuySlowly => "4000009999000105",
            Self::RefundSlowly => "4000000000007726",
        }
    }
}

async fn play(flow: Flow, faults: &[(Call, Vec<Fault>)]) {
    let mut world = World::new().await;
    let wallet = person(&world, flow.card()).await;
    let line = Arc::new(Faulty::new(world.sandbox.clone()));
    let processor: Arc<dyn Processor> = line.clone();
    world.services.outside.processor = Some(processor);
    let is_refund = matches!(flow, Flow::Refund | Flow::RefundSlowly);
    // A refund needs a payment that went well.
    let paid = if is_refund { Some(buy(&world, wallet, 20, "k").await.unwrap().payment) } else { None };
    faults.iter().for_each(|(call, faults)| line.hit(*call, faults));
    match paid {
        Some(payment) => {
            let request = || RefundPurchase {
                caller: Caller::Operator,
                wallet,
                payment,
                amount: Some(Cents::from_count(500)),
                reason: "not wanted".to_owned(),
                key: Some("r".to_owned()),
            };
            // Whoever waits in vain asks again, under the same key.
            for _ in 0..2 {
                let _ = refund_purchase(&world.services, &world.context(), request()).await;
            }
        }
        None => buy_and_answer(&world, wallet).await,
    }
    later(&world).await;
    check(&world, &line, wallet, flow, faults).await;
}

async fn buy_and_answer(world: &World, wallet: WalletId) {
    for _ in 0..2 {
        if let Ok(bought) = buy(world, wallet, 20, "k").await
            && let PaymentState::ActionRequired { page } = bought.state
        {
            let _ = world.sandbox.answer_payment(page.rsplit('/').next().unwrap(), true).await;
            let _ = payment::see(&world.services, &world.context(), &Caller::Operator, bought.payment).await;
        }
    }
}

/// The processor's charges are the paid payments, their credits are there once, and nothing is left open.
async fn check(world: &World, line: &Faulty, wallet: WalletId, flow: Flow, faults: &[(Call, Vec<Fault>)]) {
    let place = format!("{flow:?} with {faults:?}");
    let reader = world.services.store.reader();
    let payments = reader.list_payments(wallet, None, 10).await.unwrap();
    let paid = payments.iter().filter(|row| row.paid_at.is_some()).count();
    let (charged, refunded) = line.truth(reader).await;
    assert_eq!(charged, paid, "{place}: charges and paid payments");
    assert!(payments.len() <= 1 && refunded <= 1, "{place}: {} payments, {refunded} refunds", payments.len());
    for row in &payments {
        assert_eq!(row.paid_at.is_some(), row.credited_at.is_some(), "{place}");
        let attempt = reader.find_attempt(row.id).await.unwrap().unwrap();
        assert!(!attempt.is_live, "{place}: the attempt is {}", attempt.state);
        let refunds = reader.list_card_refunds(row.id).await.unwrap();
        assert!(refunds.iter().all(|refund| refund.state == "paid"), "{place}: {refunds:?}");
        assert_eq!(refunds.len(), refunded, "{place}: refunds");
    }
    let dollars = 20 * i64::try_from(paid).unwrap() - 5 * i64::try_from(refunded).unwrap();
    assert_eq!(bought(world, wallet).await, Amount::from_dollars(dollars), "{place}: credits");
    let books = reader.load_wallet(wallet).await.unwrap().unwrap();
    assert_eq!(books.held(), Amount::ZERO, "{place}: something is set aside");
    if matches!(flow, Flow::Refund | Flow::RefundSlowly) {
        assert_eq!(refunded, 1, "{place}: the refund was wished for, and the line is good again");
    }
}

#[tokio::test]
async fn every_fault_at_every_call_of_every_flow_is_paid_once() {
    for flow in Flow::ALL {
        for call in flow.calls() {
            for fault in Fault::ALL {
                for times in [1, 3] {
                    play(flow, &[(*call, vec![fault; times])]).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn mixed_faults_are_paid_once() {
    let seeds = match std::env::var("TARE_TEST_SIZE").as_deref() {
        Ok("release") => 200,
        _ => 8,
    };
    for flow in Flow::ALL {
        for seed in 0..seeds {
            let mut dice = Dice(seed + 1);
            let faults: Vec<(Call, Vec<Fault>)> = Call::ALL
                .into_iter()
                .map(|call| (call, (0..dice.below(4)).map(|_| Fault::ALL[dice.below(4)]).collect()))
                .collect();
            play(flow, &faults).await;
        }
    }
}
