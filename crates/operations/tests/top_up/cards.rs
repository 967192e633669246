//! Who tries many cards is held up, at once and from everywhere.

use std::net::IpAddr;

use connectors::processor::{Setup, SetupStatus};
use operations::payment::{self, AddCard, BeginCard, Bought, BuyCredits};
use operations::{Caller, Error};
use store::CardRow;
use units::{Amount, WalletId};

use crate::on_both;
use crate::world::*;

const CARDS: [&str; 4] = [GOOD, "5555555555554444", "378282246310005", DECLINES];

async fn begin(world: &World, caller: Caller, wallet: WalletId, from: &str) -> Result<Setup, Error> {
    let from: Option<IpAddr> = Some(from.parse().unwrap());
    let request = BeginCard { caller, wallet, return_url: "http://localhost/".to_owned(), from };
    payment::begin_card(world.services(), &world.ctx(), request).await
}

async fn save(world: &World, caller: Caller, wallet: WalletId, number: &str) -> Result<CardRow, Error> {
    let setup = begin(world, caller, wallet, "192.0.2.1").await?.id;
    if world.sandbox().submit_card(&setup, number).await.unwrap().status == SetupStatus::ActionRequired {
        world.sandbox().answer_setup(&setup, true).await.unwrap();
    }
    payment::add_card(world.services(), &world.ctx(), AddCard { caller, wallet, setup }).await
}

async fn buy(world: &World, caller: Caller, wallet: WalletId, key: &str) -> Result<Bought, Error> {
    let request = BuyCredits {
        caller,
        wallet,
        amount: dollars(10),
        card: None,
        key: Some(key.to_owned()),
        return_url: "http://localhost/".to_owned(),
        from: Some("192.0.2.1".parse().unwrap()),
    };
    payment::buy(world.services(), &world.ctx(), request).await
}

/// In how many seconds the next try is; nothing when it was not refused.
fn wait<T>(tried: Result<T, Error>) -> Option<u64> {
    match tried {
        Ok(_) => None,
        Err(Error::TooManyCardTries { retry_after }) => Some(retry_after),
        Err(error) => panic!("{error}"),
    }
}

on_both! {
    async fn an_account_has_five_tries_in_an_hour(world: World) {
        let (wallet, ana) = world.person("ana").await;
        for minute in 0..5 {
            assert_eq!(wait(begin(world, ana, wallet, &format!("192.0.2.{minute}")).await), None);
            world.wait(60);
        }
        assert_eq!(wait(begin(world, ana, wallet, "192.0.2.9").await), Some(3600 - 300));
        let refused = begin(world, ana, wallet, "192.0.2.9").await.unwrap_err();
        assert_eq!(refused.code(), "too_many_card_tries");
        // Whoever runs the server is not held up, nor is anybody else.
        assert!(begin(world, Caller::Operator, wallet, "192.0.2.9").await.is_ok());
        let (other, eve) = world.person("eve").await;
        assert_eq!(wait(begin(world, eve, other, "192.0.2.9").await), None);
        world.wait(3600 - 300);
        assert_eq!(wait(begin(world, ana, wallet, "192.0.2.9").await), None);
    }

    async fn a_network_has_ten_tries_in_a_day(world: World) {
        for n in 0..11 {
            let (wallet, person) = world.person(&format!("p{n}")).await;
            // One site of IPv6 is one network.
            let waits = wait(begin(world, person, wallet, &format!("2001:db8:1:{n}::1")).await);
            assert_eq!(waits, if n < 10 { None } else { Some(86_400) }, "{n}");
            if n == 10 {
                assert_eq!(wait(begin(world, person, wallet, "2001:db8:2::1").await), None);
            }
        }
    }

    async fn many_at_once_are_no_way_around(world: World) {
        let (wallet, ana) = world.person("ana").await;
        let mut trying = tokio::task::JoinSet::new();
        for n in 0..8 {
            let (services, ctx) = (world.nodes[n % world.nodes.len()].clone(), world.ctx());
            let request = BeginCard { caller: ana, wallet, return_url: "http://localhost/".to_owned(), from: None };
            trying.spawn(async move { wait(payment::begin_card(&services, &ctx, request).await) });
        }
        let refused = trying.join_all().await.into_iter().flatten().count();
        assert_eq!(refused, 3, "of eight");
    }

    async fn three_different_cards_are_saved_in_a_day(world: World) {
        let (wallet, ana) = world.person("ana").await;
        for number in &CARDS[..3] {
            save(world, ana, wallet, number).await.unwrap();
        }
        let fourth = save(world, ana, wallet, CARDS[3]).await.unwrap_err();
        assert_eq!(fourth.code(), "too_many_cards");
        assert!(save(world, ana, wallet, CARDS[0]).await.is_ok(), "one of the three");
        world.wait(86_400);
        save(world, ana, wallet, CARDS[3]).await.unwrap();
    }

    /// Two declines in a row, and the next try waits; a success ends the row. The same wish again is no new try.
    async fn declines_in_a_row_hold_up(world: World) {
        let (wallet, ana) = world.person("ana").await;
        save(world, ana, wallet, DECLINES).await.unwrap();
        // Tries of one moment have no order.
        world.wait(1);
        for _ in 0..3 {
            assert_eq!(buy(world, ana, wallet, "k1").await.unwrap_err().code(), "card_declined");
        }
        assert_eq!(buy(world, ana, wallet, "k2").await.unwrap_err().code(), "card_declined");
        assert_eq!(wait(buy(world, ana, wallet, "k3").await), Some(30));
        world.wait(30);
        assert_eq!(buy(world, ana, wallet, "k3").await.unwrap_err().code(), "card_declined");
        assert_eq!(wait(buy(world, ana, wallet, "k4").await), Some(60));
        world.wait(3600);
        save(world, ana, wallet, GOOD).await.unwrap();
        assert_eq!(wait(buy(world, ana, wallet, "k5").await), None);
        assert_eq!(wait(buy(world, ana, wallet, "k6").await), None);
        assert_eq!(world.available(wallet).await, Amount::from_dollars(20));
    }

    /// What the bank says about a card that is typed is nobody's to learn.
    async fn a_card_that_is_not_saved_does_not_say_why(world: World) {
        let (wallet, ana) = world.person("ana").await;
        let mut said = Vec::new();
        for number in ["4000000000009995", "4000000000000127"] {
            said.push(save(world, ana, wallet, number).await.unwrap_err().to_string());
        }
        assert_eq!(said[0], said[1]);
        assert!(said[0].contains("the card could not be saved"), "{said:?}");
        assert_eq!(wait(begin(world, ana, wallet, "192.0.2.1").await), Some(30), "both were declined");
    }

    /// What is bought without asking is no try of a stranger.
    async fn a_top_up_is_no_try(world: World) {
        let wallet = world.topped_up("ana", 5, GOOD).await;
        for _ in 0..4 {
            let all = world.available(wallet).await.to_string();
            world.charge(wallet, &all).await;
            world.run().await;
        }
        assert_eq!(world.paid(wallet).await, (4, 4));
    }
}
