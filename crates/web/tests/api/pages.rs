//! What a person does in a browser, without a script.

use serde_json::json;

use crate::{
    browser::in_words,
    http::Answer,
    world::{Signed, World},
};

/// The value of a hidden field.
pub fn field(page: &str, name: &str) -> String {
    let tag = format!("name=\"{name}\" value=\"");
    let rest = page.split_once(&tag).unwrap_or_else(|| panic!("no {name} in {page}")).1;
    rest.split_once('"').unwrap().0.to_owned()
}

pub async fn open(world: &World, who: Option<&Signed>, path: &str) -> Answer {
    let cookie = who.map(|who| format!("tare={}", who.token)).unwrap_or_default();
    world.client.send(world.address, "GET", path, &[("cookie", &cookie)], "").await
}

pub async fn submit(world: &World, who: Option<&Signed>, path: &str, origin: &str, form: &str) -> Answer {
    let cookie = who.map(|who| format!("tare={}", who.token)).unwrap_or_default();
    let kind = "application/x-www-form-urlencoded";
    let headers = [("cookie", &*cookie), ("origin", origin), ("content-type", kind)];
    world.client.send(world.address, "POST", path, &headers, form.to_owned()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_signs_in_makes_a_key_and_signs_out() {
    let world = World::sqlite().await;
    let own = format!("http://{}", world.address);
    let sent_away = open(&world, None, "/profile").await;
    assert_eq!((sent_away.status, sent_away.header("location")), (303, Some("/sign-in?next=%2Fprofile")));
    let code_page = submit(&world, None, "/sign-in", &own, "email=ana%40example.com&next=%2Fdevice").await;
    assert_eq!(code_page.status, 200, "{}", code_page.text);
    let challenge = field(&code_page.text, "challenge");
    let code = world.mailed_code("ana@example.com").await;
    let wrong = if code == "000000" { "111111" } else { "000000" };
    let form = |code: &str| format!("email=ana%40example.com&challenge={challenge}&code={code}&next=%2Fdevice");
    let refused = submit(&world, None, "/sign-in/code", &own, &form(wrong)).await;
    assert!(refused.status == 403 && refused.text.contains("tries left: 4"), "{}", refused.text);
    let signed_in = submit(&world, None, "/sign-in/code", &own, &form(&code)).await;
    assert_eq!((signed_in.status, signed_in.header("location")), (303, Some("/device")));
    let cookie = signed_in.header("set-cookie").unwrap();
    let token = cookie.strip_prefix("tare=").unwrap().split(';').next().unwrap().to_owned();
    let ana = Signed { token, ..world.signed_in("other@example.com").await };

    let page = open(&world, Some(&ana), "/profile").await;
    assert!(page.status == 200 && page.text.contains("ana@example.com"), "{}", page.text);
    let csrf = field(&page.text, "csrf");
    let form = format!("csrf={csrf}&name=%3Cb%3Elaptop&limit=2.50&period=day&days=30");
    let made = submit(&world, Some(&ana), "/api-keys", &own, &form).await;
    assert!(made.text.contains("tare_sk_") && !made.text.contains("<b>laptop"), "{}", made.text);
    let again = open(&world, Some(&ana), "/api-keys").await;
    assert!(!again.text.contains("tare_sk_") && again.text.contains("&#60;b&#62;laptop"), "{}", again.text);
    assert!(again.text.contains("$2.50 a day") && in_words(&again.text).contains("ends in 30 days"), "{}", again.text);
    // What was typed stays where it was, beside what is wrong with it.
    let wrong = submit(&world, Some(&ana), "/api-keys", &own, &format!("csrf={csrf}&name=desk&limit=lots")).await;
    assert!(wrong.status == 422 && wrong.text.contains("value=\"lots\"") && wrong.text.contains("value=\"desk\""));
    let key = field(&again.text, "key");
    let revoked = submit(&world, Some(&ana), "/api-keys/revoke", &own, &format!("csrf={csrf}&key={key}")).await;
    assert_eq!(revoked.status, 303);
    assert!(open(&world, Some(&ana), "/api-keys").await.text.contains("No keys yet"));
    let out = submit(&world, Some(&ana), "/sign-out", &own, &format!("csrf={csrf}")).await;
    assert_eq!((out.status, out.header("location")), (303, Some("/sign-in")));
    assert_eq!(open(&world, Some(&ana), "/profile").await.status, 303);
    world.close().await;
}

/// A change that a browser sends by itself is believed only from an own page with its token.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_somebody_else_changes_nothing() {
    let world = World::sqlite().await;
    let ana = world.signed_in("ana@example.com").await;
    let own = format!("http://{}", world.address);
    let csrf = field(&open(&world, Some(&ana), "/profile").await.text, "csrf");
    for (origin, token) in [("https://evil.example", &*csrf), ("null", &csrf), (&own, "0"), (&own, "")] {
        let form = format!("csrf={token}&name=x");
        let refused = submit(&world, Some(&ana), "/api-keys", origin, &form).await;
        assert_eq!(refused.status, 403, "{origin} {token}");
    }
    assert_eq!(submit(&world, None, "/sign-in", "https://evil.example", "email=a%40b.c").await.status, 403);
    let cookie = format!("tare={}", ana.token);
    let kind = ("content-type", "application/json");
    let post = async |headers: &[(&str, &str)]| {
        let mut all = vec![("cookie", &*cookie), kind, ("idempotency-key", "k")];
        all.extend(headers);
        let body = json!({"name": "x"}).to_string();
        world.client.send(world.address, "POST", "/api/v1/wallets/me/api-keys", &all, body).await
    };
    assert_eq!(post(&[]).await.problem(403), "foreign_page");
    assert_eq!(post(&[("origin", &own)]).await.problem(403), "foreign_page");
    assert_eq!(post(&[("x-tare-csrf", &csrf)]).await.problem(403), "foreign_page");
    let other_site = [("origin", &*own), ("x-tare-csrf", &csrf), ("sec-fetch-site", "cross-site")];
    assert_eq!(post(&other_site).await.problem(403), "foreign_page");
    let keys = world.call(Some(&ana), "GET", "/api/v1/wallets/me/api-keys", &json!(null)).await.ok(200);
    assert!(keys["items"].as_array().unwrap().is_empty());
    post(&[("origin", &own), ("x-tare-csrf", &csrf), ("sec-fetch-site", "same-origin")]).await.ok(201);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_is_let_in_by_its_person() {
    use operations::{Door, device};
    let world = World::sqlite().await;
    let (ana, own) = (world.signed_in("ana@example.com").await, format!("http://{}", world.address));
    let context = world.clock.context();
    let request = device::StartDevice { client: "a <terminal>".to_owned(), from: "192.0.2.7".parse().unwrap() };
    let started = device::start(&world.services, &context, request).await.unwrap();
    let page = open(&world, Some(&ana), &format!("/device?code={}", started.code)).await;
    assert!(page.text.contains(&started.code) && page.text.contains("192.0.2.7") && !page.text.contains("<terminal>"));
    let form = format!("csrf={}&code={}&answer=approve", field(&page.text, "csrf"), started.code);
    let done = submit(&world, Some(&ana), "/device", &own, &form).await;
    assert!(done.text.contains("The device is signed in"), "{}", done.text);
    let polled = device::poll(&world.services, &context, &started.code).await.unwrap();
    assert!(matches!(polled, device::Polled::Approved { .. }));
    assert_eq!(open(&world, Some(&ana), "/device?code=AAAA-BBBB").await.status, 410);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_is_accepted_by_whom_it_is_for() {
    let world = World::sqlite().await;
    let (ana, bob) = (world.signed_in("ana@example.com").await, world.signed_in("bob@example.com").await);
    let own = format!("http://{}", world.address);
    let founded = world.call(Some(&ana), "POST", "/api/v1/organizations", &json!({"name": "A & B"})).await.ok(201);
    let path = format!("/api/v1/organizations/{}/invitations", founded["id"].as_str().unwrap());
    let wish = json!({"email": "bob@example.com", "role": "admin"});
    let invited = world.call(Some(&ana), "POST", &path, &wish).await.ok(201);
    let link = format!("/invitations/{}", invited["id"].as_str().unwrap());
    assert_eq!(open(&world, Some(&ana), &link).await.status, 404);
    let page = open(&world, Some(&bob), &link).await;
    assert!(page.text.contains("Join A &#38; B"), "{}", page.text);
    let csrf = field(&page.text, "csrf");
    assert_eq!(submit(&world, Some(&bob), &link, &own, &format!("csrf={csrf}")).await.status, 303);
    assert!(open(&world, Some(&bob), "/profile").await.text.contains("A &#38; B"));
    world.close().await;
}
