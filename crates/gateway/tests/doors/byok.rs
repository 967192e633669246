//! A wallet's own provider keys: used alone, for no credits, also at a balance of zero.

use connectors::{demo::RunningDemo, upstream::UpstreamSettings};
use operations::{
    Caller, Services,
    byok::{self, AddByokKey, Keyring, KnownProviderKey, MasterKey, MasterKeys, ProviderKey},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use units::{Amount, Cost};

use crate::world::{Wish, World, ask, ask_stream, upstream};

const OWN: &str = "sk-own-canary-0001";
const OTHER: &str = "sk-own-canary-0002";
const OPERATOR: &str = "sk-upstream-canary";

/// As the demo upstream names a key in its truth.
fn fingerprint(key: &str) -> String {
    Sha256::digest(key)[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn secret(text: &str) -> ProviderKey {
    ProviderKey::new(text.to_owned()).ok().unwrap()
}

async fn add(world: &World, provider: &str, key: &str) -> Result<KnownProviderKey, operations::Error> {
    let request =
        AddByokKey { wallet: world.wallet, provider: provider.to_owned(), name: "mine".to_owned(), key: secret(key) };
    let ctx = world.clock.context();
    byok::add(&world.services, &world.upstreams(), &ctx, &Caller::Operator, request).await
}

/// Two upstreams serve the demo's models, both with a key of the operator's.
fn two(demo: &RunningDemo) -> Vec<UpstreamSettings> {
    let mut second = upstream("second", &demo.base_url());
    second.order = 1;
    vec![upstream("demo", &demo.base_url()), second]
}

async fn poor() -> World {
    World::with(Wish { balance: "0", upstreams: two, ..Wish::default() }).await
}

/// The keys that the upstream saw, one for each call.
fn seen(world: &World) -> Vec<String> {
    world.demo.truth().calls().into_iter().map(|call| call.key).collect()
}

#[tokio::test]
async fn an_own_key_is_used_alone_and_costs_no_credits() {
    let world = poor().await;
    let kept = add(&world, "demo", OWN).await.unwrap();
    assert_eq!((kept.last4.as_str(), kept.provider.as_str()), ("0001", "demo"));
    for body in [ask("demo/small", "hello"), ask_stream("demo/small", "hello"), ask("demo/reports-cost", "hello")] {
        let answer = world.chat(&body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.reply().starts_with("You said: \"hello\""));
        assert_eq!(answer.bill(), Some(("0.00".to_owned(), Some("0.00".to_owned()))));
        let call = world.demo.truth().calls().pop().unwrap();
        assert_eq!(call.key, fingerprint(OWN));
        let row = world.charges().await.remove(0);
        let record = row.usage.unwrap();
        assert_eq!((row.charge.cost, row.charge.debited, row.charge.lost), (Cost::ZERO, Amount::ZERO, Amount::ZERO));
        assert_eq!(record.own_cost, Some(call.billed));
        assert_eq!((record.usage.input, record.usage.output), (call.tokens.prompt, call.tokens.completion));
        let told = answer.header("x-tare-own-cost").map(str::to_owned).or_else(|| {
            let comment = answer.text().lines().rfind(|line| line.starts_with(": tare "))?;
            comment.split(' ').find_map(|word| word.strip_prefix("own_cost=")).map(str::to_owned)
        });
        assert_eq!(told, Some(call.billed.to_string()));
    }
    assert!(seen(&world).iter().all(|key| *key == fingerprint(OWN)));
    world.close().await;
}

#[tokio::test]
async fn a_key_that_its_provider_refuses_is_not_replaced_by_the_operators() {
    let world = World::with(Wish { upstreams: two, ..Wish::default() }).await;
    add(&world, "demo", OWN).await.unwrap();
    world.demo.end_keys(&[OWN]);
    for (script, body) in [("", ask("demo/small", "hello")), ("", ask_stream("demo/small", "hello"))]
        .into_iter()
        .chain(["402", "403"].map(|script| (script, ask("demo/small", "hello"))))
    {
        world.demo.set_script(script).unwrap();
        let error = world.chat(&body).await.error(403);
        assert_eq!(error["code"], "own_key_refused");
        assert!(error["message"].as_str().unwrap().starts_with("demo refused your own key (40"), "{error}");
        assert!(!error.to_string().contains("canary"));
    }
    // Trouble of the provider's is told as always, and no other upstream is asked either.
    world.demo.end_keys(&[]);
    world.demo.set_script("500").unwrap();
    assert_eq!(world.chat(&ask("demo/small", "hello")).await.code(502), "upstream_failed");
    world.demo.set_script("").unwrap();
    assert_eq!(seen(&world), vec![fingerprint(OWN); 5]);
    assert_eq!((world.charges().await.len(), world.available().await), (0, world.granted));
    world.close().await;
}

#[tokio::test]
async fn only_requests_to_that_provider_go_out_with_it() {
    let world = World::with(Wish { upstreams: two, ..Wish::default() }).await;
    add(&world, "second", OWN).await.unwrap();
    assert_eq!(world.chat(&ask("demo/small", "hello")).await.status, 200);
    assert_eq!(world.charges().await[0].usage.as_ref().unwrap().provider, "second");
    assert_eq!(seen(&world), [fingerprint(OWN)]);
    // Another wallet's requests are none of its business.
    let (_, stranger) = crate::world::someone(&world.services, &world.clock.context()).await;
    let answer = world.chat_as(&stranger, &[], &ask("demo/chat:free", "hello")).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(seen(&world)[1], fingerprint(OPERATOR));
    world.close().await;
}

#[tokio::test]
async fn a_key_that_is_taken_out_or_replaced_is_not_used_any_more() {
    let world = World::with(Wish { upstreams: two, ..Wish::default() }).await;
    let (services, ctx) = (&world.services, world.clock.context());
    let kept = add(&world, "demo", OWN).await.unwrap();
    assert_eq!(add(&world, "demo", OTHER).await.unwrap_err().code(), "exists");
    let place = (world.wallet, kept.id);
    let replaced = byok::replace(services, &world.upstreams(), &ctx, &Caller::Operator, place, secret(OTHER)).await;
    assert_eq!(replaced.unwrap().last4, "0002");
    assert_eq!(world.chat(&ask("demo/small", "hello")).await.status, 200);
    byok::delete(services, &ctx, &Caller::Operator, world.wallet, kept.id).await.unwrap();
    assert_eq!(world.chat(&ask("demo/small", "hello")).await.status, 200);
    assert_eq!(seen(&world), [fingerprint(OTHER), fingerprint(OPERATOR)]);
    let costs: Vec<Cost> = world.charges().await.iter().map(|row| row.charge.cost).collect();
    assert!(costs[0].attos() > 0 && costs[1] == Cost::ZERO, "the latest was paid with credits: {costs:?}");
    let gone = byok::delete(services, &ctx, &Caller::Operator, world.wallet, kept.id).await.unwrap_err();
    assert_eq!(gone.code(), "not_found");
    world.close().await;
}

#[tokio::test]
async fn a_key_is_shown_to_its_provider_before_it_is_kept() {
    let world = poor().await;
    world.demo.end_keys(&[OWN]);
    let refused = add(&world, "demo", OWN).await.unwrap_err();
    assert_eq!(refused.code(), "provider_key_refused");
    assert!(!refused.to_string().contains("canary"));
    let unknown = add(&world, "nobody", OWN).await.unwrap_err();
    assert_eq!(unknown.to_string(), "provider: there is no `nobody`; this server has demo, second");
    assert!(byok::list(&world.services, &Caller::Operator, world.wallet).await.unwrap().is_empty());
    assert_eq!(world.chat(&ask("demo/small", "hello")).await.code(402), "insufficient_credits");
    let without = Services { keyring: Keyring::default(), ..world.services.clone() };
    let request = AddByokKey { wallet: world.wallet, provider: "demo".into(), name: "mine".into(), key: secret(OTHER) };
    let ctx = world.clock.context();
    let refused = byok::add(&without, &world.upstreams(), &ctx, &Caller::Operator, request).await.unwrap_err();
    assert_eq!(refused.code(), "no_master_key");
    let away = World::with(Wish { upstreams: |_| vec![upstream("demo", "http://127.0.0.1:9/v1")], ..Wish::default() });
    let away = away.await;
    assert_eq!(add(&away, "demo", OWN).await.unwrap_err().code(), "provider_key_unchecked");
    away.close().await;
    world.close().await;
}

/// Nothing goes out, neither with the key nor with another.
#[tokio::test]
async fn a_key_that_does_not_open_stops_its_requests() {
    let world = World::with(Wish { upstreams: two, ..Wish::default() }).await;
    add(&world, "demo", OWN).await.unwrap();
    world.services.keyring.put(crate::world::master_keys("another"));
    assert_eq!(byok::verify(&world.services).await.unwrap_err().code(), "master_key_missing");
    let same_name = MasterKeys::parse(&MasterKey::line("test", [8; 32])).ok().unwrap();
    world.services.keyring.put(same_name);
    assert_eq!(byok::verify(&world.services).await.unwrap_err().code(), "provider_key_altered");
    assert_eq!(world.chat(&ask("demo/small", "hello")).await.code(500), "own_key_unusable");
    assert_eq!(world.demo.truth().sum().calls, 0);
    world.close().await;
}

#[tokio::test]
async fn a_key_is_in_no_list_no_log_and_no_file() {
    let world = poor().await;
    add(&world, "demo", OWN).await.unwrap();
    assert_eq!(world.chat(&ask("demo/small", "hello")).await.status, 200);
    let listed = byok::list(&world.services, &Caller::Operator, world.wallet).await.unwrap();
    let shown = json!(listed).to_string();
    assert!(shown.contains("\"last4\":\"0001\"") && !shown.contains("canary"), "{shown}");
    let bytes = world.database_bytes();
    let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(has(b"byok_key.add"), "the file was seen, with the line of the audit log");
    assert!(!has(b"canary"));
    world.close().await;
}
