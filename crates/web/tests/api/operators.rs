//! What operators see and do, each act with its line in the server's log.

use billing::Role;
use serde_json::{Value, json};

use crate::{
    browser::{Browser, found, in_words, join, next, somebody},
    on_both,
    pages::field,
    world::{Signed, World, hold_id},
};

async fn get(world: &World, who: &Signed, path: &str) -> Value {
    world.call(Some(who), "GET", &format!("/api/v1/operator/{path}"), &Value::Null).await.ok(200)
}

/// What the button of a review sends, without the token.
fn confirmed(page: &str) -> String {
    let form = page.split_once("id=\"sure\"").unwrap_or_else(|| panic!("no review in {page}")).1;
    let form = form.split_once("</form>").unwrap().0;
    let fields = form.split("type=\"hidden\" name=\"").skip(1).map(|field| field.split_once("\" value=\"").unwrap());
    let fields = fields.map(|(name, rest)| (name, rest.split_once('"').unwrap().0)).filter(|(name, _)| *name != "csrf");
    serde_urlencoded::to_string(fields.collect::<Vec<_>>()).unwrap()
}

/// The actions in the server's log about this wallet, the newest first.
async fn acts(world: &World, operator: &Signed, wallet: &str) -> Vec<String> {
    let log = get(world, operator, "audit").await;
    let lines = log["items"].as_array().unwrap().iter().filter(|line| line["subject"] == wallet);
    lines.map(|line| line["action"].as_str().unwrap().to_owned()).collect()
}

on_both! {
    async fn each_act_of_an_operator_is_done_once_and_stands_in_the_log(world: World) {
        let (operator, ana) = (world.operator().await, somebody(&world).await);
        let wallet = ana.wallet.to_string();
        let base = format!("/api/v1/operator/wallets/{wallet}");
        let gift = json!({"amount": "7.5", "days": 30, "reason": "sorry"});
        for _ in 0..2 {
            let given = world.call_once(&operator, &format!("{base}/grants"), "k1", &gift).await.ok(201);
            assert_eq!(given["available"], "7.50");
            // Thirty days are thirty days, also for whoever asks again later.
            world.clock.advance(60);
        }
        let take = json!({"amount": "-2.5", "reason": "too much"});
        let adjusted = world.call(Some(&operator), "POST", &format!("{base}/adjustments"), &take).await.ok(201);
        assert_eq!(adjusted["available"], "5.00");
        let more = json!({"amount": "-5.000000001", "reason": "far too much"});
        let refused = world.call(Some(&operator), "POST", &format!("{base}/adjustments"), &more).await;
        assert_eq!(refused.problem(402), "insufficient_credits");
        let silent = json!({"amount": "1", "reason": " "});
        let refused = world.call(Some(&operator), "POST", &format!("{base}/grants"), &silent).await;
        assert_eq!(refused.problem(422), "invalid_field");
        let long = json!({"amount": "1", "days": 3651, "reason": "for ever"});
        let refused = world.call(Some(&operator), "POST", &format!("{base}/grants"), &long).await;
        assert_eq!(refused.problem(422), "invalid_field");

        let browser = Browser::of(&world, &ana).await;
        let begun = browser.send("/payment-methods", "").await;
        let back = browser.type_card(&begun, "4242424242424242").await;
        browser.open(&back).await;
        let bought = next(&browser.pay("", "20").await);
        let purchase = bought.rsplit('/').next().unwrap();
        let wish = json!({"purchase": purchase, "amount": "5", "reason": "asked by mail"});
        let refunded = world.call(Some(&operator), "POST", &format!("{base}/refunds"), &wish).await.ok(201);
        assert_eq!((&refunded["state"], &refunded["amount"]), (&json!("paid"), &json!("5.00")));
        let lines = acts(&world, &operator, &wallet).await;
        assert_eq!(lines, ["wallet.refund", "wallet.refused", "wallet.adjust", "wallet.adjust", "wallet.grant"]);
        let log = get(&world, &operator, "audit?limit=1").await;
        assert_eq!(log["items"][0]["actor"], operator.user.to_string(), "who it was");
        assert_eq!(log["items"][0]["after"]["reason"], "asked by mail");
        // The holder's own log tells of the refund too.
        let own = world.call(Some(&ana), "GET", "/api/v1/me/audit?action=refund.ask", &Value::Null).await.ok(200);
        assert_eq!(own["items"][0]["actor_kind"], "operator");
        world.close().await;
    }

    async fn wallets_are_found_and_explained(world: World) {
        let (operator, ana) = (world.operator().await, somebody(&world).await);
        let (organization, shared) = found(&world, &ana, "Crab & Apples 100%").await;
        let names = async |text: &str| {
            let query = serde_urlencoded::to_string([("text", text)]).unwrap();
            let found = get(&world, &operator, &format!("search?{query}")).await;
            found["items"].as_array().unwrap().iter().map(|item| item["wallet"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names("crab & apples 100%").await, [shared.as_str()]);
        assert_eq!(names(&organization.to_string()).await, [shared.as_str()]);
        assert_eq!(names(&ana.user.to_string()).await, [ana.wallet.to_string()]);
        assert_eq!(names(&ana.wallet.to_string()).await, [ana.wallet.to_string()]);
        assert!(names("apples_100").await.is_empty() && names(" ").await.is_empty());

        let base = format!("wallets/{}", ana.wallet);
        let grants = format!("/api/v1/operator/{base}/grants");
        for amount in ["3", "4.25"] {
            let gift = json!({"amount": amount, "reason": "a test"});
            world.call(Some(&operator), "POST", &grants, &gift).await.ok(201);
        }
        let before = world.clock.now();
        world.clock.advance(60);
        let take = json!({"amount": "-1", "reason": "a test"});
        world.call(Some(&operator), "POST", &format!("/api/v1/operator/{base}/adjustments"), &take).await.ok(201);
        let why = get(&world, &operator, &base).await;
        assert_eq!((&why["balance"], &why["holder"]["kind"]), (&json!("6.25"), &json!("user")));
        assert_eq!(why["entries"][0]["kind"], "adjustment");
        let counts: Vec<&str> = why["grants"].as_array().unwrap().iter().map(|grant| grant["counts"].as_str().unwrap()).collect();
        assert_eq!(counts, ["2.00", "4.25"]);
        let then = get(&world, &operator, &format!("{base}?at={before}")).await;
        assert_eq!(then["balance"], "7.25");
        let ahead = world.call(Some(&operator), "GET", &format!("/api/v1/operator/{base}?at=2031-01-01T00:00:00Z"), &Value::Null).await;
        assert_eq!(ahead.problem(422), "invalid_field");

        let sums = get(&world, &operator, "reconciliation").await;
        assert_eq!(sums["difference"], "0.00");
        let alarms = get(&world, &operator, "alarms").await;
        assert_eq!((&alarms["findings"], &alarms["given_up"]), (&json!([]), &json!([])));
        world.close().await;
    }

    async fn an_operator_acts_on_pages(world: World) {
        let (operator, ana) = (world.operator().await, somebody(&world).await);
        let browser = Browser::of(&world, &operator).await;
        assert!(browser.open("/profile").await.text.contains("href=\"/operator\""));
        let name = "<script>alert(1)</script>";
        let (_, shared) = found(&world, &ana, name).await;
        let page = browser.open("/operator?text=alert").await;
        assert!(page.text.contains(&format!("/operator/wallets/{shared}")) && page.text.contains("&#60;script&#62;"));
        assert!(browser.open("/operator?text=nobody+at+all").await.text.contains("Nobody fits"));
        let wallet = format!("/operator/wallets/{}", ana.wallet);
        let page = browser.open(&wallet).await;
        assert!(page.text.contains("See what happens") && !page.text.contains("name=\"once\""), "{}", page.text);
        // What would happen is shown, and nothing happens by looking. What was shown is done, whenever it is sent.
        let review = browser.open(&format!("{wallet}/give?amount=7.50&days=30&reason=sorry+%3Cb%3E")).await;
        for said in ["<dd>$0.00</dd>", "<dd>$7.50</dd>", "not paid for, that expires on 2028-03-30 23:59 UTC", "sorry &#60;b&#62;"] {
            assert!(in_words(&review.text).contains(said), "{said}: {}", review.text);
        }
        assert!(browser.open(&wallet).await.text.contains("Nothing is left on any grant"));
        let fields = confirmed(&review.text);
        for _ in 0..2 {
            assert_eq!(next(&browser.send(&format!("{wallet}/give"), &fields).await), wallet, "sent twice, given once");
            world.clock.advance(1);
        }
        let take = browser.open(&format!("{wallet}/adjust?amount=-2.25&reason=too+much")).await;
        assert!(take.text.contains("<dd>$7.50</dd>") && take.text.contains("<dd>$5.25</dd>"), "{}", take.text);
        let stale = confirmed(&browser.open(&format!("{wallet}/adjust?amount=-2.25&reason=mine")).await.text);
        for _ in 0..2 {
            assert_eq!(next(&browser.send(&format!("{wallet}/adjust"), &confirmed(&take.text)).await), wallet);
        }
        // Two people look at one complaint: the second one is told that somebody has acted, and shown it as it is now.
        let told = browser.send(&format!("{wallet}/adjust"), &stale).await;
        assert!(told.status == 409 && told.text.contains("changed meanwhile"), "{}", told.text);
        assert!(told.text.contains("<dd>$5.25</dd>") && told.text.contains("<dd>$3.00</dd>"), "{}", told.text);
        assert!(told.text.contains("value=\"mine\"") && confirmed(&told.text) != stale, "{}", told.text);
        let more = browser.open(&format!("{wallet}/adjust?amount=-9&reason=more")).await;
        assert!(more.status == 402 && more.text.contains("value=\"-9\"") && !more.text.contains("Balance then"), "{}", more.text);
        // What requests used meanwhile is no reason to ask again.
        let busy = browser.open(&format!("{wallet}/give?amount=1&reason=busy")).await;
        let hold = hold_id();
        let wish = json!({"wallet": ana.wallet, "amount": "1", "id": hold});
        world.call(Some(&ana), "POST", "/api/v1/holds", &wish).await.ok(201);
        world.call(Some(&ana), "POST", &format!("/api/v1/holds/{hold}/settle"), &json!({"cost": "1"})).await.ok(200);
        assert_eq!(next(&browser.send(&format!("{wallet}/give"), &confirmed(&busy.text)).await), wallet);
        let page = browser.open(&wallet).await;
        assert!(page.text.contains("title=\"$5.25\"") && page.text.contains("adjustment: $2.25 out"), "{}", page.text);

        let theirs = Browser::of(&world, &ana).await;
        let begun = theirs.send("/payment-methods", "").await;
        let back = theirs.type_card(&begun, "4242424242424242").await;
        theirs.open(&back).await;
        theirs.pay("", "20").await;
        let page = browser.open(&wallet).await;
        let asked = format!("{wallet}/refund?purchase={}&amount=8&reason=asked", field(&page.text, "purchase"));
        let review = browser.open(&asked).await;
        for said in ["Refund $8.00", "<dd>$25.25</dd>", "<dd>$17.25</dd>", "The card gets $8.00 back", "credit note"] {
            assert!(review.text.contains(said), "{said}: {}", review.text);
        }
        let stale = confirmed(&browser.open(&asked).await.text);
        for _ in 0..2 {
            assert_eq!(next(&browser.send(&format!("{wallet}/refund"), &confirmed(&review.text)).await), wallet);
        }
        let told = browser.send(&format!("{wallet}/refund"), &stale).await;
        assert!(told.status == 409 && told.text.contains("changed meanwhile"), "{}", told.text);
        let page = browser.open(&wallet).await;
        assert!(page.text.contains("at most 12.00") && page.text.contains("title=\"$17.25\""), "{}", page.text);
        let log = browser.open("/operator/audit?action=wallet.").await;
        assert!(log.text.contains("Wallet: refund") || log.text.contains("wallet: refund"), "{}", log.text);
        for (path, said) in [
            ("/operator/alarms", "nothing differs"),
            ("/operator/reconciliation", "The books sum to zero"),
            ("/operator/catalog", "purchase.personal.min"),
        ] {
            let page = browser.open(path).await;
            assert!(page.status == 200 && page.text.contains(said), "{path}: {}", page.text);
        }
        assert_eq!(browser.open(&format!("{wallet}?at=yesterday")).await.status, 422);
        for path in ["/operator", "/operator/alarms", wallet.as_str()] {
            assert_eq!(theirs.open(path).await.status, 403, "{path}");
        }
        assert_eq!(theirs.send(&format!("{wallet}/give"), &fields).await.status, 403);
        assert!(!theirs.open("/profile").await.text.contains("href=\"/operator\""));
        world.close().await;
    }

    async fn a_wallet_is_suspended_and_restored_over_the_api(world: World) {
        let (operator, ana) = (world.operator().await, somebody(&world).await);
        let wallet = ana.wallet.to_string();
        let base = format!("/api/v1/operator/wallets/{wallet}");
        let own = format!("/api/v1/wallets/{wallet}");
        let why = json!({"reason": "A stolen card."});
        let hold = json!({"wallet": wallet, "amount": "1", "id": hold_id()});
        assert!(world.call(Some(&ana), "GET", &own, &Value::Null).await.ok(200).get("suspension").is_none());
        for body in [json!({}), json!({"reason": " "}), json!({"reason": "x", "since": "2028-01-01T00:00:00Z"})] {
            let refused = world.call(Some(&operator), "POST", &format!("{base}/suspend"), &body).await;
            assert_eq!(refused.problem(422), "invalid_field", "{body}");
        }
        assert_eq!(world.call(Some(&ana), "POST", &format!("{base}/suspend"), &why).await.problem(403), "forbidden");
        for _ in 0..2 {
            let service = world.call_once(&operator, &format!("{base}/suspend"), "k1", &why).await.ok(200);
            assert_eq!((&service["is_served"], &service["due"]), (&json!(false), &json!("active")));
            assert_eq!(service["suspension"]["reason"], "A stolen card.");
        }
        let said = world.call(Some(&ana), "GET", &own, &Value::Null).await.ok(200);
        assert_eq!(said["suspension"]["reason"], "A stolen card.");
        assert_eq!(get(&world, &operator, "alarms").await["suspended"][0]["wallet"], wallet);
        let asked = get(&world, &operator, &format!("wallets/{wallet}")).await;
        assert_eq!(asked["service"]["suspension"]["since"], world.clock.now().to_string());
        let refused = world.call(Some(&ana), "POST", "/api/v1/holds", &hold).await;
        assert_eq!(refused.problem(403), "account_suspended");
        let key = json!({"name": "another"});
        let refused = world.call(Some(&ana), "POST", &format!("{own}/api-keys"), &key).await;
        assert_eq!(refused.problem(403), "account_suspended");
        let due = world.call(Some(&ana), "POST", &format!("{own}/pay-due"), &json!({})).await.ok(200);
        assert_eq!(due["items"], json!([]), "paying is never refused");

        // A suspension that is named and not the one in force is not ended.
        let since = asked["service"]["suspension"]["since"].clone();
        let other = json!({"reason": "it was not", "since": "2028-02-29T23:59:57Z"});
        let refused = world.call(Some(&operator), "POST", &format!("{base}/restore"), &other).await;
        assert!(refused.problem(409) == "changed_meanwhile" && refused.text.contains("A stolen card."), "{}", refused.text);
        let sorry = json!({"reason": "it was not", "since": since});
        let service = world.call(Some(&operator), "POST", &format!("{base}/restore"), &sorry).await.ok(200);
        assert_eq!((&service["is_served"], service.get("suspension")), (&json!(true), None));
        world.call(Some(&ana), "POST", &format!("{own}/api-keys"), &key).await.ok(201);
        // The old key of the suspension answers as it did, and suspends nobody again.
        world.call_once(&operator, &format!("{base}/suspend"), "k1", &why).await.ok(200);
        assert!(world.call(Some(&ana), "GET", &own, &Value::Null).await.ok(200).get("suspension").is_none());
        assert_eq!(acts(&world, &operator, &wallet).await, ["wallet.restore", "wallet.suspend"]);
        world.close().await;
    }

    async fn a_wallet_is_suspended_and_restored_on_pages(world: World) {
        let (operator, ana) = (world.operator().await, somebody(&world).await);
        let (browser, theirs) = (Browser::of(&world, &operator).await, Browser::of(&world, &ana).await);
        let (organization, shared) = found(&world, &ana, "Acme").await;
        let bob = Browser::of(&world, &join(&world, organization, Role::Member).await).await;
        let wallet = format!("/operator/wallets/{shared}");
        let service = format!("{wallet}/service");
        let page = browser.open(&wallet).await;
        assert!(page.text.contains(&format!("href=\"{service}\">Suspend it")), "{}", page.text);

        // What would happen is shown, and nothing happens by looking.
        let why = "<b>spam</b> of Ben's";
        let asked = serde_urlencoded::to_string([("reason", why)]).unwrap();
        assert!(!browser.open(&service).await.text.contains("every request is refused"));
        let review = browser.open(&format!("{service}?{asked}")).await;
        assert!(review.text.contains("every request is refused") && review.text.contains("Its owners get a mail"));
        assert!(review.text.contains("&#60;b&#62;spam") && !review.text.contains("<b>spam"), "{}", review.text);
        assert!(!theirs.open(&format!("/organizations/{organization}")).await.text.contains("Suspended since"));
        let empty = browser.send(&service, "act=suspend&reason=+").await;
        assert!(empty.status == 422 && empty.text.contains("say why"), "{}", empty.text);
        for _ in 0..2 {
            let done = browser.send(&service, &format!("act=suspend&{asked}")).await;
            assert_eq!(next(&done), wallet, "sent twice, suspended once");
        }
        // A page that is older than the suspension is told so.
        let stale = browser.send(&service, "act=suspend&reason=another").await;
        assert!(stale.status == 422 && stale.text.contains("it was suspended meanwhile"), "{}", stale.text);
        assert!(stale.text.contains("value=\"another\""), "what was typed is kept");
        let page = browser.open(&wallet).await;
        assert!(page.text.contains("Suspended by hand since") && page.text.contains("Restore it"), "{}", page.text);
        assert!(browser.open("/operator/alarms").await.text.contains(&format!("href=\"{wallet}\"")));

        // Everybody there is told what happened, why, and where to ask; every page can be looked at.
        for page in [
            theirs.open(&format!("/organizations/{organization}")).await,
            theirs.open(&format!("/organizations/{organization}/credits")).await,
            bob.open(&format!("/organizations/{organization}/usage")).await,
        ] {
            assert!(in_words(&page.text).contains("Suspended since 2028-02-29 23:59 UTC by whoever runs Kilo: &#60;b&#62;spam"), "{}", page.text);
            assert!(page.text.contains("href=\"https://kilo.ai/support\">Ask for help"), "{}", page.text);
        }
        let due = theirs.open(&format!("/organizations/{organization}/due")).await;
        assert!(due.status == 200 && due.text.contains("Nothing is due"), "{}", due.text);
        assert!(!theirs.open("/profile").await.text.contains("Suspended since"), "it is not hers");
        let renamed = theirs.send(&format!("/organizations/{organization}/settings/name"), "name=Other").await;
        assert!(renamed.status == 403 && renamed.text.contains("suspended since"), "{}", renamed.text);
        assert_eq!(theirs.send(&service, "act=restore&reason=please").await.status, 403);
        assert_eq!(theirs.open(&service).await.status, 403);

        let review = browser.open(&format!("{service}?reason=settled")).await;
        assert!(review.text.contains("Requests are served again") && review.text.contains("value=\"restore\""));
        // A page that is older than a newer suspension is told so, and does not end it.
        let old = confirmed(&review.text);
        assert_eq!(next(&browser.send(&service, &old).await), wallet);
        world.clock.advance(1);
        assert_eq!(next(&browser.send(&service, "act=suspend&reason=again").await), wallet);
        let told = browser.send(&service, &old).await;
        assert!(told.status == 409 && told.text.contains("Another one is in force") && told.text.contains("again"), "{}", told.text);
        assert!(browser.open(&wallet).await.text.contains("Suspended by hand since"));
        let silent = browser.send(&service, "act=restore&reason=settled").await;
        assert!(silent.text.contains("Requests are served again"), "a form that names none asks: {}", silent.text);
        let new = confirmed(&browser.open(&format!("{service}?reason=settled")).await.text);
        for _ in 0..2 {
            assert_eq!(next(&browser.send(&service, &new).await), wallet);
        }
        assert!(!bob.open(&format!("/organizations/{organization}")).await.text.contains("Suspended since"));
        let expected = ["wallet.restore", "wallet.suspend", "wallet.restore", "wallet.suspend"];
        assert_eq!(acts(&world, &operator, &shared).await, expected);
        world.close().await;
    }
}
