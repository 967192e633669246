//! Every field of every form: what is wrong with it is said beside it, and what was typed is kept.
//!
//! The templates are read for what can be typed. A field that is missing here fails this, as does one that is here and not
//! there.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    browser::{Browser, found, join, next, somebody},
    http::Answer,
    pages::{field, submit},
    world::World,
};

/// What is sent for one field: its form and name as the template has them, who sends it where, what, and the id of the
/// input that is marked.
struct Case {
    of: (&'static str, &'static str),
    who: Who,
    to: &'static str,
    sent: &'static str,
    id: &'static str,
    said: &'static str,
    kept: Kept,
}

#[derive(Clone, Copy)]
enum Who {
    Nobody,
    /// Asks with GET.
    Looks,
    Sends,
    OperatorLooks,
    OperatorSends,
}

/// What became of what was typed.
#[derive(Clone, Copy)]
enum Kept {
    As(&'static str),
    /// It is secret, and stands nowhere.
    Never(&'static str),
    /// A choice that was none of the list.
    Nothing,
}

use Kept::{As, Never, Nothing};
use Who::{Looks, Nobody, OperatorLooks, OperatorSends, Sends};

const LONG: &str =
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
const NAME: &str = "a name of 1 to 100 characters";
const LINE: &str = "one line of at most 100";
const DAY: &str = "a day such as 2026-01-31";
const MONEY: &str = "such as 5 or 12.50";

const fn case(
    of: (&'static str, &'static str),
    (who, to, sent): (Who, &'static str, &'static str),
    (id, said): (&'static str, &'static str),
    kept: Kept,
) -> Case {
    Case { of, who, to, sent, id, said, kept }
}

const POLICY: &str = "/settings/policy";
const DETAILS: &str = "/invoices/details";
const WALLET: &str = "/operator/wallets/{{ wallet }}";

#[rustfmt::skip]
const CASES: &[Case] = &[
    case(("/sign-in", "email"), (Nobody, "/sign-in", "email=ana&next="), ("email", "a mail address"), As("ana")),
    case(("/sign-in/code", "code"), (Nobody, "/sign-in/code", "email=a%40example.com&challenge={challenge}&code=00000"), ("code", "tries left"), Never("00000\"")),
    case(("/set-up", "token"), (Nobody, "/set-up", "token=tare_st_secret&email=op%40example.com"), ("token", "not valid"), Never("tare_st_secret")),
    case(("/set-up", "email"), (Nobody, "/set-up", "token=tare_st_secret&email=nowhere"), ("email", "a mail address"), As("nowhere")),
    case(("/organizations/new", "name"), (Sends, "/organizations/new", "name={long}"), ("name", NAME), As(LONG)),
    case(("/settings/name", "name"), (Sends, "{org}/settings/name", "name={long}"), ("name", NAME), As(LONG)),
    case((POLICY, "models_allow"), (Sends, "{org}/settings/policy", "models_allow=a+b"), ("models_allow", "matches nothing"), As(">a b<")),
    case((POLICY, "models_deny"), (Sends, "{org}/settings/policy", "models_deny=a+b"), ("models_deny", "matches nothing"), As(">a b<")),
    case((POLICY, "providers_allow"), (Sends, "{org}/settings/policy", "providers_allow=a+b"), ("providers_allow", "matches nothing"), As(">a b<")),
    case((POLICY, "providers_deny"), (Sends, "{org}/settings/policy", "providers_deny=a+b"), ("providers_deny", "matches nothing"), As(">a b<")),
    case((POLICY, "default_model"), (Sends, "{org}/settings/policy", "default_model=any%2F*"), ("default_model", "the id of one model"), As("any/*")),
    case(("/members", "email"), (Sends, "{org}/members", "email=bob&role=admin"), ("email", "a mail address"), As("bob")),
    case(("/members", "role"), (Sends, "{org}/members", "email=bob%40example.com&role=king"), ("role", "one of the list"), As("bob@example.com")),
    case(("/members/role", "role"), (Sends, "{org}/members/role", "user={member}&role=king"), ("role-{member}", "one of the list"), Nothing),
    case(("/members/limit", "limit"), (Sends, "{org}/members/limit", "user={member}&limit=lots"), ("limit-{member}", MONEY), As("lots")),
    case(("/alerts", "below"), (Sends, "/alerts", "below=lots"), ("below", MONEY), As("lots")),
    case(("/alerts", "below"), (Sends, "{org}/alerts", "below=0"), ("below", "more than 0"), As("value=\"0\"")),
    case((DETAILS, "name"), (Sends, "/invoices/details", "name={long}&{blank}"), ("name", LINE), As(LONG)),
    case((DETAILS, "street"), (Sends, "/invoices/details", "street={long}&{blank}"), ("street", LINE), As(LONG)),
    case((DETAILS, "extra"), (Sends, "/invoices/details", "extra={long}&{blank}"), ("extra", LINE), As(LONG)),
    case((DETAILS, "postal_code"), (Sends, "/invoices/details", "postal_code={long}&{blank}"), ("postal_code", LINE), As(LONG)),
    case((DETAILS, "city"), (Sends, "/invoices/details", "city={long}&{blank}"), ("city", LINE), As(LONG)),
    case((DETAILS, "region"), (Sends, "/invoices/details", "region={long}&{blank}"), ("region", LINE), As(LONG)),
    case((DETAILS, "country"), (Sends, "/invoices/details", "country=USA&{blank}"), ("country", "two letters"), As("USA")),
    case((DETAILS, "tax_id"), (Sends, "/invoices/details", "country=DE&tax_id=DE12&{blank}"), ("tax_id", "DE"), As("DE12")),
    case((DETAILS, "email"), (Sends, "/invoices/details", "email=bob&{blank}"), ("email", "a mail address"), As("bob")),
    case(("/invoices", "from"), (Looks, "/invoices?from=yesterday", ""), ("from", DAY), As("yesterday")),
    case(("/invoices", "until"), (Looks, "{org}/invoices?until=today", ""), ("until", DAY), As("today")),
    case(("{{ path }}", "from"), (Looks, "{org}/audit?from=yesterday", ""), ("from", DAY), As("yesterday")),
    case(("{{ path }}", "until"), (OperatorLooks, "/operator/audit?until=today", ""), ("until", DAY), As("today")),
    case(("/byok-keys", "provider"), (Sends, "/byok-keys", "provider=nobody&name=mine&key=sk-canary-0123456789"), ("provider", "there is no"), Never("canary")),
    case(("/byok-keys", "name"), (Sends, "/byok-keys", "provider=second&name={long}&key=sk-canary-0123456789"), ("name", NAME), As(LONG)),
    case(("/byok-keys", "key"), (Sends, "/byok-keys", "provider=second&name=mine&key=canary"), ("key", "visible ASCII"), Never("canary")),
    case(("/byok-keys", "key"), (Sends, "/byok-keys", "provider=second&name=my+own+key&key=canary"), ("key", "visible ASCII"), As("my own key")),
    case(("/byok-keys/replace", "key"), (Sends, "/byok-keys/replace", "provider_key={own_key}&key=canary"), ("key-{own_key}", "visible ASCII"), Never("canary")),
    case(("/api-keys", "name"), (Sends, "/api-keys", "name={long}"), ("name", NAME), As(LONG)),
    case(("/api-keys", "limit"), (Sends, "/api-keys", "name=x&limit=lots&period=day"), ("limit", MONEY), As("lots")),
    case(("/api-keys", "period"), (Sends, "/api-keys", "name=x&limit=77&period=week"), ("period", "a day, a month"), As("77")),
    case(("/api-keys", "days"), (Sends, "/api-keys", "name=x&days=9999"), ("days", "1 to 3650"), As("9999")),
    case(("/seats/review", "seats"), (Looks, "{org}/seats/review?wish=add&seats=some", ""), ("seats", "a number"), As("some")),
    case(("/seats/review", "plan"), (Looks, "{org}/seats/review?wish=plan&plan=best", ""), ("plan", "one of the list"), Nothing),
    case(("/seats/review", "cadence"), (Looks, "{trial}/seats/review?wish=subscribe&plan=teams&cadence=weekly&seats=17", ""), ("cadence", "by the month"), As("17")),
    case(("/seats/review", "seats"), (Looks, "{trial}/seats/review?wish=subscribe&plan=teams&cadence=yearly&seats=some", ""), ("seats", "a number"), As("some")),
    case(("/seats/change", "seats"), (Sends, "{org}/seats/change", "wish=remove&seats=some&once=1"), ("seats", "a number"), As("some")),
    case(("/seats/change", "seats"), (Sends, "{org}/seats/change", "wish=remove&seats=99&once=2"), ("seats", ""), As("99")),
    case(("/sandbox/setups/{{ id }}", "number"), (Sends, "{setup}", "answer=save&number=4000000000000002"), ("number", "declined"), Never("4000000000000002")),
    case(("/credits/pay", "other"), (Looks, "/credits/pay?amount=other&other=lots&card=new", ""), ("other", "such as 25"), As("lots")),
    case(("/credits/pay", "other"), (Looks, "/credits/pay?amount=other&other=4.99&card=new", ""), ("other", "can be bought at once"), As("4.99")),
    case(("/credits/pay", "card"), (Sends, "/credits/pay", "amount=20&card={declining}&once=3"), ("pay-with", "declined"), Nothing),
    case(("/auto-top-up/on", "amount"), (Looks, "/auto-top-up/on?amount=7&threshold=2.125&monthly_cap=400", ""), ("amount", "20.00, 50.00"), As("2.125")),
    case(("/auto-top-up/on", "threshold"), (Looks, "/auto-top-up/on?amount=20.00&threshold=some&monthly_cap=400", ""), ("threshold", MONEY), As("some")),
    case(("/auto-top-up/on", "threshold"), (Looks, "/auto-top-up/on?amount=20.00&threshold=21&monthly_cap=400", ""), ("threshold", "at most the amount"), As("value=\"21\"")),
    case(("/auto-top-up/on", "monthly_cap"), (Looks, "/auto-top-up/on?amount=20.00&threshold=5&monthly_cap=1.25", ""), ("cap", "at least the amount"), As("1.25")),
    case(("/credits/{{ id }}/refund", "amount"), (Looks, "{purchase}/refund?amount=99&reason=too+much", ""), ("amount", "15.00"), As("value=\"99\"")),
    case(("/credits/{{ id }}/refund", "reason"), (Looks, "{purchase}/refund?amount=4.75&reason=", ""), ("reason", "say why"), As("4.75")),
    case(("/device", "code"), (Looks, "/device?code=AAAA-BBBB", ""), ("code", "not known"), As("AAAA-BBBB")),
    case(("/credits/pass/{% if is_in_force %}change{% else %}review{% endif %}", "choice"), (Looks, "/credits/pass/review?choice=best", ""), ("choice", "one of the list"), Nothing),
    case(("/credits/pass", "card"), (Sends, "/credits/pass", "choice=19.00+monthly&card={declining}&once=4"), ("pay-with", "declined"), Nothing),
    case((WALLET, "at"), (OperatorLooks, "/operator/wallets/{wallet}?at=yesterday", ""), ("at", "a moment in UTC"), As("yesterday")),
    case((WALLET, "at"), (OperatorLooks, "/operator/wallets/{wallet}?at=2099-01-01T00:00:00Z", ""), ("at", "a moment until now"), As("2099-01-01")),
    case(("/operator/wallets/{{ wallet }}/service", "reason"), (OperatorSends, "/operator/wallets/{wallet}/service", "act=suspend&reason=+"), ("reason", "say why"), Nothing),
    case(("/operator/wallets/{{ wallet }}/adjust", "amount"), (OperatorLooks, "/operator/wallets/{wallet}/adjust?amount=lots&reason=sorry", ""), ("amount", "to take away"), As("lots")),
    case(("/operator/wallets/{{ wallet }}/adjust", "reason"), (OperatorLooks, "/operator/wallets/{wallet}/adjust?amount=1.25&reason=+", ""), ("reason", "say why"), As("1.25")),
    case(("/operator/wallets/{{ wallet }}/give", "amount"), (OperatorLooks, "/operator/wallets/{wallet}/give?amount=lots&reason=sorry", ""), ("amount", MONEY), As("lots")),
    case(("/operator/wallets/{{ wallet }}/give", "days"), (OperatorLooks, "/operator/wallets/{wallet}/give?amount=1&days=never&reason=sorry", ""), ("days", "1 to 3650"), As("never")),
    case(("/operator/wallets/{{ wallet }}/give", "reason"), (OperatorLooks, "/operator/wallets/{wallet}/give?amount=1.25&reason=+", ""), ("reason", "say why"), As("1.25")),
    case(("/operator/wallets/{{ wallet }}/refund", "amount"), (OperatorLooks, "/operator/wallets/{wallet}/refund?purchase={payment}&amount=999&reason=asked", ""), ("amount", "15.00"), As("999")),
    case(("/operator/wallets/{{ wallet }}/refund", "reason"), (OperatorLooks, "/operator/wallets/{wallet}/refund?purchase={payment}&amount=1.25&reason=+", ""), ("reason", "say why"), As("1.25")),
    case(("{{ to }}", "amount"), (OperatorLooks, "/operator/wallets/{wallet}/adjust?amount=-1000&reason=sorry", ""), ("amount", "available"), As("-1000")),
    case(("{{ to }}", "days"), (OperatorSends, "/operator/wallets/{wallet}/give", "amount=1&days=3651&reason=sorry&once=5"), ("days", "1 to 3650"), As("3651")),
    case(("{{ to }}", "reason"), (OperatorSends, "/operator/wallets/{wallet}/adjust", "amount=1.25&reason=+&once=6"), ("reason", "say why"), As("1.25")),
];

/// Fields about which nothing is ever said, and where it is said instead.
const NEVER_WRONG: &[(&str, &str, &str)] = &[
    ("/settings/policy", "no_training", "it is there or not"),
    ("/invoices/details", "is_mailed", "it is there or not; a missing address is said at `email`"),
    ("/invoices", "kind", "what is none of the list is everything"),
    ("{{ path }}", "action", "what no line has fits none"),
    ("/credits/pay", "amount", "said at `other`"),
    ("/due", "card", "as on the page of a pass; the browser declines one there"),
    ("/operator", "text", "what nobody is called finds nobody"),
    ("/operator/wallets/{{ wallet }}/give", "paid", "it is there or not"),
    ("{{ to }}", "paid", "it is there or not"),
];

#[test]
fn every_field_of_every_form_is_here() {
    let here = CASES.iter().map(|case| case.of).chain(NEVER_WRONG.iter().map(|(form, name, _)| (*form, *name)));
    let here: BTreeSet<_> = here.map(|(form, name)| (form.to_owned(), name.to_owned())).collect();
    assert_eq!(here, fields());
}

/// What can be typed or chosen: the address of the form, without whose it is, and the name of the field.
fn fields() -> BTreeSet<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/templates");
    let mut fields = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for form in text.split("<form ").skip(1).map(|form| form.split("</form>").next().unwrap()) {
            let action = attribute(form, "action").unwrap_or_default().replace("{{ frame.base }}", "");
            for tag in ["<input ", "<select ", "<textarea "] {
                for input in form.split(tag).skip(1).filter(|input| !input.starts_with("type=\"hidden\"")) {
                    let name = attribute(input, "name").unwrap_or_else(|| panic!("a field of {action} has no name"));
                    fields.insert((action.clone(), name));
                }
            }
        }
    }
    fields
}

fn attribute(text: &str, name: &str) -> Option<String> {
    let rest = text.split_once(&format!("{name}=\""))?.1;
    Some(rest.split_once('"')?.0.to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_said_beside_its_field() {
    let world = World::sqlite().await;
    let (ana, operator) = (somebody(&world).await, world.operator().await);
    let browser = Browser::of(&world, &ana).await;
    let names = names(&world, &browser, &ana).await;
    let (operators, own) = (Browser::of(&world, &operator).await, format!("http://{}", world.address));
    for case in CASES {
        let fill = |text: &str| names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
        let (to, sent, id) = (fill(case.to), completed(&fill(case.sent)), fill(case.id));
        let page = match case.who {
            Nobody => submit(&world, None, &to, &own, &sent).await,
            Looks => browser.open(&to).await,
            Sends => browser.send(&to, &sent).await,
            OperatorLooks => operators.open(&to).await,
            OperatorSends => operators.send(&to, &sent).await,
        };
        is_said_beside(&page, &id, case.said, &format!("{to} {sent}"));
        match case.kept {
            As(typed) => assert!(page.text.contains(typed), "{to} {sent} loses {typed}: {}", page.text),
            Never(secret) => assert!(!page.text.contains(secret), "{to} {sent} shows {secret}"),
            Nothing => {}
        }
    }
    world.close().await;
}

/// The form of who buys has all its fields, whichever is wrong.
fn completed(sent: &str) -> String {
    let Some(given) = sent.strip_suffix("&{blank}") else { return sent.to_owned() };
    let names = ["name", "street", "extra", "postal_code", "city", "region", "country", "tax_id", "email"];
    let missing = names.into_iter().filter(|name| !format!("&{given}").contains(&format!("&{name}=")));
    missing.fold(given.to_owned(), |form, name| form + &format!("&{name}="))
}

/// The input is marked and has the focus, its message stands under it, and a line above leads there.
#[track_caller]
fn is_said_beside(page: &Answer, id: &str, said: &str, what: &str) {
    assert!((400..500).contains(&page.status), "{what}: {} {}", page.status, page.text);
    let tag =
        page.text.split_once(&format!(" id=\"{id}\"")).unwrap_or_else(|| panic!("{what}: no {id}: {}", page.text)).1;
    let tag = tag.split_once('>').unwrap().0;
    let marks = format!(" aria-invalid=\"true\" aria-describedby=\"{id}-wrong");
    assert!(tag.starts_with(&marks) && tag.contains(" autofocus"), "{what}: {id} is not marked: {tag}");
    assert_eq!(page.text.matches(" autofocus").count(), 1, "{what}: one field has the focus");
    let message = page.text.split_once(&format!("<p class=\"wrong\" id=\"{id}-wrong\">")).expect(what).1;
    let message = message.split_once("</p>").unwrap().0;
    assert!(message.contains(said) && !message.contains("`: "), "{what}: {message}");
    let summary = format!("role=\"alert\"><a href=\"#{id}\">");
    assert_eq!(page.text.matches(&summary).count(), 1, "{what}: a line leads to {id}: {}", page.text);
}

/// A life with something in every list; what stands for its ids above.
async fn names(world: &World, browser: &Browser<'_>, ana: &crate::world::Signed) -> Vec<(&'static str, String)> {
    let (organization, _) = found(world, ana, "Apples").await;
    let (trial, _) = found(world, ana, "Pears").await;
    let member = join(world, organization, billing::Role::Member).await.user.to_string();
    let (org, trial) = (format!("/organizations/{organization}"), format!("/organizations/{trial}"));
    for (base, number) in [("", "4000000000000341"), (org.as_str(), "4242424242424242")] {
        save_card(browser, base, number).await;
    }
    let declining = field(&browser.open("/payment-methods").await.text, "card");
    save_card(browser, "", "4242424242424242").await;
    let wish = format!("{org}/seats/review?wish=subscribe&plan=teams&cadence=monthly&seats=5");
    let review = browser.open(&wish).await.text;
    let fields = ["wish", "seats", "plan", "cadence", "quoted", "card", "once"];
    let fields = fields.map(|name| format!("{name}={}", field(&review, name))).join("&");
    next(&browser.send(&format!("{org}/seats/order"), &fields).await);
    let purchase = next(&browser.pay("", "15").await);
    let own_key = json!({"provider": "demo", "name": "mine", "key": "sk-own-0123456789"});
    let own_key = world.call(Some(ana), "POST", "/api/v1/wallets/me/byok-keys", &own_key).await.ok(201);
    let setup = next(&browser.send("/payment-methods", "").await);
    let own = format!("http://{}", world.address);
    let code = submit(world, None, "/sign-in", &own, "email=a%40example.com").await.text;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    vec![
        ("{long}", LONG.to_owned()),
        ("{org}", org),
        ("{trial}", trial),
        ("{member}", member),
        ("{wallet}", ana.wallet.to_string()),
        ("{payment}", purchase.rsplit('/').next().unwrap().to_owned()),
        ("{purchase}", purchase),
        ("{declining}", declining),
        ("{own_key}", text(&own_key["id"])),
        ("{setup}", setup),
        ("{challenge}", field(&code, "challenge")),
    ]
}

async fn save_card(browser: &Browser<'_>, base: &str, number: &str) {
    let begun = browser.send(&format!("{base}/payment-methods"), "").await;
    let back = browser.type_card(&begun, number).await;
    browser.open(&back).await;
}
