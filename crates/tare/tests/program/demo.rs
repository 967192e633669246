//! `tare demo DIR`: the life that it leaves behind is whole, and is served.

use std::ffi::OsStr;

use crate::browser::Browser;
use crate::mailbox;
use crate::program::{Running, run, tare};

const ANA: &str = "ana@example.com";

#[tokio::test]
async fn a_month_of_life_verifies_and_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let year = folder.path().join("year");
    let words = [OsStr::new("demo"), year.as_os_str(), OsStr::new("--days"), OsStr::new("30")];
    let said = run(words).await.well();
    assert!(said.contains("tare serve --demo --database"), "{said}");
    let again = run(words).await;
    assert!(again.code == 1 && again.err.contains("is there already"), "{again:?}");

    let database = year.join("tare.db").display().to_string();
    let verified = run(["verify", "--database", &database]).await.well();
    assert!(!verified.contains("differ"), "{verified}");
    let mut command = tare();
    command.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--database", &database]);
    let mut server = Running::start(&mut command, folder.path().join("log"));
    let line = server.line().await;
    let url = line.strip_prefix("Tare listens on ").and_then(|rest| rest.split(',').next()).unwrap();
    let mut browser = Browser::new(url);
    let asked = browser.open("/profile").await;
    let digits = browser.submit(&asked, "/sign-in", &[("email", ANA)]).await;
    let code = mailbox::code(&year.join("tare.mail"), ANA).await;
    let profile = browser.submit(&digits, "/sign-in/code", &[("code", &code)]).await;
    let pages = [
        (profile, "Northlight Studio"),
        (browser.open("/usage").await, "anthropic/claude-haiku-4.5"),
        (browser.open("/invoices").await, "credit note"),
        (browser.open("/byok-keys").await, "0417"),
    ];
    for (page, words) in pages {
        assert!(page.text.contains(words), "{words} is missing at {}: {}", page.path, page.text);
    }
    assert!(server.stop().await.success());
}
