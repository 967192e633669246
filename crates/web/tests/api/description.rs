//! The description of the API says what the routes are.

use serde_json::Value;

use crate::world::World;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_description_lists_every_route_and_no_other() {
    let world = World::sqlite().await;
    let person = world.person("1").await;
    let document = world.get(&person, "/api/openapi.json").await.ok(200);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut described: Vec<String> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            described.push(format!("{} {path}", method.to_uppercase()));
            check(&format!("{method} {path}"), method, operation);
        }
    }
    let mut routes: Vec<String> = web::routes()
        .iter()
        .filter(|route| route.path.starts_with("/api/v1"))
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    described.sort();
    routes.sort();
    assert_eq!(described, routes);
    world.close().await;
}

/// What every call says of itself.
fn check(name: &str, method: &str, operation: &Value) {
    assert!(operation["summary"].is_string() && operation["description"].is_string(), "{name} says nothing");
    assert!(operation["responses"]["default"]["content"]["application/problem+json"].is_object(), "{name}");
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let has_key =
        parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key" && parameter["required"] == true);
    assert_eq!(has_key, method == "post", "{name}");
}
