//! Many calls in one.

use serde_json::{Value, json};

use crate::{on_both, world::hold_id};

on_both! {
    /// Each call has its own fate, in the order of the list, and what it changed it changed once.
    async fn each_call_stands_for_itself(world: World) {
        let person = world.person("10").await;
        let (old, taken) = (world.hold(&person, "1").await, world.hold(&person, "1").await);
        let (first, second) = (hold_id(), hold_id());
        let calls = json!({"calls": [
            {"place": {"id": first, "amount": "2"}},
            {"place": {"id": second, "amount": "100"}},
            {"settle": {"id": old, "with": {"cost": "0.25", "project": "p"}}},
            {"release": {"id": hold_id()}},
            {"place": {"id": taken, "amount": "3"}},
        ]});
        let answer = world.post_once(&person, "/api/v1/metering", "batch", &calls).await.ok(200);
        let answers = answer["answers"].as_array().unwrap().clone();
        let statuses: Vec<&Value> = answers.iter().map(|answer| &answer["status"]).collect();
        assert_eq!(statuses, [201, 402, 200, 404, 409]);
        assert_eq!(answers[0]["placed"]["amount"], "2.00");
        assert_eq!(answers[1]["problem"]["code"], "insufficient_credits");
        assert_eq!(answers[2]["settled"]["debited"], "0.25");
        assert_eq!(answers[3]["problem"]["code"], "hold_unknown");
        assert_eq!(answers[4]["problem"]["code"], "idempotency_conflict");
        assert_eq!(world.available(&person).await, "6.75".parse().unwrap());
        let again = world.post_once(&person, "/api/v1/metering", "batch", &calls).await.ok(200);
        for (again, first) in again["answers"].as_array().unwrap().iter().zip(&answers) {
            // A refusal is decided again, and tells the numbers of then.
            match first.get("problem") {
                Some(problem) => assert_eq!(again["problem"]["code"], problem["code"]),
                None => assert_eq!(again, first),
            }
        }
        assert_eq!(world.available(&person).await, "6.75".parse().unwrap());
        world.close().await;
    }

    async fn a_thousand_holds_are_one_call_and_more_are_refused(world: World) {
        let person = world.person("1").await;
        let holds: Vec<String> = (0..1000).map(|_| hold_id()).collect();
        let place = |id: &String| json!({"place": {"id": id, "amount": "0.001"}});
        let settle = |id: &String| json!({"settle": {"id": id, "with": {"cost": "0.0005"}}});
        let placed = json!({"calls": holds.iter().map(place).collect::<Vec<_>>()});
        let answers = world.post(&person, "/api/v1/metering", &placed).await.ok(200);
        assert!(answers["answers"].as_array().unwrap().iter().all(|answer| answer["status"] == 201));
        assert!(world.available(&person).await.is_zero());
        let settled = json!({"calls": holds.iter().map(settle).collect::<Vec<_>>()});
        world.post(&person, "/api/v1/metering", &settled).await.ok(200);
        assert_eq!(world.available(&person).await, "0.5".parse().unwrap());

        for calls in [json!([]), json!(vec![place(&holds[0]); 1001])] {
            let refused = world.post(&person, "/api/v1/metering", &json!({"calls": calls})).await;
            assert_eq!((refused.problem(422), &refused.json()["field"]), ("invalid_field".to_owned(), &json!("calls")));
        }
        world.close().await;
    }
}
