//! Placing, settling and releasing holds.

use billing::seat::Seating;
use billing::{LimitPeriod, Role, SpendingLimit};
use operations::grant::{self, AdjustWallet};
use serde_json::json;
use store::{MemberRow, OrganizationRow};
use units::{OrganizationId, Seconds, WalletId};
use uuid::Uuid;

use crate::{on_both, world::hold_id};

on_both! {
    /// From hold to charge: what was reserved, what it cost, what is left, and where it stands afterwards.
    async fn a_hold_becomes_a_charge_of_the_exact_cost(world: World) {
        let person = world.person("10").await;
        let id = hold_id();
        let placed = world.post(&person, "/api/v1/holds", &json!({"id": id, "amount": "4"})).await.ok(201);
        let wallet = person.wallet.to_string();
        let lease = world.services.catalog.current().limits.hold_lease_seconds;
        let expected =
            json!({"id": id, "wallet": wallet, "amount": "4.00", "available": "6.00", "lease_seconds": lease});
        assert_eq!(placed, expected);

        let body = json!({"cost": "1.2345678901234", "model": "render/large", "provider": "farm", "project": "p7"});
        let settled = world.post(&person, &format!("/api/v1/holds/{id}/settle"), &body).await.ok(200);
        assert_eq!(settled["cost"], "1.2345678901234");
        assert_eq!(settled["debited"], "1.23456789");
        assert_eq!(settled["lost"], "0.00");
        assert_eq!(settled["available"], "8.76543211");
        assert_eq!(settled["draws"].as_array().unwrap().len(), 1);

        let charge = world.get(&person, &format!("/api/v1/wallets/me/charges/{id}")).await.ok(200);
        assert_eq!(charge["usage"]["model"], "render/large");
        assert_eq!(charge["usage"]["provider"], "farm");
        assert_eq!(charge["usage"]["project"], "p7");
        assert_eq!(charge["usage"]["cost_source"], "metered");
        assert_eq!(charge["draws"], settled["draws"]);
        let again = world.post(&person, &format!("/api/v1/holds/{id}/release"), &json!({})).await;
        assert_eq!(again.problem(409), "hold_closed");
        world.close().await;
    }

    /// Less is available than wanted: the hold takes it, unless it is less than the least of use.
    async fn a_hold_takes_what_is_there_down_to_the_least(world: World) {
        let person = world.person("3").await;
        let wish = json!({"id": hold_id(), "amount": "5", "least": "2.5"});
        assert_eq!(world.post(&person, "/api/v1/holds", &wish).await.ok(201)["amount"], "3.00");
        let wish = json!({"id": hold_id(), "amount": "5", "least": "0.000000001"});
        let refused = world.post(&person, "/api/v1/holds", &wish).await;
        assert_eq!(refused.problem(402), "insufficient_credits");
        assert_eq!((&refused.json()["needed"], &refused.json()["available"]), (&json!("0.000000001"), &json!("0.00")));
        world.close().await;
    }

    async fn a_released_hold_is_free_again_and_cannot_be_settled(world: World) {
        let person = world.person("10").await;
        let id = world.hold(&person, "4").await;
        // The body may be left out, and then so may its type.
        let bearer = format!("Bearer {}", person.key);
        let headers = [("authorization", &*bearer), ("idempotency-key", "r1")];
        let path = format!("/api/v1/holds/{id}/release");
        let released = world.client.send(world.address, "POST", &path, &headers, "").await.ok(200);
        assert_eq!((&released["amount"], &released["available"]), (&json!("4.00"), &json!("10.00")));
        assert_eq!(world.post(&person, &path, &json!({})).await.ok(200)["amount"], "0.00");
        let late = world.post(&person, &format!("/api/v1/holds/{id}/settle"), &json!({"cost": "1"})).await;
        assert_eq!(late.problem(409), "hold_closed");
        world.close().await;
    }

    /// A hold that lapsed can still be charged, once, by a client that says so; silence refuses.
    async fn a_lapsed_hold_is_charged_only_when_asked_to(world: World) {
        let person = world.person("10").await;
        let id = hold_id();
        let wish = json!({"id": id, "amount": "4", "lease_seconds": 60});
        world.post(&person, "/api/v1/holds", &wish).await.ok(201);
        world.clock.advance(61);
        operations::jobs::sweep(&world.services, &operations::Door::context(&*world.clock)).await.unwrap();
        let path = format!("/api/v1/holds/{id}/settle");
        assert_eq!(world.post(&person, &path, &json!({"cost": "1"})).await.problem(409), "hold_closed");
        let charged = world.post(&person, &path, &json!({"cost": "1", "if_gone": "charge"})).await.ok(200);
        assert_eq!((&charged["debited"], &charged["available"]), (&json!("1.00"), &json!("9.00")));
        world.close().await;
    }

    /// A cost above the hold takes what else is available, then stops at zero; one that is no cost is refused.
    async fn a_cost_above_the_hold_stops_at_zero(world: World) {
        let person = world.person("5").await;
        let id = world.hold(&person, "2").await;
        let path = format!("/api/v1/holds/{id}/settle");
        let refused = world.post(&person, &path, &json!({"cost": "1000000.000000001"})).await;
        assert_eq!(refused.problem(422), "amount_out_of_range");
        let settled = world.post(&person, &path, &json!({"cost": "7.5"})).await.ok(200);
        let parts = [&settled["debited"], &settled["lost"], &settled["available"], &settled["balance"]];
        assert_eq!(parts, [&json!("5.00"), &json!("2.50"), &json!("0.00"), &json!("0.00")]);
        world.close().await;
    }

    /// A key spends at most its limit; what it holds counts as spent.
    async fn a_key_with_a_limit_holds_no_more_than_it(world: World) {
        let person = world.person("10").await;
        let limit = SpendingLimit { amount: "2".parse().unwrap(), period: LimitPeriod::Day };
        let limited = world.key(&person, Some(limit)).await;
        world.hold(&limited, "1.5").await;
        let refused = world.post(&limited, "/api/v1/holds", &json!({"id": hold_id(), "amount": "0.6"})).await;
        assert_eq!(refused.problem(403), "key_limit_reached");
        world.hold(&limited, "0.5").await;
        world.hold(&person, "8").await;
        world.close().await;
    }

    /// An organization whose trial and the grace behind it are over begins nothing more, and ends what it began.
    async fn without_a_plan_nothing_more_is_begun(world: World) {
        let (now, grace) = (world.clock.now(), world.services.catalog.current().dunning.grace_days);
        let owner = world.signed_in(&format!("{}@example.com", Uuid::now_v7().simple())).await;
        let (id, wallet) = (OrganizationId::from_uuid(Uuid::now_v7()), WalletId::from_uuid(Uuid::now_v7()));
        let seating = Seating::on_trial(5, now.plus(Seconds(10 - i64::from(grace) * 86_400)));
        let team = OrganizationRow { id, name: "Team".to_owned(), wallet, seating, created_at: now, suspension: None };
        let (organization, user, role) = (id, owner.user, Role::Owner);
        let row = MemberRow { organization, user, role, daily_limit: None, joined_at: now, last_active_at: None };
        let store = &world.services.store;
        store.write(async move |tx| tx.insert_organization_with_wallet(&team).await).await.unwrap();
        store.write(async move |tx| tx.insert_member(&row).await).await.unwrap();
        let gift = AdjustWallet { wallet, amount: "5".parse().unwrap(), reason: "a test".to_owned(), key: None };
        grant::adjust(&world.services, &operations::Door::context(&*world.clock), gift).await.unwrap();

        let begun = hold_id();
        let wish = |id: &str| json!({"id": id, "wallet": wallet, "amount": "1"});
        world.call(Some(&owner), "POST", "/api/v1/holds", &wish(&begun)).await.ok(201);
        world.clock.advance(20);
        let refused = world.call(Some(&owner), "POST", "/api/v1/holds", &wish(&hold_id())).await;
        assert_eq!(refused.problem(403), "subscription_required");
        let settle = json!({"wallet": wallet, "cost": "0.5"});
        world.call(Some(&owner), "POST", &format!("/api/v1/holds/{begun}/settle"), &settle).await.ok(200);
        world.close().await;
    }

    /// What is somebody else's answers with the very bytes of what is nobody's.
    async fn foreign_and_absent_are_the_same(world: World) {
        let (ours, theirs) = (world.person("5").await, world.person("5").await);
        let id = world.hold(&theirs, "2").await;
        for verb in ["settle", "release"] {
            let body = if verb == "settle" { json!({"cost": "1"}) } else { json!({}) };
            let foreign = world.post(&ours, &format!("/api/v1/holds/{id}/{verb}"), &body).await;
            let nobody = hold_id();
            let absent = world.post(&ours, &format!("/api/v1/holds/{nobody}/{verb}"), &body).await;
            assert_eq!((foreign.problem(404), foreign.text.replace(&id, "")), (absent.problem(404), absent.text.replace(&nobody, "")));
            let nonsense = world.post(&ours, &format!("/api/v1/holds/7/{verb}"), &body).await;
            assert_eq!(nonsense.problem(404), "not_found");
        }
        let wallet = theirs.wallet.to_string();
        let nobody = format!("wal_{}", uuid::Uuid::now_v7().simple());
        let place = async |wallet: &str| {
            let answer = world.post(&ours, "/api/v1/holds", &json!({"id": hold_id(), "wallet": wallet, "amount": "1"})).await;
            (answer.problem(404), answer.text.replace(wallet, ""))
        };
        assert_eq!(place(&wallet).await, place(&nobody).await);
        assert_eq!(world.available(&theirs).await, "3".parse().unwrap());
        world.close().await;
    }
}
