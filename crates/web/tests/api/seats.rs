//! Seats of an organization over the API.

use serde_json::{Value, json};

use crate::{
    browser::{Browser, found, somebody},
    on_both,
    world::{Signed, World},
};

async fn with_card(browser: &Browser<'_>, base: &str, number: &str) {
    let begun = browser.send(&format!("{base}/payment-methods"), "").await;
    let back = browser.type_card(&begun, number).await;
    browser.open(&back).await;
}

async fn get(world: &World, who: &Signed, path: &str) -> Value {
    world.call(Some(who), "GET", path, &Value::Null).await.ok(200)
}

on_both! {
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
}
