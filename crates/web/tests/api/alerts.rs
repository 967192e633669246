//! The line below which a mail comes, over the API and on its page.

use billing::Role;
use operations::{
    Door,
    grant::{self, AdjustWallet},
};
use serde_json::{Value, json};

use crate::{
    browser::{Browser, found, join, next, somebody},
    on_both,
};

const ALERTS: &str = "/api/v1/wallets/me/alerts";

on_both! {
    async fn a_line_is_set_changed_and_ended(world: World) {
        let ana = somebody(&world).await;
        let browser = Browser::of(&world, &ana).await;
        let see = async || world.call(Some(&ana), "GET", ALERTS, &Value::Null).await.ok(200);
        assert_eq!(see().await, json!({"low_balance": null, "expiring_days": [7, 1]}));
        assert!(browser.open("/alerts").await.text.contains(">off</span>"));
        let wrong = browser.send("/alerts", "below=soon").await;
        assert!(wrong.status == 422 && wrong.text.contains("value=\"soon\""), "{}", wrong.text);
        assert_eq!(browser.send("/alerts", "below=0").await.status, 422);
        assert_eq!(next(&browser.send("/alerts", "below=%2412.50").await), "/alerts");
        assert_eq!(see().await["low_balance"], "12.50");
        let page = browser.open("/alerts").await;
        assert!(page.text.contains("value=\"12.50\"") && page.text.contains(">on</span>"), "{}", page.text);
        let gift = AdjustWallet { wallet: ana.wallet, amount: "12.4".parse().unwrap(), reason: "a test".to_owned(), key: None };
        grant::adjust(&world.services, &world.clock.context(), gift).await.unwrap();
        let page = browser.open("/usage").await;
        assert!(page.text.contains("$12.40 of credits is available, below your line of $12.50"), "{}", page.text);
        let empty = world.call(Some(&ana), "PUT", ALERTS, &json!({})).await;
        assert_eq!(empty.problem(422), "invalid_field", "who says nothing ends nothing");
        let set = world.call(Some(&ana), "PUT", ALERTS, &json!({"low_balance": "3.000000001"})).await.ok(200);
        assert_eq!(set["low_balance"], "3.000000001");
        assert_eq!(next(&browser.send("/alerts", "below=").await), "/alerts");
        assert_eq!(see().await["low_balance"], Value::Null);
        world.close().await;
    }

    async fn an_organizations_line_is_its_billing_managers_business(world: World) {
        let owner = somebody(&world).await;
        let (id, wallet) = found(&world, &owner, "Apples").await;
        let (path, page) = (format!("/api/v1/wallets/{wallet}/alerts"), format!("/organizations/{id}/alerts"));
        let manager = join(&world, id, Role::BillingManager).await;
        world.call(Some(&manager), "PUT", &path, &json!({"low_balance": "50"})).await.ok(200);
        assert!(Browser::of(&world, &owner).await.open(&page).await.text.contains("value=\"50.00\""));
        let member = join(&world, id, Role::Member).await;
        assert_eq!(world.call(Some(&member), "GET", &path, &Value::Null).await.problem(403), "forbidden");
        assert_eq!(Browser::of(&world, &member).await.send(&page, "below=1").await.status, 403);
        world.close().await;
    }
}
