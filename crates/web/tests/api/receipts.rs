//! Receipts of single charges, over the API and on the page of a request.

use std::sync::Arc;

use billing::Role;
use connectors::upstream::{ApiKey, UpstreamSettings, Upstreams};
use operations::receipt::{CheckError, PublicKey, SignedReceipt, SigningKey};
use serde_json::json;
use units::HoldId;

use crate::{
    browser::{Browser, found, join, somebody},
    on_both,
    world::{Person, Signed},
};

on_both! {
    /// Whoever has the public key and the receipt needs nothing else.
    async fn a_receipt_is_checked_with_the_public_key(world: World) {
        let person = world.person("10").await;
        let hold = world.hold(&person, "2").await;
        let wish = json!({"cost": "0.250000000000000001", "model": "small", "provider": "demo", "project": "red"});
        world.post(&person, &format!("/api/v1/holds/{hold}/settle"), &wish).await.ok(200);
        let told = world.browse(None, "GET", "/api/v1/receipt-key").await.ok(200);
        let key = PublicKey::parse(told["public_key"].as_str().unwrap()).unwrap();
        assert_eq!(told["id"], json!(key.id()));

        let path = format!("/api/v1/wallets/me/charges/{hold}/receipt");
        let answer = world.get(&person, &path).await;
        let saved_as = format!("attachment; filename=\"receipt-{hold}.json\"");
        assert_eq!(answer.header("content-disposition"), Some(saved_as.as_str()));
        answer.ok(200);
        let receipt = SignedReceipt::check(&answer.text, &key).unwrap();
        assert_eq!((receipt.charge, receipt.wallet), (hold.parse::<HoldId>().unwrap(), person.wallet));
        let exact = ["0.250000000000000001", "0.25"];
        assert_eq!([receipt.provider_cost.to_string(), receipt.debited.to_string()], exact);
        let altered = answer.text.replace("\"small\"", "\"large\"");
        assert_eq!(SignedReceipt::check(&altered, &key), Err(CheckError::Changed));

        let stranger = world.person("0").await;
        let theirs = format!("/api/v1/wallets/{}/charges/{hold}/receipt", person.wallet);
        assert_eq!(world.get(&stranger, &theirs).await.problem(404), "not_found");
        assert_eq!(world.get(&stranger, &path).await.problem(404), "not_found");
        world.close().await;
    }

    /// The page of a request reckons its cost from tokens and prices, and names who paid.
    async fn a_request_has_a_page(world: World) {
        let mut world = world;
        let key = ApiKey::new("demo".to_owned()).unwrap();
        let demo = UpstreamSettings::new("demo", &world.demo.base_url(), Some(key), ("demo/*", "*"));
        world.upstreams = Upstreams::new(vec![demo]).unwrap();
        let mut world = world.with_gateway().await;
        let person = world.person("5").await;
        let bearer = format!("Bearer {}", person.key);
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json"), ("x-tare-project", "a<b>")];
        let body = json!({"model": "demo/small", "messages": [{"role": "user", "content": "What does it cost?"}]});
        let answer =
            world.client.send(world.address, "POST", "/v1/chat/completions", &headers, body.to_string()).await;
        answer.ok(200);
        let cost = answer.header("x-tare-cost").unwrap().to_owned();
        let browser = browser_of(&world, &person).await;
        let list = browser.open("/usage/requests").await;
        assert!(list.text.contains(">demo/small</a>") && list.text.contains("a&#60;b&#62;"), "{}", list.text);
        let page = browser.open(&first_request(&list.text)).await;
        for told in [format!(">${cost}<"), "Completion".to_owned(), "Signed receipt".to_owned(), "operator".to_owned()] {
            assert!(page.text.contains(&told), "{told}: {}", page.text);
        }
        assert!(browser.open("/profile").await.text.contains(&first_request(&list.text)), "it stands under what was spent");
        assert_eq!(browser.open("/usage/requests/hld_0190a1b2c3d47e8f8091a2b3c4d5e6f7").await.status, 404);
        assert_eq!(browser.open("/usage/requests/nonsense").await.status, 404);

        world.services.receipt_key = None;
        world.restart().await;
        let browser = browser_of(&world, &person).await;
        let page = browser.open(&first_request(&list.text)).await;
        assert!(page.text.contains(&cost) && !page.text.contains("Signed receipt"), "{}", page.text);
        let id = first_request(&list.text).replace("/usage/requests/", "");
        let refused = world.get(&person, &format!("/api/v1/wallets/me/charges/{id}/receipt")).await;
        assert_eq!(refused.problem(409), "no_receipt_key");
        assert_eq!(world.browse(None, "GET", "/api/v1/receipt-key").await.problem(409), "no_receipt_key");
        world.close().await;
    }

    /// Who asked what is for owners, admins and billing managers.
    async fn requests_of_an_organization_are_not_for_every_member(world: World) {
        let owner = somebody(&world).await;
        let (id, _) = found(&world, &owner, "Sons").await;
        let member = join(&world, id, Role::Member).await;
        let at = format!("/organizations/{id}/usage/requests");
        assert_eq!(Browser::of(&world, &owner).await.open(&at).await.status, 200);
        let browser = Browser::of(&world, &member).await;
        assert_eq!(browser.open(&at).await.status, 403);
        assert!(!browser.open(&format!("/organizations/{id}/usage")).await.text.contains(&at));
        let stranger = Browser::of(&world, &somebody(&world).await).await;
        assert_eq!(stranger.open(&at).await.status, 404);
        world.close().await;
    }

    /// Fifty on a page, the latest first, each once.
    async fn requests_come_in_pages(world: World) {
        let person = world.person("10").await;
        for _ in 0..51 {
            let hold = world.hold(&person, "0.1").await;
            world.post(&person, &format!("/api/v1/holds/{hold}/settle"), &json!({"cost": "0.1"})).await.ok(200);
        }
        let browser = browser_of(&world, &person).await;
        let first = browser.open("/usage/requests").await;
        let next = first.text.split("href=\"").find(|text| text.starts_with("/usage/requests?cursor=")).unwrap();
        let second = browser.open(next.split('"').next().unwrap()).await;
        let count = |text: &str| text.matches("<tr><th scope=\"row\">").count();
        assert_eq!((count(&first.text), count(&second.text)), (50, 1));
        assert!(!second.text.contains("cursor="), "{}", second.text);
        assert_eq!(browser.open("/usage/requests?cursor=nonsense").await.status, 422);
        world.close().await;
    }
}

/// What the tests' server signs with.
pub fn key() -> Arc<SigningKey> {
    Arc::new(SigningKey::from_seed(&[9; 32]))
}

async fn browser_of<'a>(world: &'a crate::world::World, person: &Person) -> Browser<'a> {
    let signed = Signed { user: person.user, wallet: person.wallet, token: String::new() };
    Browser::of(world, &world.signed_in_again(&signed).await).await
}

/// Where the first request of a list is.
fn first_request(page: &str) -> String {
    let from = page.split("href=\"").find(|text| text.starts_with("/usage/requests/hld_")).expect("there is one");
    from.split('"').next().unwrap().to_owned()
}
