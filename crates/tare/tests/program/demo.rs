//! `tare demo DIR`: the life that it leaves behind is whole, and is served.

use std::ffi::OsStr;
use std::path::Path;

use serde_json::Value;

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
    a_receipt_verifies(&mut browser, &folder.path().join("receipt.json")).await;
    assert!(server.stop().await.success());
}

/// Saved from the page of a request, it is checked without the server.
async fn a_receipt_verifies(browser: &mut Browser, file: &Path) {
    let requests = browser.open("/usage/requests").await;
    let request = browser.open(&link(&requests.text, "/usage/requests/hld_")).await;
    let receipt = browser.open(&link(&request.text, "/api/v1/wallets/")).await;
    std::fs::write(file, &receipt.text).unwrap();
    let key: Value = serde_json::from_str(&browser.open("/api/v1/receipt-key").await.text).unwrap();
    let key = key["public_key"].as_str().unwrap();
    let words = ["receipt".as_ref(), "verify".as_ref(), file.as_os_str(), "--public-key".as_ref(), key.as_ref()];
    let told = run(words as [&OsStr; 5]).await.well();
    assert!(told.starts_with("sound: "), "{told}");
}

/// The first link of a page that begins so.
fn link(page: &str, beginning: &str) -> String {
    let from = page.split("href=\"").find(|text| text.starts_with(beginning)).expect(beginning);
    from.split('"').next().unwrap().to_owned()
}
