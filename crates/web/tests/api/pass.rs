//! The pass of a person over the API and on its page.

use std::sync::Arc;

use operations::{Door, jobs};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, found, in_words, next, somebody},
    on_both,
    pages::field,
    world::{Signed, World, hold_id},
};

const PASS: &str = "/api/v1/wallets/me/pass";
const PAGE: &str = "/credits/pass";
const TAKEN: &str = "4242424242424242";
const DECLINED_LATER: &str = "4000000000000341";
const ASKS: &str = "4000002760003184";
const DAY: i64 = 86_400;

async fn see(world: &World, who: &Signed) -> Value {
    world.call(Some(who), "GET", PASS, &Value::Null).await.ok(200)
}

async fn invoices(world: &World, who: &Signed) -> usize {
    let listed = world.call(Some(who), "GET", "/api/v1/wallets/me/invoices", &Value::Null).await.ok(200);
    listed["items"].as_array().unwrap().len()
}

/// Lets be done what is due, also what use has made due.
async fn run(world: &World) {
    let door: Arc<dyn Door> = world.clock.clone();
    loop {
        // Behind it, what was charged is in the tables.
        world.services.store.reader().ping().await.unwrap();
        let looked = jobs::watch(&world.services, &door.context()).await.unwrap();
        if looked + jobs::run(&world.services, &door).await.unwrap().done == 0 {
            return;
        }
    }
}

async fn with_card(browser: &Browser<'_>, number: &str) {
    let setup = next(&browser.send("/payment-methods", "").await);
    let saved = browser.send(&setup, &format!("answer=save&number={number}")).await;
    let back = match saved.status {
        303 => next(&saved),
        _ => next(&browser.send(&setup, "answer=approve").await),
    };
    browser.open(&back).await;
}

/// What the form of a review sends. Its first card is the newest.
async fn reviewed(browser: &Browser<'_>, choice: &str) -> String {
    let page = browser.open(&format!("{PAGE}/review?choice={choice}")).await;
    assert_eq!(page.status, 200, "{}", page.text);
    let fields = ["card", "once"].map(|name| format!("{name}={}", field(&page.text, name)));
    format!("choice={choice}&{}", fields.join("&"))
}

/// Uses so many dollars of credits.
async fn spend(world: &World, who: &Signed, amount: &str) {
    let key = world.key_of(who, who.wallet).await;
    let hold = hold_id();
    let wish = json!({"id": hold, "amount": amount});
    world.call(Some(&key), "POST", "/api/v1/holds", &wish).await.ok(201);
    let path = format!("/api/v1/holds/{hold}/settle");
    world.call(Some(&key), "POST", &path, &json!({"cost": amount})).await.ok(200);
}

on_both! {
    async fn a_pass_is_chosen_paid_once_and_used_on_its_page(world: World) {
        let ana = somebody(&world).await;
        let browser = Browser::of(&world, &ana).await;
        let credits = browser.open("/credits").await;
        assert_eq!(credits.text.matches("href=\"/credits/pass\"").count(), 2, "in the navigation and the text");
        let page = browser.open(PAGE).await;
        for said in ["Kilo Pass", "$199.00 a month, by the year", "$2,388.00 at once", "the first bonus is $9.50, 50 %"] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        let review = browser.open(&format!("{PAGE}/review?choice=49.00+monthly")).await;
        assert!(review.text.contains("Type a card") && review.text.contains("$49.00"), "{}", review.text);
        for odd in ["20.00+monthly", "19.00+weekly", "some", ""] {
            let page = browser.open(&format!("{PAGE}/review?choice={odd}")).await;
            assert!(page.status == 422 && page.text.contains("role=\"alert\""), "{odd}: {}", page.text);
        }
        // A card that is typed on the way is saved, chosen, and leads back.
        let back = field(&review.text, "return_to").replace("&#38;", "&");
        let begun = browser.send("/payment-methods", &format!("return_to={}", back.replace('+', "%2B"))).await;
        let chosen = next(&browser.open(&browser.type_card(&begun, TAKEN).await).await);
        let page = browser.open(&chosen).await;
        assert!(page.text.contains("Subscribe and pay $49.00") && page.text.contains("4242"), "{}", page.text);
        assert!(page.text.contains("$24.50 (50 %)"), "{}", page.text);

        let fields = reviewed(&browser, "49.00+monthly").await;
        for _ in 0..2 {
            assert_eq!(next(&browser.send(PAGE, &fields).await), PAGE, "sent twice, it subscribes once");
        }
        run(&world).await;
        assert_eq!((invoices(&world, &ana).await, see(&world, &ana).await["grants"].as_array().unwrap().len()), (1, 1));
        let late = browser.open(&format!("{PAGE}/review?choice=19.00+monthly")).await;
        assert!(late.status == 409 && late.text.contains("role=\"alert\""), "{}", late.text);

        let page = browser.open(PAGE).await;
        let text = in_words(&page.text);
        for words in ["2028-02-29 to 2028-03-29", "$49.00 before tax, in 29 days", "1 month<", "bonus: $24.50", "$0.00 of $48.00"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(page.text.contains("brings $49.00, with a bonus of $4.90 (10 %)"), "{}", page.text);
        spend(&world, &ana, "12.000000001").await;
        let page = browser.open(PAGE).await;
        let told = "aria-label=\"$12.000000001 of $48.00 used, 25 percent of the way to the bonus\"";
        assert!(page.text.contains(told) && page.text.contains("<rect width=\"25\""), "{}", page.text);
        spend(&world, &ana, "36").await;
        run(&world).await;
        let page = browser.open(PAGE).await;
        assert!(page.text.contains("It is in your wallet: 50 % on top"), "{}", page.text);
        assert!(page.text.contains("<th scope=\"row\">Bonus<br>") && page.text.contains("$24.50"), "{}", page.text);
        world.close().await;
    }

    async fn what_was_wished_is_taken_back_on_its_page(world: World) {
        let ana = somebody(&world).await;
        let browser = Browser::of(&world, &ana).await;
        let early = browser.send(&format!("{PAGE}/change"), "choice=19.00+yearly").await;
        assert!(early.status == 403 && early.text.contains("value=\"19.00 yearly\" checked"), "{}", early.text);
        with_card(&browser, TAKEN).await;
        browser.send(PAGE, &reviewed(&browser, "19.00+monthly").await).await;
        assert_eq!(next(&browser.send(&format!("{PAGE}/change"), "choice=49.00+yearly").await), PAGE);
        let page = browser.open(PAGE).await;
        assert!(page.text.contains("From the end of the period on: $49.00 a month, by the year"), "{}", page.text);
        assert!(page.text.contains("$588.00 before tax") && page.text.contains("Take the change back"), "{}", page.text);
        assert_eq!(next(&browser.send(&format!("{PAGE}/resume"), "").await), PAGE);
        assert!(!browser.open(PAGE).await.text.contains("Take the change back"));
        assert_eq!(next(&browser.send(&format!("{PAGE}/cancel"), "").await), PAGE);
        let page = browser.open(PAGE).await;
        assert!(page.text.contains("It ends with its period") && !page.text.contains("Next payment"), "{}", page.text);
        assert_eq!(next(&browser.send(&format!("{PAGE}/resume"), "").await), PAGE);
        assert!(browser.open(PAGE).await.text.contains("Next payment"));
        browser.send(&format!("{PAGE}/cancel"), "").await;
        world.clock.advance(30 * DAY);
        run(&world).await;
        let browser = Browser::of(&world, &world.signed_in_again(&ana).await).await;
        let page = browser.open(PAGE).await;
        assert!(page.text.contains("It is over") && page.text.contains("Review the cost"), "{}", page.text);
        assert!(page.text.contains("the first bonus is $0.95, 5 %"), "{}", page.text);
        world.close().await;
    }

    async fn a_bank_declines_and_a_bank_asks(world: World) {
        let ana = somebody(&world).await;
        let browser = Browser::of(&world, &ana).await;
        with_card(&browser, TAKEN).await;
        with_card(&browser, DECLINED_LATER).await;
        let declined = browser.send(PAGE, &reviewed(&browser, "199.00+yearly").await).await;
        assert!(declined.status == 402 && declined.text.contains("declined"), "{}", declined.text);
        assert!(declined.text.contains("Subscribe and pay $2,388.00"), "the choice is kept: {}", declined.text);
        let wish = json!({"tier": "19", "cadence": "monthly"});
        assert_eq!(world.call(Some(&ana), "POST", PASS, &wish).await.problem(402), "card_declined");
        assert_eq!((see(&world, &ana).await["grants"].clone(), invoices(&world, &ana).await), (json!([]), 0));
        with_card(&browser, ASKS).await;
        let bank = next(&browser.send(PAGE, &reviewed(&browser, "19.00+monthly").await).await);
        let back = next(&browser.send(&bank, "answer=fail").await);
        let refused = browser.open(&back).await;
        assert!(refused.status == 402 && refused.text.contains("role=\"alert\""), "{}", refused.text);
        let bank = next(&browser.send(PAGE, &reviewed(&browser, "19.00+monthly").await).await);
        assert!(browser.open(&bank).await.text.contains("$19.00"));
        let other = browser.send(PAGE, &reviewed(&browser, "49.00+monthly").await).await;
        assert!(other.status == 409 && other.text.contains("on its way"), "{}", other.text);
        let back = next(&browser.send(&bank, "answer=approve").await);
        assert_eq!(next(&browser.open(&back).await), PAGE);
        assert!(browser.open(PAGE).await.text.contains("$19.00 a month, by the month"));
        let payment = bank.rsplit('/').next().unwrap();
        let one = next(&browser.open(&format!("/credits/paid?payment_intent={payment}")).await);
        let page = browser.open(&one).await;
        assert!(page.text.contains("Your pass") && !page.text.contains("Refund what is unused"), "{}", page.text);
        world.close().await;
    }

    async fn a_renewal_that_fails_is_told_with_its_grace(world: World) {
        let ana = somebody(&world).await;
        let browser = Browser::of(&world, &ana).await;
        with_card(&browser, TAKEN).await;
        browser.send(PAGE, &reviewed(&browser, "19.00+monthly").await).await;
        with_card(&browser, DECLINED_LATER).await;
        world.clock.advance(29 * DAY);
        run(&world).await;
        let ana = world.signed_in_again(&ana).await;
        assert_eq!(see(&world, &ana).await["pass"]["status"], "past_due");
        let browser = Browser::of(&world, &ana).await;
        let page = browser.open(PAGE).await;
        assert!(in_words(&page.text).contains("A payment failed. Everything goes on until 2028-04-0"), "{}", page.text);
        assert!(page.text.contains("from 2028-03-29 to 2028-04-29 is not paid"), "{}", page.text);
        assert!(page.text.contains("Once it is paid, a new month brings"), "{}", page.text);
        assert!(!page.text.contains("The next month begins"), "{}", page.text);
        assert!(in_words(&page.text).contains("the pass and its streak lapse on 2028-04-0"), "{}", page.text);
        with_card(&browser, TAKEN).await;
        let due = browser.open("/due").await;
        browser.send("/due", &format!("card={}", field(&due.text, "card"))).await;
        let now = see(&world, &ana).await;
        assert_eq!((&now["pass"]["status"], &now["pass"]["streak"]), (&json!("active"), &json!(2)), "{now}");
        run(&world).await;
        world.close().await;
    }

    async fn a_pass_is_subscribed_to_and_changed_over_the_api(world: World) {
        let bob = somebody(&world).await;
        let wish = json!({"tier": "49", "cadence": "yearly"});
        assert_eq!(world.call(Some(&bob), "POST", PASS, &wish).await.problem(402), "payment_method_missing");
        let none = see(&world, &bob).await;
        assert!(none["pass"].is_null() && none["is_first"] == true, "{none}");
        assert_eq!(none["choices"].as_array().unwrap().len(), 6);
        assert_eq!((&none["choices"][0]["bonus"], &none["choices"][0]["bonus_percent"]), (&json!("9.50"), &json!("50")));
        with_card(&Browser::of(&world, &bob).await, TAKEN).await;
        let quote = world.call(Some(&bob), "POST", &format!("{PASS}/quote"), &wish).await.ok(200);
        assert_eq!((&quote["total"], &quote["bonus"], &quote["base"]), (&json!("588.00"), &json!("24.50"), &json!("49.00")));
        assert_eq!(quote["lines"][0]["amount"], "588.00");
        let odd = world.call(Some(&bob), "POST", &format!("{PASS}/quote"), &json!({"tier": "50", "cadence": "yearly"})).await;
        assert_eq!(odd.problem(422), "tier_unknown");

        let first = world.call_once(&bob, PASS, "k1", &wish).await.ok(201);
        let again = world.call_once(&bob, PASS, "k1", &wish).await.ok(201);
        assert_eq!((&first["state"], &first), (&json!("paid"), &again));
        let other = world.call_once(&bob, PASS, "k1", &json!({"tier": "19", "cadence": "yearly"})).await;
        assert_eq!(other.problem(409), "idempotency_conflict");
        assert_eq!(world.call_once(&bob, PASS, "k2", &wish).await.problem(409), "subscription_exists");
        run(&world).await;
        assert_eq!(invoices(&world, &bob).await, 1);
        spend(&world, &bob, "1.25").await;
        let now = see(&world, &bob).await;
        let pass = &now["pass"];
        assert_eq!((&pass["used"], &pass["needed"]), (&json!("1.25"), &json!("48.00")), "{now}");
        assert_eq!((&pass["status"], &pass["streak"], &pass["cadence"]), (&json!("active"), &json!(1), &json!("yearly")));
        assert_eq!(pass["month"]["end"], "2028-03-29T23:59:58.999999Z");
        assert_eq!(pass["renews_at"], "2029-02-28T23:59:58.999999Z");
        assert_eq!((&now["grants"][0]["source"], &now["grants"][0]["amount"]), (&json!("pass_base"), &json!("49.00")));

        let patch = async |wish: Value| world.call(Some(&bob), "PATCH", PASS, &wish).await;
        assert_eq!(patch(json!({"tier": "20", "cadence": "monthly"})).await.problem(422), "tier_unknown");
        assert_eq!(patch(json!({"tier": "19"})).await.problem(422), "invalid_field");
        let changed = patch(json!({"tier": "19", "cadence": "monthly"})).await.ok(200);
        assert_eq!(changed["pass"]["scheduled"], json!({"tier": "19.00", "cadence": "monthly"}));
        assert_eq!(patch(json!({"tier": "199", "cadence": "monthly"})).await.problem(409), "change_pending");
        let resume = format!("{PASS}/resume");
        let kept = world.call(Some(&bob), "POST", &resume, &Value::Null).await.ok(201);
        assert!(kept["pass"]["scheduled"].is_null(), "{kept}");
        let ending = world.call(Some(&bob), "DELETE", PASS, &Value::Null).await.ok(200);
        assert!(ending["pass"]["is_cancelled"] == true && ending["pass"]["renews_at"].is_null(), "{ending}");
        let kept = world.call(Some(&bob), "POST", &resume, &Value::Null).await.ok(201);
        assert_eq!(kept["pass"]["is_cancelled"], false);
        world.close().await;
    }

    async fn a_pass_is_a_persons_own(world: World) {
        let (owner, stranger) = (somebody(&world).await, somebody(&world).await);
        let (id, shared) = found(&world, &owner, "Apples").await;
        let wish = json!({"tier": "19", "cadence": "monthly"});
        for (wallet, status, code) in [(shared, 422, "invalid_field"), (stranger.wallet.to_string(), 404, "not_found")] {
            let path = format!("/api/v1/wallets/{wallet}/pass");
            for (method, at) in [("GET", ""), ("POST", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/quote"), ("POST", "/resume")] {
                let body = if method == "GET" || method == "DELETE" || at == "/resume" { &Value::Null } else { &wish };
                let refused = world.call(Some(&owner), method, &format!("{path}{at}"), body).await;
                assert_eq!(refused.problem(status), code, "{method} {at}");
            }
        }
        let browser = Browser::of(&world, &owner).await;
        let base = format!("/organizations/{id}");
        assert_eq!(browser.open(&format!("{base}/credits/pass")).await.status, 404);
        assert!(!browser.open(&format!("{base}/credits")).await.text.contains("/credits/pass"));
        world.close().await;
    }
}
