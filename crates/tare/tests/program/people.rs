//! People, organizations and operators at the command line, and the token of the first start.

use std::ffi::OsStr;

use tempfile::TempDir;

use crate::program::{Running, Said, finish, tare};

struct Desk(TempDir);

impl Desk {
    async fn tare(&self, words: &[&str]) -> Said {
        finish(tare().current_dir(self.0.path()).args(words)).await
    }

    async fn says(&self, words: &[&str], parts: &[&str]) -> String {
        let out = self.tare(words).await.well();
        for part in parts {
            assert!(out.contains(part), "{words:?}: `{part}` is missing in: {out}");
        }
        out
    }

    async fn refuses(&self, words: &[&str], part: &str) {
        let said = self.tare(words).await;
        assert!(said.code == 1 && said.err.contains(part), "{words:?}: {said:?}");
    }
}

#[tokio::test]
async fn an_organization_is_run_from_the_command_line() {
    let desk = Desk(tempfile::tempdir().unwrap());
    for name in ["ana@example.com", "Bob@Example.com"] {
        desk.says(&["user", "add", name], &["balance 5.00"]).await;
    }
    desk.says(&["org", "list"], &["none yet"]).await;
    desk.says(&["org", "create", "Acme", "--owner", "ANA@example.com"], &["Acme: organization org_", "wallet wal_"])
        .await;
    desk.refuses(&["org", "create", "Other", "--owner", "eve@example.com"], "there is no user eve@example.com").await;
    desk.says(&["org", "show", "Acme"], &["1 of 5 seats taken, trial until", "ana@example.com  owner"]).await;
    desk.says(
        &["org", "invite", "Acme", "bob@example.com", "--role", "admin"],
        &["2 of 5 seats", "bob@example.com  admin"],
    )
    .await;
    desk.refuses(&["org", "invite", "Acme", "bob@example.com"], "exists already").await;
    desk.refuses(&["org", "role", "Acme", "bob@example.com", "owner"], "there is no member").await;
    desk.says(&["org", "limit", "Acme", "ana@example.com", "2.50"], &["ana@example.com  owner         2.50  never"])
        .await;
    desk.refuses(&["org", "role", "Acme", "ana@example.com", "member"], "keeps at least one owner").await;
    desk.refuses(&["org", "remove", "Acme", "ana@example.com"], "keeps at least one owner").await;
    desk.says(&["org", "forecast", "Acme", "--seats", "9"], &["nothing falls due"]).await;
    desk.says(&["org", "purges"], &["no organization is suspended"]).await;
    desk.refuses(&["org", "show", "Nowhere"], "there is no organization Nowhere. tare org list shows").await;

    // Stopped by hand, and let go on.
    desk.refuses(&["suspend", "Nowhere", "--reason", "spam"], "Nowhere").await;
    desk.refuses(&["suspend", "Acme", "--reason", " "], "say why").await;
    for reason in ["spam", "something else"] {
        desk.says(&["suspend", "Acme", "--reason", reason], &["Acme: suspended by hand since", ": spam"]).await;
    }
    desk.says(&["restore", "Acme", "--reason", "settled"], &["Acme: served"]).await;
    desk.says(&["restore", "ana@example.com", "--reason", "nothing was"], &["ana@example.com: served"]).await;

    // Credits and keys of the organization.
    desk.says(&["grant", "Acme", "100"], &["Acme: granted 100.00"]).await;
    let make = ["key", "create", "ana@example.com", "--org", "Acme", "--label", "ci", "--limit", "5", "--per", "day"];
    desk.says(&make, &["tare_sk_"]).await;
    desk.says(&["key", "list", "Acme"], &["ci", "5.00 a day", "never", "in use"]).await;
    let foreign = ["key", "create", "bob@example.com", "--org", "Acme"];
    desk.refuses(&foreign, "there is no member").await;

    // Whatever takes a person's name takes an organization's, as long as it is one alone.
    desk.says(&["wallet", "show", "Acme"], &["100.00"]).await;
    desk.says(&["wallet", "grants", "Acme"], &["operator"]).await;
    desk.says(&["export", "usage", "--wallet", "Acme"], &["day,"]).await;
    desk.says(&["invoice", "list", "--wallet", "Acme"], &[]).await;
    desk.says(&["byok", "list", "Acme"], &[]).await;
    desk.refuses(&["wallet", "show", "Nowhere"], "there is no user Nowhere").await;
    desk.says(&["org", "create", "Twins", "--owner", "ana@example.com"], &["Twins"]).await;
    desk.says(&["org", "create", "Twins", "--owner", "ana@example.com"], &["Twins"]).await;
    desk.refuses(&["wallet", "show", "Twins"], "2 organizations are called Twins. Name its id").await;

    let log =
        desk.says(&["org", "audit", "Acme"], &["organization.create", "invitation.create", "api_key.create"]).await;
    assert_eq!(log.lines().count(), 5, "{log}");
    let limit = desk.says(&["org", "audit", "Acme", "--action", "member.set_daily_limit"], &[",operator,"]).await;
    assert_eq!(limit.lines().count(), 2, "{limit}");
}

#[tokio::test]
async fn a_server_without_an_operator_prints_what_makes_one() {
    let desk = Desk(tempfile::tempdir().unwrap());
    let words = ["serve", "--demo", "--listen", "127.0.0.1:0"].map(OsStr::new);
    let mut tokens = Vec::new();
    for _ in 0..2 {
        let mut server = Running::start(tare().current_dir(desk.0.path()).args(words), desk.0.path().join("log"));
        assert!(server.line().await.starts_with("Tare listens on "));
        let line = server.line().await;
        let token = line.rsplit_once(' ').unwrap().1.to_owned();
        assert!(line.starts_with("nobody runs this server yet") && token.starts_with("tare_su_"), "{line}");
        assert!(!server.log().contains(&token), "the token stands in the log");
        tokens.push(token);
        server.kill().await;
    }
    assert_ne!(tokens[0], tokens[1]);
    desk.says(&["user", "add", "eve@example.com"], &[]).await;
    desk.says(&["operator", "list"], &["nobody yet"]).await;
    desk.says(&["operator", "add", "eve@example.com"], &["runs this server"]).await;
    desk.says(&["operator", "list"], &["eve@example.com"]).await;
    let mut server = Running::start(tare().current_dir(desk.0.path()).args(words), desk.0.path().join("log"));
    assert!(server.line().await.starts_with("Tare listens on "));
    let line = server.line().await;
    assert!(!line.contains("nobody runs this server"), "{line}");
    server.kill().await;
    desk.says(&["operator", "remove", "eve@example.com"], &["does not run this server"]).await;
}
