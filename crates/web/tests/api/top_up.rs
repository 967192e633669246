//! Auto top-up over the API and on its page.

use billing::Role;
use serde_json::{Value, json};

use crate::{
    browser::{Browser, found, join, next, somebody},
    on_both,
    world::{Signed, World},
};

const TOP_UP: &str = "/api/v1/wallets/me/auto-top-up";

async fn state(world: &World, who: &Signed) -> Value {
    world.call(Some(who), "GET", TOP_UP, &Value::Null).await.ok(200)
}

async fn with_card(browser: &Browser<'_>, number: &str) {
    let begun = browser.send("/payment-methods", "").await;
    let back = browser.type_card(&begun, number).await;
    assert_eq!(next(&browser.open(&back).await), "/payment-methods");
}

on_both! {
    async fn it_is_agreed_to_buys_at_once_and_stops(world: World) {
        let ana = somebody(&world).await;
        let browser = Browser::of(&world, &ana).await;
        assert!(browser.open("/auto-top-up").await.text.contains("It needs a saved card"));
        let early = world.call(Some(&ana), "PUT", TOP_UP, &json!({"is_on": true})).await;
        assert_eq!(early.problem(402), "payment_method_missing");
        with_card(&browser, "4242424242424242").await;
        let page = browser.open("/auto-top-up").await;
        assert!(page.text.contains("It is off") && page.text.contains("$50.00"), "{}", page.text);
        let wrong = browser.open("/auto-top-up/on?amount=30.00&threshold=5&monthly_cap=400").await;
        assert!(wrong.status == 422 && wrong.text.contains("20.00, 50.00, 100.00"), "{}", wrong.text);
        let wrong = browser.open("/auto-top-up/on?amount=20.00&threshold=some&monthly_cap=400").await;
        assert!(wrong.status == 422 && wrong.text.contains("value=\"some\""), "{}", wrong.text);
        let preview = world.call(Some(&ana), "GET", &format!("{TOP_UP}/preview?amount=20"), &Value::Null).await.ok(200);
        assert_eq!((&preview["charges_now"], &preview["target"]), (&json!("20.00"), &json!("25.00")));
        assert_eq!(preview["monthly_cap"], "400.00");
        let agree = browser.open("/auto-top-up/on?amount=20.00&threshold=5&monthly_cap=400").await;
        assert!(agree.text.contains("I allow") && agree.text.contains("charges $20.00 at once"), "{}", agree.text);
        for _ in 0..2 {
            let turned = browser.send("/auto-top-up/on", "amount=20.00&threshold=5&monthly_cap=400").await;
            assert_eq!(next(&turned), "/auto-top-up", "sent twice, it buys once");
        }
        let again = browser.open("/auto-top-up/on?amount=20.00&threshold=5&monthly_cap=400").await;
        assert!(again.text.contains("Nothing is charged now"), "{}", again.text);
        let on = state(&world, &ana).await;
        assert_eq!((&on["state"], &on["available"], &on["amount"]), (&json!("on"), &json!("20.00"), &json!("20.00")));
        let page = browser.open("/auto-top-up").await;
        assert!(page.text.contains("It is on") && page.text.contains("$20.00 of $400.00"), "{}", page.text);
        let mixed = world.call(Some(&ana), "PUT", TOP_UP, &json!({"is_on": false, "amount": "20"})).await;
        assert_eq!(mixed.problem(422), "invalid_field");
        assert_eq!(next(&browser.send("/auto-top-up/off", "").await), "/auto-top-up");
        assert_eq!(state(&world, &ana).await["state"], "off");
        for wish in [json!({"is_on": true, "amount": "30"}), json!({"is_on": true, "threshold": "0"})] {
            let refused = world.call(Some(&ana), "PUT", TOP_UP, &wish).await;
            assert_eq!(refused.problem(422), "amount_out_of_range", "{wish}");
        }
        let resumed = world.call(Some(&ana), "POST", &format!("{TOP_UP}/resume"), &Value::Null).await;
        assert_eq!(resumed.problem(422), "invalid_field");
        world.close().await;
    }

    async fn a_refusal_pauses_it_until_it_is_resumed(world: World) {
        let bob = somebody(&world).await;
        let browser = Browser::of(&world, &bob).await;
        with_card(&browser, "4000000000000341").await;
        let paused = world.call(Some(&bob), "PUT", TOP_UP, &json!({"is_on": true})).await.ok(200);
        assert_eq!((&paused["state"], &paused["reason"]), (&json!("paused"), &json!("declined")));
        let page = browser.open("/auto-top-up").await;
        assert!(page.text.contains("It is paused") && page.text.contains("Resume it"), "{}", page.text);
        assert!(browser.open("/usage").await.text.contains("Auto top-up is paused: your bank"), "every page says so");
        with_card(&browser, "4242424242424242").await;
        assert_eq!(next(&browser.send("/auto-top-up/resume", "").await), "/auto-top-up");
        let on = state(&world, &bob).await;
        assert_eq!((&on["state"], &on["available"]), (&json!("on"), &json!("50.00")));
        assert!(!browser.open("/usage").await.text.contains("Auto top-up is paused"));
        world.close().await;
    }

    async fn an_organization_has_amounts_of_its_own(world: World) {
        let owner = somebody(&world).await;
        let (id, wallet) = found(&world, &owner, "Apples").await;
        let (path, base) = (format!("/api/v1/wallets/{wallet}/auto-top-up"), format!("/organizations/{id}"));
        let manager = Browser::of(&world, &join(&world, id, Role::BillingManager).await).await;
        let begun = manager.send(&format!("{base}/payment-methods"), "").await;
        let back = manager.type_card(&begun, "4242424242424242").await;
        manager.open(&back).await;
        let page = manager.open(&format!("{base}/auto-top-up")).await;
        assert!(page.text.contains("$500.00") && page.text.contains("value=\"50.00\""), "{}", page.text);
        let fields = "amount=100.00&threshold=50&monthly_cap=150";
        assert_eq!(next(&manager.send(&format!("{base}/auto-top-up/on"), fields).await), format!("{base}/auto-top-up"));
        // A higher line is crossed at once, and the cap of the month does not allow a second one.
        let fields = "amount=100.00&threshold=100&monthly_cap=150";
        manager.send(&format!("{base}/auto-top-up/on"), fields).await;
        let spend = json!({"is_on": true, "amount": "500", "threshold": "500", "monthly_cap": "550"});
        let waits = world.call(Some(&owner), "PUT", &path, &spend).await.ok(200);
        assert_eq!((&waits["state"], &waits["waits_for"]), (&json!("on"), &json!("monthly_cap")), "{waits}");
        assert_eq!(waits["waits_until"], "2028-03-01T00:00:00Z");
        let page = manager.open(&format!("{base}/auto-top-up")).await;
        assert!(page.text.contains("The cap of this month is reached"), "{}", page.text);
        let member = join(&world, id, Role::Member).await;
        assert_eq!(world.call(Some(&member), "GET", &path, &Value::Null).await.problem(403), "forbidden");
        assert_eq!(Browser::of(&world, &member).await.open(&format!("{base}/auto-top-up")).await.status, 403);
        world.close().await;
    }
}
