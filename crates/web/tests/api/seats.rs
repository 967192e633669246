//! Seats of an organization over the API and on their pages, and what is due for them.

use std::sync::Arc;

use billing::Role;
use operations::{Door, jobs};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, found, in_words, join, next, somebody},
    on_both,
    pages::field,
    world::{Signed, World},
};

const DAY: i64 = 86_400;

async fn with_card(browser: &Browser<'_>, base: &str, number: &str) {
    let begun = browser.send(&format!("{base}/payment-methods"), "").await;
    let back = browser.type_card(&begun, number).await;
    browser.open(&back).await;
}

/// Reviews a wish and confirms it, up to the answer of the form.
async fn confirm(browser: &Browser<'_>, base: &str, wish: &str) -> (String, String) {
    let page = browser.open(&format!("{base}/seats/review?{wish}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let names = ["wish", "seats", "plan", "cadence", "quoted", "card", "once"];
    let fields = names.map(|name| format!("{name}={}", field(&page.text, name))).join("&");
    (page.text, fields)
}

async fn order(browser: &Browser<'_>, base: &str, wish: &str) -> String {
    let (page, fields) = confirm(browser, base, wish).await;
    assert_eq!(next(&browser.send(&format!("{base}/seats/order"), &fields).await), format!("{base}/seats"));
    page
}

async fn run(world: &World) {
    let door: Arc<dyn Door> = world.clock.clone();
    jobs::run(&world.services, &door).await.unwrap();
}

async fn get(world: &World, who: &Signed, path: &str) -> Value {
    world.call(Some(who), "GET", path, &Value::Null).await.ok(200)
}

on_both! {
    async fn a_plan_is_chosen_and_seats_come_and_go(world: World) {
        let owner = somebody(&world).await;
        let (id, _) = found(&world, &owner, "Apples").await;
        let base = format!("/organizations/{id}");
        let browser = Browser::of(&world, &owner).await;
        let page = browser.open(&format!("{base}/seats")).await;
        assert!(page.text.contains("On trial of Enterprise") && in_words(&page.text).contains("The trial ends in 14 days"), "{}", page.text);
        let choose = browser.open(&format!("{base}/seats/plan")).await;
        assert!(choose.text.contains("$18.00 a seat and month, or $180.00 a year"), "{}", choose.text);
        let wish = "wish=subscribe&plan=teams&cadence=monthly&seats=5";
        let page = browser.open(&format!("{base}/seats/review?{wish}")).await;
        assert!(page.text.contains("$90.00") && page.text.contains("Type a card"), "{}", page.text);
        with_card(&browser, &base, "4242424242424242").await;
        order(&browser, &base, wish).await;
        let page = browser.open(&format!("{base}/seats")).await;
        assert!(page.text.contains("<h2 id=\"plan\">Teams</h2>") && page.text.contains("5 seats"), "{}", page.text);
        assert!(!page.text.contains("The trial"), "{}", page.text);

        // Five more for the 14 of 29 days that are left: 5 x 18 x 14 / 29.
        world.clock.advance(15 * DAY);
        let owner = world.signed_in_again(&owner).await;
        let browser = Browser::of(&world, &owner).await;
        for wrong in ["seats=0", "seats=some", "seats="] {
            let page = browser.open(&format!("{base}/seats/review?wish=add&{wrong}")).await;
            assert!(page.status == 422 && page.text.contains("How many more"), "{wrong}: {}", page.text);
        }
        let (page, fields) = confirm(&browser, &base, "wish=add&seats=5").await;
        assert!(page.contains("$43.45") && page.contains("14 of the 29 days"), "{page}");
        let stale = fields.replace("quoted=43.45", "quoted=40.00");
        let refused = browser.send(&format!("{base}/seats/order"), &stale).await;
        assert!(refused.status == 409 && refused.text.contains("$43.45"), "{}", refused.text);
        for _ in 0..2 {
            let ordered = browser.send(&format!("{base}/seats/order"), &fields).await;
            assert_eq!(next(&ordered), format!("{base}/seats"), "sent twice, it adds once");
        }
        let seats = get(&world, &owner, &format!("/api/v1/organizations/{id}/seats")).await;
        assert_eq!((&seats["seats"], &seats["free"], &seats["access"]), (&json!(10), &json!(9), &json!("subscribed")));
        assert_eq!(seats["subscription"]["period_end"], "2028-03-29T23:59:58.999999Z");

        let page = browser.open(&format!("{base}/seats/remove")).await;
        assert!(page.text.contains("at most 9"), "{}", page.text);
        let once = field(&page.text, "once");
        let change = format!("{base}/seats/change");
        for _ in 0..2 {
            let removed = browser.send(&change, &format!("wish=remove&seats=4&once={once}")).await;
            assert_eq!(next(&removed), format!("{base}/seats"));
        }
        let page = browser.open(&format!("{base}/seats")).await;
        assert!(page.text.contains("4 fewer at the renewal"), "{}", page.text);
        let many = browser.send(&change, "wish=remove&seats=9&once=x").await;
        assert!(many.status >= 400 && many.text.contains("role=\"alert\""), "{}", many.text);
        browser.send(&change, "wish=undo_removal&seats=3&once=u").await;
        browser.send(&change, "wish=cadence&cadence=yearly&once=c").await;
        browser.send(&change, "wish=cancel&once=e").await;
        let page = browser.open(&format!("{base}/seats")).await;
        assert!(page.text.contains("1 fewer at the renewal") && page.text.contains("Keep the plan"), "{}", page.text);
        browser.send(&change, "wish=resume&once=r").await;
        let page = browser.open(&format!("{base}/seats")).await;
        for said in ["Added 5 seats", "4 seats fewer from the renewal on", "Cancelled at the renewal", "Goes on after all"] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        let dearer = order(&browser, &base, "wish=plan&plan=enterprise").await;
        assert!(dearer.contains("Change to Enterprise"), "{dearer}");
        assert!(browser.open(&format!("{base}/seats")).await.text.contains("<h2 id=\"plan\">Enterprise</h2>"));
        assert!(browser.open(&format!("{base}/invoices")).await.text.contains("seats"));
        let member = Browser::of(&world, &join(&world, id, Role::Member).await).await;
        for path in ["", "/add", "/remove", "/plan", "/review?wish=add&seats=1"] {
            assert_eq!(member.open(&format!("{base}/seats{path}")).await.status, 403, "{path}");
        }
        world.close().await;
    }

    async fn seats_are_quoted_and_changed_over_the_api(world: World) {
        let owner = somebody(&world).await;
        let (id, _) = found(&world, &owner, "Pears").await;
        let base = format!("/organizations/{id}");
        with_card(&Browser::of(&world, &owner).await, &base, "4242424242424242").await;
        let path = format!("/api/v1/organizations/{id}/seats");
        let post = async |at: &str, body: &Value| world.call(Some(&owner), "POST", &format!("{path}/{at}"), body).await;
        let wish = json!({"kind": "subscribe", "plan": "enterprise", "cadence": "yearly", "seats": 3});
        let quote = post("quotes", &wish).await.ok(200);
        assert_eq!((&quote["total"], &quote["lines"][0]["quantity"]), (&json!("2160.00"), &json!(3)));
        let without = post("changes", &json!({"wish": wish})).await;
        assert_eq!(without.problem(422), "invalid_field");
        let stale = post("changes", &json!({"wish": wish, "quoted": "2159.99"})).await;
        assert_eq!(stale.problem(409), "quote_stale");
        let body = json!({"wish": wish, "quoted": "2160.00"});
        let first = world.call_once(&owner, &format!("{path}/changes"), "k1", &body).await.ok(201);
        let again = world.call_once(&owner, &format!("{path}/changes"), "k1", &body).await.ok(201);
        assert_eq!((&first["state"], &first["payment"]), (&json!("done"), &again["payment"]));
        let twice = post("quotes", &wish).await;
        assert_eq!(twice.problem(409), "subscription_exists");
        let free = post("quotes", &json!({"kind": "cancel"})).await.ok(200);
        assert_eq!(free["total"], "0.00");
        let unknown = post("quotes", &json!({"kind": "add", "seats": 0})).await;
        assert!(unknown.status == 422, "{}", unknown.text);
        post("changes", &json!({"wish": {"kind": "cancel"}})).await.ok(201);
        assert_eq!(get(&world, &owner, &path).await["subscription"]["is_cancelled"], true);
        post("changes", &json!({"wish": {"kind": "resume"}})).await.ok(201);
        let history = get(&world, &owner, &format!("{path}/history?limit=2")).await;
        assert_eq!(history["items"].as_array().unwrap().len(), 2);
        assert!(history["next"].is_string());
        let called_off = world.call(Some(&owner), "DELETE", &format!("{path}/changes"), &Value::Null).await;
        assert_eq!(called_off.status, 204, "there is nothing to call off");
        world.close().await;
    }

    async fn what_is_due_is_paid_and_service_goes_on(world: World) {
        let owner = somebody(&world).await;
        let (id, wallet) = found(&world, &owner, "Quinces").await;
        let base = format!("/organizations/{id}");
        let browser = Browser::of(&world, &owner).await;
        with_card(&browser, &base, "4242424242424242").await;
        order(&browser, &base, "wish=subscribe&plan=teams&cadence=monthly&seats=2").await;
        assert!(browser.open(&format!("{base}/due")).await.text.contains("Nothing is due"));
        // The newest card is charged, and its bank says no.
        with_card(&browser, &base, "4000000000000341").await;
        world.clock.advance(31 * DAY);
        run(&world).await;
        let owner = world.signed_in_again(&owner).await;
        let browser = Browser::of(&world, &owner).await;
        let due = get(&world, &owner, &format!("/api/v1/wallets/{wallet}/due")).await;
        assert_eq!((&due["status"], &due["items"][0]["amount"]), (&json!("grace"), &json!("36.00")), "{due}");
        let page = browser.open(&format!("{base}/usage")).await;
        assert!(page.text.contains("A payment failed. Everything goes on"), "{}", page.text);
        let member = Browser::of(&world, &join(&world, id, Role::Member).await).await;
        let told = member.open(&base).await;
        assert!(told.text.contains("Tell an owner") && !told.text.contains("Pay it"), "{}", told.text);
        assert_eq!(member.open(&format!("{base}/due")).await.status, 403);
        world.clock.advance(4 * DAY);
        let page = browser.open(&format!("{base}/usage")).await;
        assert!(page.text.contains("Suspended: requests are refused"), "{}", page.text);
        let page = browser.open(&format!("{base}/due")).await;
        let declined = browser.send(&format!("{base}/due"), &format!("card={}", field(&page.text, "card"))).await;
        assert!(declined.status == 402 && declined.text.contains("declined"), "{}", declined.text);
        with_card(&browser, &base, "4242424242424242").await;
        let page = browser.open(&format!("{base}/due")).await;
        for _ in 0..2 {
            let paid = browser.send(&format!("{base}/due"), &format!("card={}", field(&page.text, "card"))).await;
            assert_eq!(next(&paid), format!("{base}/due"), "sent twice, it pays once");
        }
        assert!(browser.open(&format!("{base}/due")).await.text.contains("Nothing is due"));
        let due = get(&world, &owner, &format!("/api/v1/wallets/{wallet}/due")).await;
        assert_eq!(due, json!({"status": "active", "items": []}));
        let none = world.call(Some(&owner), "POST", &format!("/api/v1/wallets/{wallet}/pay-due"), &Value::Null).await;
        assert_eq!(none.ok(200), json!({"items": []}));
        run(&world).await;
        world.close().await;
    }
}
