//! `tare pass show` on what a story left behind.

use serde_json::Value;
use store::Database;

use crate::program::run;

const STORY: &str = r#"
name = "A pass"
start = 2028-02-29T12:00:00Z
step = [
    { do = "sign_up", user = "ana" },
    { do = "sign_up", user = "ben" },
    { do = "add_card", wallet = "ana", card = "4242424242424242" },
    { do = "pass_subscribe", user = "ana", tier = 19 },
    { do = "use", wallet = "ana", cost = 18 },
    { do = "pass_change", user = "ana", tier = 49, cadence = "yearly" },
]
"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_sees_how_a_pass_stands() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tare.db");
    let story = scenario::Story::parse(STORY).unwrap();
    let played = scenario::play(&story, Database::Sqlite(file.clone()), |_| {}).await.unwrap();
    assert!(played.failed.is_empty(), "{:?}", played.failed);

    let show = async |who: &str, more: &[&str]| {
        let file = file.to_str().unwrap();
        run([&["pass", "show", who, "--database", file], more].concat()).await.well()
    };
    let text = show("ana@example.com", &[]).await;
    for line in [
        "19.00 monthly, active",
        "to be paid next: 2028-03-29T12:00:00Z, then 49.00 yearly",
        "this month's bonus: 9.50 (50 %), granted",
        "next month from 2028-03-29T12:00:00Z: 49.00, bonus 24.50 (50 %)",
        "pass_bonus",
    ] {
        assert!(text.contains(line), "{line}:\n{text}");
    }
    let json: Value = serde_json::from_str(&show("ana@example.com", &["--json"]).await).unwrap();
    assert_eq!(json["figures"]["streak"], 1);
    assert_eq!(json["grants"].as_array().unwrap().len(), 2);
    assert_eq!(show("ben@example.com", &[]).await, "no pass\n");
}
