//! Buying credits, saved cards and usage on their pages, as a browser without a script does it.

use billing::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    browser::{Browser, found, in_words, join, next, somebody},
    on_both,
    pages::field,
    world::Signed,
};

on_both! {
    async fn credits_are_bought_with_a_new_card(world: World) {
        let ana = somebody(&world).await;
        let browser = Browser::of(&world, &ana).await;
        let credits = browser.open("/credits").await;
        for preset in ["$10.00", "$20.00", "$50.00", "$100.00", "$5.00 to $10,000.00"] {
            assert!(credits.text.contains(preset), "{preset} is missing in {}", credits.text);
        }
        let card = browser.open("/credits/pay?amount=20.00&other=&card=new").await;
        let return_to = field(&card.text, "return_to");
        assert_eq!(return_to, "/credits/pay?amount=20.00");
        let begun = browser.send("/payment-methods", "return_to=%2Fcredits%2Fpay%3Famount%3D20.00").await;
        let back = browser.type_card(&begun, "4242424242424242").await;
        assert!(back.starts_with("/credits/pay?amount=20.00&setup=seti_"), "{back}");
        let chosen = next(&browser.open(&back).await);
        let page = browser.open(&chosen).await;
        assert!(page.text.contains("Pay $20.00") && page.text.contains("Visa &hellip;4242"), "{}", page.text);
        let fields = ["amount", "card", "once"].map(|name| format!("{name}={}", field(&page.text, name))).join("&");
        // Sent twice, bought once.
        let (first, second) = tokio::join!(browser.send("/credits/pay", &fields), browser.send("/credits/pay", &fields));
        assert_eq!(next(&first), next(&second));
        let done = browser.open(&next(&first)).await;
        assert!(done.text.contains("The credits are there") && in_words(&done.text).contains("$20.00 paid, 2028-02-29"), "{}", done.text);
        // Whoever goes back to the page is told what it bought, and sending it once more buys nothing.
        let again = browser.open(&chosen).await;
        assert!(again.text.contains("Bought already") && again.text.contains(&next(&first)), "{}", again.text);
        assert!(again.text.contains(">Buy again</a>") && !again.text.contains("name=\"once\""), "{}", again.text);
        assert_eq!(again.header("cache-control"), Some("no-store"), "a browser asks for it anew");
        assert_eq!(next(&browser.send("/credits/pay", &fields).await), next(&first));
        // The page of the choice has another key each time, and one that is no key is not taken.
        let keys = [browser.open("/credits").await, browser.open("/credits").await].map(|page| field(&page.text, "once"));
        assert_ne!(keys[0], keys[1]);
        let asked = browser.open(&format!("/credits/pay?amount=20&once={}", keys[0])).await;
        assert_eq!(field(&asked.text, "once"), keys[0]);
        let odd = browser.open("/credits/pay?amount=20&once=a+b").await;
        assert!(odd.text.contains("Pay $20.00") && field(&odd.text, "once").len() == 32, "{}", odd.text);
        let invoices = browser.open("/invoices").await;
        assert!(invoices.text.contains("2028-000001") && invoices.text.contains("$20.00"), "{}", invoices.text);
        let invoice = browser.open("/invoices/2028-000001").await;
        assert!(invoice.text.contains("visa 4242") && invoice.text.contains("$20.00"), "{}", invoice.text);
        assert_eq!(browser.open("/invoices/2028-000002").await.status, 404);
        let link = format!("/api/v1/wallets/{}/invoices/2028-000001.pdf", ana.wallet);
        assert!(invoice.text.contains(&link), "{}", invoice.text);
        let pdf = browser.open(&link).await;
        assert_eq!((pdf.status, pdf.text.as_str()), (200, "%PDF 2028-000001"));
        assert_eq!(pdf.header("content-type"), Some("application/pdf"));
        assert_eq!(pdf.header("content-disposition"), Some("attachment; filename=\"2028-000001.pdf\""));
        let bob = somebody(&world).await;
        let theirs = world.call(Some(&bob), "GET", &link, &Value::Null).await;
        let mine = "/api/v1/wallets/me/invoices/2028-000001.pdf";
        let not_mine = world.call(Some(&bob), "GET", mine, &Value::Null).await;
        let absent = world.call(Some(&bob), "GET", &mine.replace("000001", "000002"), &Value::Null).await;
        assert!(theirs.problem(404) == "not_found" && not_mine.problem(404) == "not_found");
        assert_eq!(not_mine.text.replace("000001", ""), absent.text.replace("000002", ""));
        let blank = "street=&extra=&postal_code=&city=&region=&tax_id=&email=";
        let wrong = browser.send("/invoices/details", &format!("name=Ana&country=USA&{blank}")).await;
        assert!(wrong.status == 422 && wrong.text.contains("value=\"USA\""), "{}", wrong.text);
        let kept = browser.send("/invoices/details", &format!("name=Ana+Inc&country=US&{blank}")).await;
        assert_eq!(next(&kept), "/invoices");
        assert!(browser.open("/invoices?kind=credits").await.text.contains("value=\"Ana Inc\""));
        let profile = browser.open("/profile").await;
        assert!(profile.text.contains("$20.00") && profile.text.contains("never"), "{}", profile.text);
        assert!(browser.open("/payment-methods").await.text.contains("Visa &hellip;4242"));
        // Going back and coming again with the same address saves no second card.
        assert_eq!(browser.open(&back).await.status, 303);
        let cards = browser.open("/payment-methods").await;
        assert_eq!(cards.text.matches("&hellip;4242").count(), 1);
        let gone = browser.send("/payment-methods/forget", &format!("card={}", field(&cards.text, "card"))).await;
        assert_eq!(next(&gone), "/payment-methods");
        assert!(browser.open("/payment-methods").await.text.contains("No card is saved"));
        world.close().await;
    }

    async fn what_is_wrong_is_said_beside_what_was_typed(world: World) {
        let ana = somebody(&world).await;
        let browser = Browser::of(&world, &ana).await;
        for (typed, said) in
            [("4.99", "$5.00 to $10,000.00 can be bought"), ("10000.01", "$5.00 to"), ("x", "such as 25"), ("", "choose one")]
        {
            let page = browser.open(&format!("/credits/pay?amount=other&other={typed}&card=new")).await;
            assert!(page.status == 422 && page.text.contains(said), "{typed}: {}", page.text);
            assert!(page.text.contains(&format!("name=\"other\" value=\"{typed}\"")), "{typed}: {}", page.text);
        }
        let page = browser.open("/credits/pay?amount=other&other=%241%2C250.5&card=new").await;
        assert!(page.status == 200 && page.text.contains("$1,250.50"), "{}", page.text);
        let absent = format!("/credits/pay?amount=20&card=crd_{}", Uuid::now_v7().simple());
        assert_eq!(browser.open(&absent).await.status, 404);
        assert_eq!(browser.open(&format!("/credits/pay_{}", Uuid::now_v7().simple())).await.status, 404);
        // A card that is saved and then declines.
        let begun = browser.send("/payment-methods", "return_to=%2F%2Fevil.example").await;
        let back = browser.type_card(&begun, "4000000000000341").await;
        assert!(back.starts_with("/payment-methods?setup="), "only own paths are gone to: {back}");
        browser.open(&back).await;
        let declined = browser.pay("", "20").await;
        assert!(declined.status == 402 && declined.text.contains("has declined the card"), "{}", declined.text);
        assert!(browser.open("/credits").await.text.contains("not paid"));
        world.close().await;
    }

    async fn a_bank_that_asks_is_answered_and_the_credits_are_there(world: World) {
        let ana = somebody(&world).await;
        let browser = Browser::of(&world, &ana).await;
        let setup = next(&browser.send("/payment-methods", "").await);
        let asks = browser.send(&setup, "answer=save&number=4000002760003184").await;
        assert!(asks.text.contains("Approve"), "{}", asks.text);
        browser.open(&next(&browser.send(&setup, "answer=approve").await)).await;
        for (answer, said) in [("approve", "The credits are there"), ("fail", "Not paid")] {
            let bank = next(&browser.pay("", "50").await);
            let page = browser.open(&bank).await;
            assert!(page.text.contains("no money moves") && page.text.contains("$50.00"), "{}", page.text);
            let back = next(&browser.send(&bank, &format!("answer={answer}")).await);
            let done = browser.open(&next(&browser.open(&back).await)).await;
            assert!(done.text.contains(said), "{}", done.text);
        }
        // Closed without an answer: it says so, and leads there again.
        let bank = next(&browser.pay("", "10").await);
        let page = browser.open(&bank).await;
        let close = page.text.split("href=\"/credits/paid").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
        let open = browser.open(&next(&browser.open(&format!("/credits/paid{close}")).await)).await;
        assert!(open.text.contains("Your bank asks") && open.text.contains(&bank), "{}", open.text);
        assert!(browser.open("/profile").await.text.contains("$50.00"));
        world.close().await;
    }

    async fn an_organization_has_pages_for_who_may_see_them(world: World) {
        let owner = somebody(&world).await;
        let name = "<script>alert(1)</script> & Sons";
        let (id, _) = found(&world, &owner, name).await;
        let base = format!("/organizations/{id}");
        let manager = join(&world, id, Role::BillingManager).await;
        let member = join(&world, id, Role::Member).await;
        let browser = Browser::of(&world, &manager).await;
        let page = browser.open(&base).await;
        assert!(page.text.contains("&#60;script&#62;alert(1)&#60;/script&#62; &#38; Sons"), "{}", page.text);
        assert!(page.text.contains("Buy more credits") && page.text.contains("billing manager"), "{}", page.text);
        let credits = browser.open(&format!("{base}/credits")).await;
        assert!(credits.text.contains("$1,000.00") && credits.text.contains("$50.00 to $50,000.00"), "{}", credits.text);
        let begun = browser.send(&format!("{base}/payment-methods"), "").await;
        let back = browser.type_card(&begun, "4242424242424242").await;
        assert_eq!(next(&browser.open(&back).await), format!("{base}/payment-methods"));
        let paid = next(&browser.pay(&base, "100").await);
        assert!(browser.open(&paid).await.text.contains("The credits are there"));
        assert_eq!(browser.open(&format!("{base}/api-keys")).await.status, 403, "a billing manager uses no credits");

        let browser = Browser::of(&world, &member).await;
        let page = browser.open(&base).await;
        assert!(page.text.contains("$100.00") && !page.text.contains("Buy more credits"), "{}", page.text);
        for path in ["/credits", "/payment-methods", "/credits/pay?amount=50", "/invoices"] {
            assert_eq!(browser.open(&format!("{base}{path}")).await.status, 403, "{path}");
        }
        assert_eq!(browser.open(&paid).await.status, 403);
        assert_eq!(browser.open(&format!("{base}/usage")).await.status, 200);
        let stranger = Browser::of(&world, &somebody(&world).await).await;
        let absent = format!("/organizations/org_{}", Uuid::now_v7().simple());
        for path in ["", "/credits", "/payment-methods", "/usage", "/api-keys", "/credits/pay"] {
            let theirs = stranger.open(&format!("{base}{path}")).await;
            let nobodys = stranger.open(&format!("{absent}{path}")).await;
            assert_eq!((theirs.status, nobodys.status), (404, 404), "{path}");
            let (ours, none) = (id.to_string(), absent.replace("/organizations/", ""));
            assert_eq!(theirs.text.replace(&ours, ""), nobodys.text.replace(&none, ""), "{path}");
        }
        world.close().await;
    }

    async fn usage_is_what_was_charged(world: World) {
        let person = world.person("10").await;
        let ana = world.signed_in_again(&Signed { user: person.user, wallet: person.wallet, token: String::new() }).await;
        let browser = Browser::of(&world, &ana).await;
        assert!(browser.open("/usage").await.text.contains("Nothing was used"));
        let charges = [("small<b>", "red", "0.25"), ("small<b>", "blue", "1.5"), ("large", "red", "0.000000001")];
        for (model, project, cost) in charges {
            let hold = world.hold(&person, "2").await;
            let wish = json!({"cost": cost, "model": model, "provider": "demo", "project": project});
            world.post(&person, &format!("/api/v1/holds/{hold}/settle"), &wish).await.ok(200);
        }
        let page = browser.open("/usage?days=7").await;
        assert!(page.text.contains("title=\"$1.750000001\""), "{}", page.text);
        assert!(page.text.contains("small&#60;b&#62;") && !page.text.contains("blue"), "{}", page.text);
        let exact = "2028-02-29: $1.750000001; small&#60;b&#62; $1.75; large $0.000000001";
        assert!(page.text.contains(exact), "the chart tells exact values: {}", page.text);
        let split = browser.open("/usage?days=7&by=project").await;
        assert!(split.text.contains("red") && split.text.contains("blue"), "{}", split.text);
        assert!(browser.open("/usage?days=7&by=provider").await.text.contains(">demo<"));
        assert!(browser.open("/usage?days=7&by=day").await.text.contains(">2028-02-29<"));
        for nothing in ["person", "%3Cb%3E", ""] {
            let page = browser.open(&format!("/usage?days=7&by={nothing}")).await;
            assert!(page.text.contains("<h2 id=\"split\">By model</h2>"), "{nothing}: {}", page.text);
        }
        let split = browser.open("/usage?days=7&only=mine&by=project&sort=-name").await;
        let rows: Vec<&str> = split.text.split("<th scope=\"row\">").skip(1).filter_map(|row| row.split('<').next()).collect();
        assert_eq!(rows, ["red", "blue"]);
        assert!(split.text.contains("<th scope=\"col\" aria-sort=\"descending\"><a class=\"sort\" href=\"/usage?days=7&#38;only=mine&#38;by=project&#38;sort=name\">By project</a>"), "{}", split.text);
        assert!(split.text.contains("href=\"/usage?days=30&#38;only=mine&#38;by=project&#38;sort=-name\""), "other filters keep it: {}", split.text);
        for usual in ["", "-spent", "%3Cb%3E", "-"] {
            let page = browser.open(&format!("/usage?days=7&by=project&sort={usual}")).await;
            let first = page.text.split("<th scope=\"row\">").nth(1).and_then(|row| row.split('<').next());
            assert_eq!(first, Some("blue"), "{usual}: the most comes first");
        }
        assert_eq!(page.text.matches("class=\"column\"").count(), 7);
        let mine = browser.open("/usage?days=30&only=mine").await;
        assert!(mine.text.contains("title=\"$1.750000001\""), "{}", mine.text);
        let home = browser.open("/profile?sort=-left").await;
        assert!(home.text.contains("<th scope=\"col\" class=\"number\" aria-sort=\"descending\">"), "{}", home.text);
        let pace = "At the pace of today so far, $1.75 a day, these credits last until about <time ";
        assert!(home.text.contains(pace) && home.text.contains("<title>now: $8.249999999</title>"), "{}", home.text);
        let csv = browser.open("/usage?days=0&format=csv").await;
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        assert!(csv.text.lines().count() == 4 && csv.text.contains(",large,"), "{}", csv.text);
        let total: Value = world.get(&person, "/api/v1/wallets/me").await.ok(200)["balance"].clone();
        assert_eq!(total, "8.249999999");
        world.close().await;
    }
}
