//! Cards and purchases over the API, by way of the sandbox's pages.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    http::Answer,
    on_both,
    world::{Signed, World},
};

const METHODS: &str = "/api/v1/wallets/me/payment-methods";
const PURCHASES: &str = "/api/v1/wallets/me/purchases";

/// A page of the sandbox, and its form sent with an answer.
async fn answer(world: &World, who: &Signed, page: &str, fields: &str) -> (Answer, Answer) {
    let path = page.strip_prefix("http://127.0.0.1:8787").expect("the site's own address");
    let cookie = format!("tare={}", who.token);
    let shown = world.client.send(world.address, "GET", path, &[("cookie", &cookie)], "").await;
    assert!(shown.status == 200 && shown.text.contains("Sandbox: no money moves"), "{}", shown.text);
    let csrf = shown.text.split_once("name=\"csrf\" value=\"").map(|(_, rest)| &rest[..64]).unwrap_or_default();
    let origin = format!("http://{}", world.address);
    let kind = "application/x-www-form-urlencoded";
    let headers = [("cookie", &*cookie), ("origin", &*origin), ("content-type", kind)];
    let sent = world.client.send(world.address, "POST", path, &headers, format!("csrf={csrf}&{fields}")).await;
    (shown, sent)
}

/// Asks for a card and types it. The id of the setup.
async fn typed(world: &World, who: &Signed, number: &str) -> String {
    let begun = world.call(Some(who), "POST", &format!("{METHODS}/setups"), &json!({"return_to": "/credits"})).await;
    let begun = begun.ok(201);
    let setup = begun["setup"].as_str().unwrap().to_owned();
    let (_, sent) = answer(world, who, begun["page"].as_str().unwrap(), &format!("answer=save&number={number}")).await;
    let back = format!("/credits?setup={setup}");
    assert!(sent.status == 200 || sent.header("location") == Some(&back), "{} {}", sent.status, sent.text);
    setup
}

async fn saved(world: &World, who: &Signed, number: &str) -> Value {
    let setup = typed(world, who, number).await;
    world.call(Some(who), "POST", METHODS, &json!({"setup": setup})).await.ok(201)
}

async fn balance(world: &World, who: &Signed) -> Value {
    world.call(Some(who), "GET", "/api/v1/wallets/me", &Value::Null).await.ok(200)["balance"].clone()
}

async fn somebody(world: &World) -> Signed {
    world.signed_in(&format!("{}@example.com", Uuid::now_v7().simple())).await
}

on_both! {
    async fn a_card_is_typed_at_the_processor_saved_once_and_forgotten(world: World) {
        let ana = somebody(&world).await;
        let begin = format!("{METHODS}/setups");
        let begun = world.call_once(&ana, &begin, "k", &Value::Null).await;
        assert_eq!(world.call_once(&ana, &begin, "k", &Value::Null).await.text, begun.text);
        let begun = begun.ok(201);
        let early = world.call(Some(&ana), "POST", METHODS, &json!({"setup": begun["setup"]})).await;
        assert_eq!(early.problem(402), "payment_method_missing");
        // What somebody else has not finished is as absent as what never was.
        let eve = somebody(&world).await;
        let begun_id = begun["setup"].as_str().unwrap();
        let theirs = world.call(Some(&eve), "POST", METHODS, &json!({"setup": begun_id})).await;
        let nobodys = world.call(Some(&eve), "POST", METHODS, &json!({"setup": "seti_0"})).await;
        assert_eq!((theirs.problem(404), nobodys.problem(404)), ("not_found".into(), "not_found".into()));
        assert_eq!(theirs.text.replace(begun_id, ""), nobodys.text.replace("seti_0", ""));
        let page = begun["page"].as_str().unwrap();
        let (_, refused) = answer(&world, &ana, page, "answer=save&number=4000000000000002").await;
        assert!(refused.status == 402 && refused.text.contains("declined the card"), "{}", refused.text);
        let (_, unknown) = answer(&world, &ana, page, "answer=save&number=4012888888881881").await;
        assert!(unknown.text.contains("the number of the card is wrong"), "{}", unknown.text);
        assert!(!unknown.text.contains("4012888888881881"), "a number is never shown again");
        let (_, taken) = answer(&world, &ana, page, "answer=save&number=4242+4242+4242+4242").await;
        assert!(taken.header("location").is_some_and(|to| to.starts_with("/payment-methods?setup=seti_")));
        // Somebody else does not find the page, and cannot save the card.
        let path = page.strip_prefix("http://127.0.0.1:8787").unwrap();
        assert_eq!(world.browse(Some(&eve), "GET", path).await.status, 404);
        let theirs = world.call(Some(&eve), "POST", METHODS, &json!({"setup": begun["setup"]})).await;
        let nobodys = world.call(Some(&eve), "POST", METHODS, &json!({"setup": "seti_0"})).await;
        assert_eq!((theirs.problem(404), nobodys.problem(404)), ("not_found".into(), "not_found".into()));
        assert_eq!(theirs.text.replace(begun["setup"].as_str().unwrap(), ""), nobodys.text.replace("seti_0", ""));

        let card = world.call(Some(&ana), "POST", METHODS, &json!({"setup": begun["setup"]})).await.ok(201);
        assert_eq!((&card["brand"], &card["ends_in"]), (&json!("visa"), &json!("4242")));
        let again = world.call(Some(&ana), "POST", METHODS, &json!({"setup": begun["setup"]})).await.ok(201);
        assert_eq!(again, card);
        let newer = saved(&world, &ana, "5555555555554444").await;
        let listed = world.call(Some(&ana), "GET", METHODS, &Value::Null).await.ok(200);
        assert_eq!(listed["items"], json!([newer, card]));
        let one = format!("{METHODS}/{}", newer["id"].as_str().unwrap());
        assert_eq!(world.call(Some(&eve), "DELETE", &one, &Value::Null).await.problem(404), "not_found");
        assert_eq!(world.call(Some(&ana), "DELETE", &one, &Value::Null).await.status, 204);
        assert_eq!(world.call(Some(&ana), "DELETE", &one, &Value::Null).await.problem(404), "not_found");
        let listed = world.call(Some(&ana), "GET", METHODS, &Value::Null).await.ok(200);
        assert_eq!(listed["items"], json!([card]));
        for wrong in ["https://evil.example", "//evil.example", "credits", ""] {
            let refused = world.call(Some(&ana), "POST", &begin, &json!({"return_to": wrong})).await;
            assert_eq!(refused.problem(422), "invalid_field");
        }
        world.close().await;
    }

    async fn credits_are_bought_once_and_are_there(world: World) {
        let ana = somebody(&world).await;
        let buy = async |key: &str, wish: Value| world.call_once(&ana, PURCHASES, key, &wish).await;
        assert_eq!(buy("k", json!({"amount": "10"})).await.problem(402), "payment_method_missing");
        let card = saved(&world, &ana, "4242424242424242").await;
        for (amount, status, code) in [
            (json!("4.99"), 422, "amount_out_of_range"),
            (json!("10000.01"), 422, "amount_out_of_range"),
            (json!("10.005"), 422, "invalid_field"),
            (json!("-10"), 422, "invalid_field"),
            (json!(10), 422, "invalid_field"),
            (json!("9999999999"), 422, "amount_out_of_range"),
        ] {
            let refused = buy("k", json!({"amount": amount})).await;
            assert_eq!(refused.problem(status), code, "{amount}");
            assert!(code != "amount_out_of_range" || refused.text.contains("5.00 to 10000.00"), "{}", refused.text);
        }
        let unknown = buy("k", json!({"amount": "10", "wallet": ana.wallet})).await;
        assert_eq!(unknown.problem(422), "invalid_field");
        assert_eq!(balance(&world, &ana).await, "0.00");

        let bought = buy("k", json!({"amount": "10"})).await;
        let again = buy("k", json!({"amount": "10"})).await;
        assert_eq!(again.text, bought.text);
        let bought = bought.ok(201);
        assert_eq!((&bought["state"], &bought["amount"]), (&json!("paid"), &json!("10.00")));
        assert_eq!(bought["payment_method"], card["id"]);
        assert_eq!(buy("k", json!({"amount": "20"})).await.problem(409), "idempotency_conflict");
        assert_eq!(balance(&world, &ana).await, "10.00");
        let listed = world.call(Some(&ana), "GET", PURCHASES, &Value::Null).await.ok(200);
        assert_eq!(listed["items"], json!([bought]));

        // A card of somebody else is as absent as one that nobody has.
        let bob = somebody(&world).await;
        saved(&world, &bob, "4242424242424242").await;
        let theirs = json!({"amount": "10", "payment_method": card["id"]});
        let nobodys = json!({"amount": "10", "payment_method": format!("crd_{}", Uuid::now_v7().simple())});
        let theirs = world.call(Some(&bob), "POST", PURCHASES, &theirs).await;
        let nobodys = world.call(Some(&bob), "POST", PURCHASES, &nobodys).await;
        assert_eq!((theirs.problem(404), nobodys.problem(404)), ("not_found".into(), "not_found".into()));
        let one = format!("{PURCHASES}/{}", bought["id"].as_str().unwrap());
        assert_eq!(world.call(Some(&bob), "GET", &one, &Value::Null).await.problem(404), "not_found");
        assert_eq!(world.call(Some(&ana), "GET", &one, &Value::Null).await.ok(200), bought);
        world.close().await;
    }

    async fn every_purchase_has_its_invoice(world: World) {
        let (ana, bob) = (somebody(&world).await, somebody(&world).await);
        let (invoices, details) = ("/api/v1/wallets/me/invoices", "/api/v1/wallets/me/billing-details");
        assert_eq!(world.call(Some(&ana), "GET", invoices, &Value::Null).await.ok(200)["items"], json!([]));
        let wish = json!({"buyer": {"name": "Ana & Sons", "country": "us", "city": "Springfield"}});
        let kept = world.call(Some(&ana), "PUT", details, &wish).await.ok(200);
        assert_eq!((&kept["buyer"]["country"], &kept["is_mailed"]), (&json!("US"), &json!(false)));
        let wrong = world.call(Some(&ana), "PUT", details, &json!({"buyer": {"country": "USA"}})).await;
        assert_eq!(wrong.problem(422), "invalid_field");
        saved(&world, &ana, "4242424242424242").await;
        let mut numbers = Vec::new();
        for amount in ["10", "20", "30"] {
            let bought = world.call(Some(&ana), "POST", PURCHASES, &json!({"amount": amount})).await.ok(201);
            let newest = world.call(Some(&ana), "GET", &format!("{invoices}?limit=1"), &Value::Null).await.ok(200);
            let invoice = &newest["items"][0];
            assert_eq!((&invoice["payment"], &invoice["total"]), (&bought["id"], &bought["amount"]));
            assert_eq!(invoice["buyer"]["name"], "Ana & Sons");
            numbers.push(invoice["number"].as_str().unwrap().to_owned());
        }
        assert_eq!(numbers, ["2028-000001", "2028-000002", "2028-000003"]);
        let first = world.call(Some(&ana), "GET", &format!("{invoices}?limit=2"), &Value::Null).await.ok(200);
        let rest = format!("{invoices}?limit=2&cursor={}", first["next"].as_str().unwrap());
        let rest = world.call(Some(&ana), "GET", &rest, &Value::Null).await.ok(200);
        assert_eq!((rest["items"][0]["number"].as_str(), &rest["next"]), (Some("2028-000001"), &Value::Null));
        let one = format!("{invoices}/2028-000002");
        assert_eq!(world.call(Some(&ana), "GET", &one, &Value::Null).await.ok(200), first["items"][1]);
        for absent in [one.as_str(), "/api/v1/wallets/me/invoices/2028-000009", "/api/v1/wallets/me/invoices/x"] {
            assert_eq!(world.call(Some(&bob), "GET", absent, &Value::Null).await.problem(404), "not_found");
        }
        for query in ["series=bill", "kind=food", "from=yesterday", "limit=201"] {
            let wrong = world.call(Some(&ana), "GET", &format!("{invoices}?{query}"), &Value::Null).await;
            assert_eq!(wrong.problem(422), "invalid_field", "{query}");
        }
        let none = world.call(Some(&ana), "GET", &format!("{invoices}?series=credit_note"), &Value::Null).await;
        assert_eq!(none.ok(200)["items"], json!([]));
        world.close().await;
    }

    async fn a_bank_that_asks_is_answered_on_its_page(world: World) {
        let ana = somebody(&world).await;
        let setup = typed(&world, &ana, "4000002760003184").await;
        let asked = world.call(Some(&ana), "POST", METHODS, &json!({"setup": setup})).await;
        assert_eq!(asked.problem(402), "authentication_required");
        let page = format!("http://127.0.0.1:8787/sandbox/setups/{setup}");
        answer(&world, &ana, &page, "answer=approve").await;
        world.call(Some(&ana), "POST", METHODS, &json!({"setup": setup})).await.ok(201);
        let mut states = Vec::new();
        for (key, says) in [("yes", "approve"), ("no", "fail")] {
            let bought = world.call_once(&ana, PURCHASES, key, &json!({"amount": "20"})).await.ok(201);
            assert_eq!(bought["state"], "action_required");
            let one = format!("{PURCHASES}/{}", bought["id"].as_str().unwrap());
            assert_eq!(world.call(Some(&ana), "GET", &one, &Value::Null).await.ok(200)["state"], "action_required");
            let page = bought["page"].as_str().unwrap();
            let (shown, sent) = answer(&world, &ana, page, &format!("answer={says}")).await;
            assert!(shown.text.contains("$20.00") && shown.text.contains("3184"), "{}", shown.text);
            assert!(sent.header("location").is_some_and(|to| to.starts_with("/credits?payment_intent=pi_")), "{sent:?}");
            states.push(world.call(Some(&ana), "GET", &one, &Value::Null).await.ok(200)["state"].clone());
        }
        assert_eq!(states, [json!("paid"), json!("declined")]);
        assert_eq!(balance(&world, &ana).await, "20.00");
        // Asked again, the wishes answer how they ended.
        let paid = world.call_once(&ana, PURCHASES, "yes", &json!({"amount": "20"})).await.ok(201);
        assert_eq!(paid["state"], "paid");
        let declined = world.call_once(&ana, PURCHASES, "no", &json!({"amount": "20"})).await;
        assert_eq!(declined.problem(402), "card_declined");
        world.close().await;
    }
}
