//! A request that goes well.

use serde_json::json;

use crate::world::{World, ask, ask_stream};

#[tokio::test]
async fn a_reply_costs_what_the_upstream_bills() {
    let world = World::open().await;
    for model in ["demo/small", "demo/large", "demo/reports-cost"] {
        let answer = world.chat(&ask(model, "größer als 世界?")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.reply().starts_with("You said: \"größer als 世界?\""), "{}", answer.reply());
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let call = world.demo.truth().calls().pop().unwrap();
        let (cost, balance) = answer.bill().unwrap();
        assert_eq!(cost, call.billed.to_string());
        assert_eq!(balance.unwrap(), world.available().await.to_string());
        let charge = world.charges().await.remove(0);
        let usage = charge.usage.unwrap();
        assert_eq!(answer.header("x-tare-request-id"), Some(&*usage.request.to_string()));
        assert_eq!((usage.model.as_str(), usage.provider.as_str()), (model, "demo"));
        assert_eq!(usage.usage.input, call.tokens.prompt);
        assert_eq!(usage.usage.output, call.tokens.completion);
        assert!(usage.price_version.unwrap().starts_with(model));
    }
    world.close_exact().await;
}

#[tokio::test]
async fn a_stream_says_its_cost_before_its_end() {
    let world = World::open().await;
    let whole = world.chat(&ask("demo/small", "hello")).await;
    let answer = world.chat(&ask_stream("demo/small", "hello")).await;
    assert_eq!((answer.status, answer.is_whole), (200, true));
    assert!(answer.reply().starts_with("You said: \"hello\""));
    assert!(whole.reply().starts_with("You said: \"hello\""));
    let usage = answer.events().pop().unwrap();
    assert_eq!(usage["choices"], json!([]), "the last event is the usage");
    assert!(usage["usage"]["completion_tokens"].as_u64().unwrap() > 0);
    let (cost, balance) = answer.bill().unwrap();
    assert_eq!(cost, world.demo.truth().calls().pop().unwrap().billed.to_string());
    assert_eq!(balance.unwrap(), world.available().await.to_string());
    let end: Vec<&str> = answer.text().rsplit("\n\n").take(4).collect();
    assert_eq!((end[0], end[1]), ("", "data: [DONE]"));
    assert!(end[2].starts_with(": tare cost="), "{}", end[2]);
    assert!(end[2].ends_with(&format!("request={}", answer.header("x-tare-request-id").unwrap())));
    assert!(end[3].contains("\"usage\""));
    world.close_exact().await;
}

#[tokio::test]
async fn what_the_client_wrote_reaches_the_upstream_and_its_key_does_not() {
    let mut wish = crate::world::Wish::default();
    wish.demo.keep_headers = true;
    let world = World::with(wish).await;
    let answer = world.chat(&ask("demo/small", "hello")).await;
    assert_eq!(answer.status, 200);
    let call = world.demo.truth().calls().pop().unwrap();
    assert_eq!(call.model, "small");
    let authorization = call.headers.iter().find(|(name, _)| name == "authorization").unwrap();
    assert_eq!(authorization.1, "Bearer sk-upstream-canary");
    assert!(!format!("{:?}", call.headers).contains(&world.key));
    world.close_exact().await;
}

#[tokio::test]
async fn several_choices_are_several_outputs() {
    let world = World::open().await;
    for body in [ask("demo/small", "hello [[tokens=9]]"), ask_stream("demo/small", "hello [[tokens=9]]")] {
        let mut body = body;
        body["n"] = json!(3);
        body["max_tokens"] = json!(10);
        assert_eq!(world.chat(&body).await.status, 200);
        assert_eq!(world.charges().await[0].usage.as_ref().unwrap().usage.output, 27);
    }
    world.close_exact().await;
}
