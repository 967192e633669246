//! An operator changes the catalog and the prices of a server that runs: at SIGHUP they are in force for what comes
//! next, and where one of the files is wrong, all of them stay as they were.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;
use units::HoldId;
use uuid::Uuid;

use crate::http::Client;
use crate::servers::{Kind, Node, Person, Place};

const IN_FORCE: &str = "read again and are in force";
const REFUSED: &str = "the old ones stay in force";

/// A price file with one model, which the upstream of the test serves.
fn prices(output: &str) -> String {
    format!(
        "provider = \"demo\"\nsource = \"the operator\"\nread_on = 2026-11-10\n\n[[model]]\nid = \"demo/new\"\nname = \"New\"\n\
         context_length = 1000\nmax_output_tokens = 1000\n\n[[model.prices]]\ninput = \"0.10\"\noutput = {output}\n"
    )
}

fn catalog(lease_seconds: &str) -> String {
    format!("welcome.amount = \"0\"\n\n[limits]\nhold_lease_seconds = {lease_seconds}\n")
}

struct Running<'a> {
    place: &'a Place,
    node: Node,
    client: Client,
    person: Person,
}

impl Running<'_> {
    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.place.folder.path().join(name), text).unwrap();
    }

    /// Says that the files have changed, and waits for what the server says to that.
    async fn reload(&self, answer: &str) -> String {
        let before = self.place.log().len();
        self.node.process.signal("HUP").await;
        for _ in 0..600 {
            let said = self.place.log()[before..].to_owned();
            if said.contains(answer) {
                return said;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("`{answer}` was never said:\n{}", self.place.log());
    }

    /// The lease that the catalog gives to a hold, and the models with what their output costs.
    async fn rules(&self, once: u128) -> (u64, Option<String>) {
        let (url, key) = (&self.node.url, &self.person.key);
        let hold = json!({"id": HoldId::from_uuid(Uuid::from_u128(once)), "amount": "0.01"});
        let placed = self.client.post(&format!("{url}/api/v1/holds"), key, &once.to_string(), &hold).await.unwrap();
        assert_eq!(placed.status, 201, "{}", placed.text);
        let placed: Value = serde_json::from_str(&placed.text).unwrap();
        let models = self.client.get_with(&format!("{url}/v1/models"), key).await;
        let model = models["data"].as_array().unwrap().iter().find(|model| model["id"] == "demo/new").cloned();
        let price = model.map(|model| model["pricing"]["completion"].as_str().unwrap().to_owned());
        (placed["lease_seconds"].as_u64().unwrap(), price)
    }
}

#[tokio::test]
async fn a_running_server_takes_new_rules_and_refuses_wrong_ones() {
    let place = Place::new(Kind::Sqlite).await;
    let person = place.person("ana@example.com", "1").await;
    let file = place.folder.path().join("prices.toml");
    std::fs::write(&file, prices("\"0.60\"")).unwrap();
    let node = place.serve_with(&["--prices", &path(&file)]).await;
    let server = Running { place: &place, node, client: Client::new(), person };
    assert_eq!(server.rules(1).await, (10, Some("0.0000006".to_owned())));

    server.write("catalog.toml", &catalog("4000"));
    assert_eq!(server.rules(2).await.0, 10, "nobody has said that the file changed");
    server.reload(IN_FORCE).await;
    assert_eq!(server.rules(3).await, (4_000, Some("0.0000006".to_owned())));

    server.write("catalog.toml", &catalog("0"));
    server.write("prices.toml", &prices("\"0.70\""));
    let said = server.reload(REFUSED).await;
    assert!(said.contains("catalog.toml") && said.contains("line 4") && said.contains("from 10 to 86400"), "{said}");
    assert_eq!(server.rules(4).await, (4_000, Some("0.0000006".to_owned())), "one wrong file keeps all back");

    server.write("catalog.toml", &catalog("20"));
    server.write("prices.toml", &prices("0.70"));
    let said = server.reload(REFUSED).await;
    assert!(said.contains("prices.toml, line 13") && said.contains("in quotes"), "{said}");
    assert_eq!(server.rules(5).await, (4_000, Some("0.0000006".to_owned())));

    server.write("prices.toml", &prices("\"0.70\""));
    server.reload(IN_FORCE).await;
    assert_eq!(server.rules(6).await, (20, Some("0.0000007".to_owned())));
    std::fs::remove_file(&file).unwrap();
    assert!(server.reload(REFUSED).await.contains("cannot read"));
    assert_eq!(server.rules(7).await.0, 20);
    server.node.stop().await;
    place.verify().await;
    place.close().await;
}

fn path(file: &Path) -> String {
    file.display().to_string()
}
