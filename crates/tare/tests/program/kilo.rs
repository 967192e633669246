//! Show 2: Kilo's real command line signs in, looks at its profile, lists models and chats, alone and for an
//! organization, against what `make run` starts. Its person says yes on the device page, in a browser.
//!
//! Its switches keep it from asking anybody but the server (CLIENTS.md section 2).

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::time::timeout;
use units::{Amount, OrganizationId};

use crate::books::{Books, assert_debited};
use crate::browser::Browser;
use crate::mailbox;
use crate::office::Office;
use crate::program::{Running, Said, finish, tare};
use crate::servers::{Kind, Place};

/// The command line starts for seconds, and asks every three whether its person has answered.
const PATIENCE: Duration = Duration::from_secs(120);

/// A home of its own, and the server that it asks.
struct Kilo {
    home: TempDir,
    url: String,
}

impl Kilo {
    fn new(url: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("models.json"), "{}").unwrap();
        Self { home, url: url.to_owned() }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        command.args(args).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.home.path()).current_dir(self.home.path());
        command.env("KILO_API_URL", &self.url).env("KILO_MODELS_PATH", self.home.path().join("models.json"));
        command.env("KILO_TELEMETRY_LEVEL", "off");
        for switch in [
            "KILO_DISABLE_MODELS_FETCH",
            "KILO_DISABLE_SESSION_INGEST",
            "KILO_DISABLE_PRESENCE",
            "KILO_DISABLE_AUTOUPDATE",
            "KILO_DISABLE_LSP_DOWNLOAD",
            "KILO_DISABLE_SHARE",
        ] {
            command.env(switch, "1");
        }
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    async fn run(&self, args: &[&str]) -> Said {
        finish(&mut self.command(args)).await
    }

    async fn run_for(&self, organization: OrganizationId, args: &[&str]) -> Said {
        finish(self.command(args).env("KILO_ORG_ID", organization.to_string())).await
    }

    /// Signs in, with `answer` saying yes to the code that is shown.
    async fn sign_in(&self, answer: impl AsyncFnOnce(String)) {
        let mut command = self.command(&["auth", "login", "-p", "kilo"]);
        let mut login = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (sender, mut lines) = mpsc::channel(1000);
        read_lines(login.stdout.take().unwrap(), sender.clone());
        read_lines(login.stderr.take().unwrap(), sender);
        let mut told = String::new();
        let code = loop {
            let line = timeout(PATIENCE, lines.recv()).await.unwrap_or_else(|_| panic!("no code in {told}"));
            let line = line.unwrap_or_else(|| panic!("it ended without a code: {told}"));
            told.push_str(&line);
            told.push('\n');
            if let Some(code) = find_code(&line) {
                break code;
            }
        };
        answer(code).await;
        let ended = timeout(PATIENCE, login.wait()).await.expect("it hears the answer").unwrap();
        while let Some(line) = lines.recv().await {
            told.push_str(&line);
            told.push('\n');
        }
        assert!(ended.success(), "{told}");
    }
}

fn read_lines(from: impl AsyncRead + Unpin + Send + 'static, to: mpsc::Sender<String>) {
    let mut lines = BufReader::new(from).lines();
    tokio::spawn(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            if to.send(line).await.is_err() {
                return;
            }
        }
    });
}

/// Such as `K7QM-2XHP`, wherever it stands in a line.
fn find_code(line: &str) -> Option<String> {
    let is_letter = |letter: &char| letter.is_ascii_uppercase() || letter.is_ascii_digit();
    let words = line.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '-'));
    let is_code = |word: &&str| {
        word.split_once('-').is_some_and(|(a, b)| a.len() == 4 && b.len() == 4)
            && word.chars().filter(|letter| *letter != '-').all(|letter| is_letter(&letter))
    };
    words.into_iter().find(is_code).map(str::to_owned)
}

fn program() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("the crate stands two folders deep");
    let program = root.join(".tools/kilo/node_modules/@kilocode/cli-linux-x64/bin/kilo");
    assert!(program.exists(), "{} is missing; `tools/setup kilo` brings it", program.display());
    program
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kilos_command_line_spends_from_the_right_wallet() {
    let place = Place::new(Kind::Postgres).await;
    let mut command = tare();
    command.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--database", place.address()]);
    let mut server = Running::start(command.current_dir(place.folder.path()), place.folder.path().join("serve.log"));
    let first = server.line().await;
    let url = first.strip_prefix("Tare listens on ").and_then(|rest| rest.split(',').next()).unwrap().to_owned();
    let team: OrganizationId = loop {
        let line = server.line().await;
        if let Some(rest) = line.trim().strip_prefix("team ") {
            break rest.trim().split(' ').next().unwrap().parse().unwrap();
        }
    };
    let office = Office::open(&place.database).await;
    let ana = office.user("ana@example.com").await;
    let books = place.books().await;
    let own = books.wallet_of("ana@example.com").await;
    let terms = office.services.store.reader().find_terms(team, Some(ana)).await.unwrap().unwrap();
    let shared = terms.organization.wallet;
    let before = [books.balance(own).await, books.balance(shared).await];

    let kilo = Kilo::new(&url);
    let mails = place.folder.path().join("tare.mail");
    kilo.sign_in(async |code| approve(&url, &mails, &code).await).await;
    let profile: Value = serde_json::from_str(&kilo.run(&["profile", "--json"]).await.well()).unwrap();
    assert_eq!(profile["email"], "ana@example.com", "{profile}");
    // Compared as text: it prints what it read, and no digit of ours was lost on the way.
    assert_eq!(profile["balance"].to_string().parse::<Amount>().unwrap(), before[0], "{profile}");
    let models = kilo.run(&["models", "kilo"]).await.well();
    for model in ["kilo/demo/small", "kilo/demo/large"] {
        assert!(models.lines().any(|line| line == model), "{models}");
    }

    let ask = ["run", "-m", "kilo/demo/small", "What does a feather weigh?"];
    let reply = kilo.run(&ask).await.well();
    assert!(reply.contains("What does a feather weigh?"), "{reply}");
    let alone = one_charge(&books, own, before[0]).await;
    assert_eq!(books.balance(shared).await, before[1], "the organization paid nothing");

    let models = kilo.run_for(team, &["models", "kilo"]).await.well();
    assert!(models.contains("kilo/demo/small"), "{models}");
    let reply = kilo.run_for(team, &ask).await.well();
    assert!(reply.contains("What does a feather weigh?"), "{reply}");
    let together = one_charge(&books, shared, before[1]).await;
    assert_eq!(one_charge(&books, own, before[0]).await, alone, "the person paid nothing more");
    println!("alone {alone}, together {together}");

    office.close().await;
    assert!(server.stop().await.success());
    place.verify().await;
    place.close().await;
}

/// Opens the page of the code, signs in on the way with a code by mail, and says yes. Nobody else's page can say it.
async fn approve(url: &str, mails: &Path, code: &str) {
    const EMAIL: &str = "ana@example.com";
    let mut browser = Browser::new(url);
    let device = format!("/device?code={code}");
    let sign_in = browser.open(&device).await;
    assert!(sign_in.path.starts_with("/sign-in?next="), "{}", sign_in.path);
    let digits = browser.submit(&sign_in, "/sign-in", &[("email", EMAIL)]).await;
    let asked = browser.submit(&digits, "/sign-in/code", &[("code", &mailbox::code(mails, EMAIL).await)]).await;
    assert_eq!((asked.status, asked.path.as_str()), (200, device.as_str()));
    assert!(asked.text.contains(code) && asked.text.contains(EMAIL), "{}", asked.text);

    let yes = [("answer", "approve")];
    let full = asked.form("/device", &yes);
    let foreign = browser.submit_from("https://evil.example", "/device", &full).await;
    let forged = browser.submit_from(url, "/device", &format!("csrf=0&code={code}&answer=approve")).await;
    assert_eq!((foreign.status, forged.status), (403, 403));
    let done = browser.submit(&asked, "/device", &yes).await;
    assert!(done.status == 200 && done.text.contains("The device is signed in"), "{}", done.text);
    let again = browser.submit(&asked, "/device", &yes).await;
    assert_eq!(again.status, 410, "a code is answered once: {}", again.text);
}

/// The wallet paid for one request of the person's, exactly. How much.
async fn one_charge(books: &Books, wallet: units::WalletId, before: Amount) -> Amount {
    let rows = books.charges(wallet).await;
    assert_eq!(rows.len(), 1, "{rows:?}");
    let record = rows[0].usage.as_ref().unwrap();
    assert_eq!((record.model.as_str(), record.api_key), ("demo/small", None), "it came with the device's token");
    assert_debited(&rows, before, books.balance(wallet).await);
    assert!(rows[0].charge.debited.is_positive());
    rows[0].charge.debited
}
