//! Purchases that go back to their card, over the API and on their pages.

use billing::Role;
use serde_json::{Value, json};

use crate::{
    browser::{Browser, found, join, next, somebody},
    on_both,
    pages::field,
    world::{Signed, World},
};

async fn get(world: &World, who: &Signed, path: &str) -> Value {
    world.call(Some(who), "GET", path, &Value::Null).await.ok(200)
}

/// Buys with a new card, and answers the path of the purchase's page.
async fn buy(browser: &Browser<'_>, base: &str, amount: &str) -> String {
    let begun = browser.send(&format!("{base}/payment-methods"), "").await;
    let back = browser.type_card(&begun, "4242424242424242").await;
    browser.open(&back).await;
    next(&browser.pay(base, amount).await)
}

fn id(page: &str) -> &str {
    page.rsplit('/').next().unwrap()
}

on_both! {
    async fn what_is_unused_goes_back_once(world: World) {
        let ana = somebody(&world).await;
        let browser = Browser::of(&world, &ana).await;
        let bought = buy(&browser, "", "20").await;
        let hold = json!({"id": crate::world::hold_id(), "amount": "5"});
        let key = world.key_of(&ana, ana.wallet).await;
        let held = world.call(Some(&key), "POST", "/api/v1/holds", &hold).await.ok(201);
        let preview = format!("/api/v1/wallets/me/purchases/{}/refund-preview", id(&bought));
        let may = get(&world, &ana, &preview).await;
        assert_eq!(may, json!({"refundable": "15.00", "credits": "15.00", "amount": "15.00"}), "what is held stays");
        let more = world.call(Some(&ana), "GET", &format!("{preview}?amount=15.01"), &Value::Null).await;
        assert_eq!(more.problem(422), "refund_too_large");

        let path = format!("{bought}/refund");
        let page = browser.open(&path).await;
        assert!(page.text.contains("$15.00 of it is unused") && page.text.contains("value=\"15.00\""), "{}", page.text);
        let wrong = browser.open(&format!("{path}?amount=15.01&reason=too+much")).await;
        assert!(wrong.status == 422 && wrong.text.contains("value=\"15.01\""), "{}", wrong.text);
        let silent = browser.open(&format!("{path}?amount=5&reason=")).await;
        assert!(silent.status == 422 && silent.text.contains("say why"), "{}", silent.text);
        let sure = browser.open(&format!("{path}?amount=5&reason=%3Cb%3Etoo+much")).await;
        assert!(sure.text.contains("$5.00 goes back") && sure.text.contains("&#60;b&#62;too much"), "{}", sure.text);
        let fields = format!("amount=5.00&reason=too+much&once={}", field(&sure.text, "once"));
        for _ in 0..2 {
            assert_eq!(next(&browser.send(&path, &fields).await), bought, "sent twice, it refunds once");
        }
        let page = browser.open(&bought).await;
        assert!(page.text.contains("is back at the card") && page.text.contains("too much"), "{}", page.text);
        assert!(browser.open("/credits").await.text.contains("paid, $5.00 refunded"));
        let invoice = browser.open("/invoices/2028-000001").await;
        assert!(invoice.text.contains("2028-C000001") && invoice.text.contains("$5.00"), "{}", invoice.text);

        let wish = json!({"purchase": id(&bought), "reason": "the rest"});
        let refunds = "/api/v1/wallets/me/refunds";
        let first = world.call_once(&ana, refunds, "k1", &wish).await;
        let again = world.call_once(&ana, refunds, "k1", &wish).await;
        assert_eq!(first.ok(201)["amount"], "10.00");
        assert_eq!(first.text, again.text);
        let other = json!({"purchase": id(&bought), "reason": "the rest", "amount": "1"});
        assert_eq!(world.call_once(&ana, refunds, "k1", &other).await.problem(409), "idempotency_conflict");
        assert_eq!(world.call_once(&ana, refunds, "k2", &wish).await.problem(422), "refund_too_large");
        let listed = get(&world, &ana, refunds).await;
        let amounts: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|item| &item["amount"]).collect();
        assert_eq!(amounts, ["10.00", "5.00"], "the newest first");
        let page = get(&world, &ana, &format!("{refunds}?limit=1")).await;
        let rest = get(&world, &ana, &format!("{refunds}?limit=1&cursor={}", page["next"].as_str().unwrap())).await;
        assert_eq!((&rest["items"][0], &rest["next"]), (&listed["items"][1], &Value::Null));
        let purchases = get(&world, &ana, "/api/v1/wallets/me/purchases").await;
        assert_eq!(purchases["items"][0]["refunded"], "15.00");
        assert!(browser.open(&path).await.text.contains("Nothing of it can be refunded"));
        let release = format!("/api/v1/holds/{}/release", held["id"].as_str().unwrap());
        world.call(Some(&key), "POST", &release, &json!({})).await.ok(200);
        world.close().await;
    }

    async fn only_who_manages_billing_refunds(world: World) {
        let owner = somebody(&world).await;
        let (organization, wallet) = found(&world, &owner, "Apples").await;
        let base = format!("/organizations/{organization}");
        let bought = buy(&Browser::of(&world, &owner).await, &base, "50").await;
        let member = join(&world, organization, Role::Member).await;
        let stranger = somebody(&world).await;
        let wish = json!({"purchase": id(&bought), "reason": "mine"});
        let path = format!("/api/v1/wallets/{wallet}/refunds");
        let ask = async |who: &Signed, path: &str| world.call(Some(who), "POST", path, &wish).await;
        assert_eq!(ask(&member, &path).await.problem(403), "forbidden");
        assert_eq!(ask(&stranger, &path).await.problem(404), "not_found");
        // In a wallet of one's own, the payment of another wallet is not there.
        assert_eq!(ask(&stranger, "/api/v1/wallets/me/refunds").await.problem(404), "not_found");
        assert_eq!(Browser::of(&world, &member).await.open(&format!("{bought}/refund")).await.status, 403);
        let manager = join(&world, organization, Role::BillingManager).await;
        assert_eq!(ask(&manager, &path).await.ok(201)["amount"], "50.00");
        world.close().await;
    }
}
