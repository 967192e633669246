//! What a stranger gets wrong at the command line and at the start: each time one line that names the thing and says
//! what would be right, an exit code, no change, no panic, and no secret.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::program::{Running, Said, finish, run, tare};
use crate::servers::{Kind, Place};

/// Stands wherever a secret can: in addresses of databases, and in keys of upstreams.
const CANARY: &str = "hunter2";

/// A folder for one test, where nobody's `tare.db` lies about.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    async fn tare(&self, words: &[&str]) -> Said {
        finish(tare().current_dir(self.0.path()).args(words)).await
    }

    /// The command is refused with one line that has all these parts.
    async fn refuses(&self, words: &[&str], parts: &[&str]) {
        let said = self.tare(words).await;
        is_refusal(&said, &format!("{words:?}"), parts);
        let lines: Vec<&str> = said.err.lines().collect();
        assert!(lines.len() == 1 && lines[0].starts_with("tare: "), "{words:?}: one line is enough: {lines:#?}");
    }

    /// The words themselves are wrong; how they are meant is shown below the first line.
    async fn misunderstands(&self, words: &[&str], parts: &[&str]) {
        let said = self.tare(words).await;
        is_refusal(&said, &format!("{words:?}"), parts);
        assert!(said.code == 2 && said.err.starts_with("error: "), "{words:?}: {said:?}");
    }
}

fn is_refusal(said: &Said, what: &str, parts: &[&str]) {
    assert!(said.code > 0, "{what}: the exit code says that all is well: {said:?}");
    assert_eq!(said.out, "", "{what}");
    assert!(!said.err.contains("panicked"), "{what}: {}", said.err);
    assert!(!said.err.contains(CANARY), "{what}: a secret is shown: {}", said.err);
    for part in parts {
        assert!(said.err.contains(part), "{what}: `{part}` is missing in: {}", said.err);
    }
}

#[tokio::test]
async fn a_wrong_catalog_or_price_file_names_its_line() {
    let desk = Desk::new();
    let catalogs = [
        ("[welcome]\namount = 5.5\n", "line 2", "write amounts in quotes"),
        ("[limits]\n\nfree_per_hour = -3\n", "line 3", "`limits.free_per_hour`: a whole number from 0"),
        ("[limts]\n", "line 1", "`limts`: unknown key; known here are `brand`"),
        ("[brand]\nname = \"A\"\n[purchase]\nfee_percent = \"200\"\n", "line 4", "a percentage from 0 to 100"),
        ("[welcome\n", "line 1", "unclosed table"),
        ("[limits]\nhold_lease_seconds = 0\n", "line 2", "from 10 to 86400"),
    ];
    for (text, line, reason) in catalogs {
        desk.write("mine.toml", text);
        let parts = ["mine.toml", line, reason];
        desk.refuses(&["catalog", "check", "--catalog", "mine.toml"], &parts).await;
        desk.refuses(&["serve", "--demo", "--listen", "127.0.0.1:0", "--catalog", "mine.toml"], &parts).await;
    }
    let price = "provider = \"p\"\nsource = \"s\"\nread_on = 2026-11-10\n\n[[model]]\nid = \"p/m\"\nname = \"M\"\ncontext_length = 1000\nmax_output_tokens = 1000\n\n\
                 [[model.prices]]\ninput = 0.15\noutput = \"0.60\"\n";
    desk.write("prices.toml", price);
    desk.refuses(&["catalog", "check", "--prices", "prices.toml"], &["tare: prices.toml, line 12", "in quotes"]).await;
    desk.write("list.json", "{\"a\": ");
    desk.refuses(&["catalog", "import", "--format", "litellm", "list.json"], &["list.json", "line 1"]).await;
    desk.refuses(&["catalog", "check", "--catalog", "none.toml"], &["cannot read none.toml"]).await;
    assert!(!desk.path("tare.db").exists(), "a server that could not start has made a database");
}

#[tokio::test]
async fn wrong_settings_name_their_line() {
    let desk = Desk::new();
    let upstream =
        "[[upstream]]\nname = \"a\"\nbase_url = \"https://api.example.com/v1\"\nmodels = { \"a/*\" = \"*\" }\n";
    let with = |line: &str| format!("{upstream}{line}\n");
    // Any variable that is set holds a secret well enough.
    let oidc = |issuer: &str, variable: &str| {
        let who = "client_id = \"tare\"\n";
        format!("{upstream}[oidc]\nissuer = \"{issuer}\"\n{who}client_secret_env = \"{variable}\"\n")
    };
    let texts = [
        ("lisen = \"127.0.0.1:1\"\n".to_owned(), "line 1: unknown field `lisen`, expected one of `listen`"),
        (
            "\nlisten = \"banana\"\n".to_owned(),
            "line 2: `banana` is not an address with a port, such as 127.0.0.1:8787",
        ),
        (with("timeout = 4"), "line 5: unknown field `timeout`, expected one of `name`"),
        (with("api_key = hunter2"), "line 5: "),
        (with("api_key = \"hunter2"), "line 5: "),
        (with("api_key = [\"hunter2\"]"), "line 5: an API key is text in quotes"),
        (with("api_key = \"hunter2\\n\""), "line 5: an API key is visible ASCII text"),
        (
            with("api_key_env = \"TARE_TEST_UNSET\""),
            "upstream `a`: the environment variable TARE_TEST_UNSET is not set",
        ),
        (format!("trusted_proxies = [\"banana\"]\n{upstream}"), "line 1: `banana` is not an address or a range"),
        (upstream.replace("https://api", "api"), "is not a whole URL such as https://api.example.com/v1"),
        (upstream.replace("https://api.example.com", "http://10.0.0.1"), "set allow_private when it is meant"),
        (upstream.replace("https://api", "https://ana:hunter2@api"), "base_url"),
        (format!("{upstream}{upstream}"), "upstream `a`: names are unique"),
        (upstream.replace("{ \"a/*\" = \"*\" }", "{}"), "upstream `a`: models"),
        (oidc("https://login.example.com", "TARE_TEST_UNSET"), "oidc: the environment variable TARE_TEST_UNSET is not"),
        (oidc("login.example.com", "PATH"), "oidc.issuer: "),
        (oidc("http://login.example.com", "PATH"), "oidc.issuer: "),
        (oidc("https://login.example.com", "PATH").replace("\"tare\"", "\"\""), "oidc.client_id: it is empty"),
        (oidc("https://login.example.com", "PATH") + "secret = \"hunter2\"\n", "line 9: unknown field `secret`"),
    ];
    for (text, reason) in texts {
        desk.write("mine.toml", &text);
        let serve = ["serve", "--listen", "127.0.0.1:0", "--config", "mine.toml"];
        desk.refuses(&serve, &["mine.toml: ", reason]).await;
        let doctor = desk.tare(&["doctor", "--config", "mine.toml"]).await;
        assert_eq!(doctor.code, 1, "{doctor:?}");
        assert!(doctor.out.contains("WRONG settings: mine.toml: ") && doctor.out.contains(reason), "{doctor:?}");
        assert!(!doctor.out.contains(CANARY), "{doctor:?}");
    }
    desk.write("away.toml", &oidc("http://127.0.0.1:1", "PATH"));
    let doctor = desk.tare(&["doctor", "--config", "away.toml"]).await;
    assert_eq!(doctor.code, 1, "{doctor:?}");
    assert!(doctor.out.contains("WRONG sign-in provider: oidc.issuer http://127.0.0.1:1: "), "{doctor:?}");
    desk.refuses(&["serve", "--config", "none.toml"], &["cannot read none.toml"]).await;
    let none = ["no upstream is configured", "--config", "--demo"];
    desk.refuses(&["serve"], &none).await;
    desk.write("empty.toml", "");
    desk.refuses(&["serve", "--config", "empty.toml"], &none).await;
    assert!(!desk.path("tare.db").exists(), "a server that could not start has made a database");
}

#[tokio::test]
async fn a_story_that_cannot_be_played_names_its_line() {
    let desk = Desk::new();
    let story = |step: &str| format!("name = \"x\"\nstart = 2026-01-31T00:00:00Z\n\n[[step]]\n{step}\n");
    let known = "there are sign_up, add_card, replace_card, buy_credits";
    for (text, parts) in [
        (story("do = \"fly\""), &["line 4", "no step `fly`", known][..]),
        (story("do = \"sign_up\"\nusr = \"a\""), &["line 4", "`sign_up` needs the key `user`"]),
        (story("do = \"sign_up\"\nuser = \"a\"\nusr = \"b\""), &["line 7", "`usr`"]),
        (story("do = \"grant\"\nwallet = \"a\"\namount = 1.5"), &["line 4", "`a` is not known here"]),
        ("start = 2026-01-31T00:00:00Z\n".to_owned(), &["line 1", "needs the key `name`"]),
        ("name = \n".to_owned(), &["line 1"]),
    ] {
        desk.write("story.toml", &text);
        for words in [&["simulate", "story.toml"][..], &["simulate", "story.toml", "--json"]] {
            desk.refuses(words, &[&["story.toml"], parts].concat()).await;
        }
    }
    desk.refuses(&["simulate", "none.toml"], &["cannot read none.toml"]).await;
}

#[tokio::test]
async fn wrong_words_change_nothing() {
    let desk = Desk::new();
    desk.tare(&["user", "add", "ana"]).await.well();
    let before = [desk.tare(&["user", "show", "ana"]).await.well(), desk.tare(&["user", "list"]).await.well()];

    for words in
        [&["user", "show", "bob"][..], &["grant", "bob", "5"], &["key", "create", "bob"], &["key", "list", "bob"]]
    {
        desk.refuses(words, &["there is no user bob", "tare user list"]).await;
    }
    desk.refuses(&["user", "add", "ana"], &["user ana exists already"]).await;
    desk.refuses(&["user", "add", " "], &["a name or mail address of 1 to 254 characters"]).await;
    desk.refuses(&["user", "add", "bob", "--country", "Germany"], &["country", "two letters, such as DE"]).await;
    for amount in ["0", "-5"] {
        desk.refuses(&["grant", "ana", amount], &["the grant's amount is", "must be more than 0"]).await;
    }
    desk.refuses(&["grant", "ana", "9000000000"], &["the wallet at most"]).await;
    let past = "2020-01-01T00:00:00Z";
    desk.refuses(&["grant", "ana", "5", "--expires", past], &["would expire before it can be spent"]).await;
    desk.refuses(&["adjust", "ana", "0", "--reason", "x"], &["the adjustment is 0.00", "other than zero"]).await;
    desk.refuses(&["adjust", "ana", "-7", "--reason", "x"], &["7.00", "5.00"]).await;
    let key = "key_01a204236afe73edba65de5ca814b58f";
    desk.refuses(&["key", "revoke", key], &["there is no API key", key]).await;

    for (words, part) in [
        (&["grant", "ana", "five"][..], "`five` is not a decimal number such as 12.50"),
        (&["grant", "ana", "1.0000000001"], "has more than 9 decimal places"),
        (&["grant", "ana", "99999999999999"], "is too large"),
        (&["grant", "ana", "5", "--expires", "tomorrow"], "is not an instant such as 2026-01-31T00:00:00Z"),
        (&["adjust", "ana", "1"], "--reason <REASON>"),
        (&["key", "revoke", "ana"], "not an id of the form key_"),
        (&["user", "add"], "<NAME>"),
        (&["sevre"], "unrecognized subcommand 'sevre'"),
        (&["serve", "--listen", "banana"], "`banana` is not an address with a port, such as 127.0.0.1:8787"),
    ] {
        desk.misunderstands(words, &[part]).await;
    }
    let after = [desk.tare(&["user", "show", "ana"]).await.well(), desk.tare(&["user", "list"]).await.well()];
    assert_eq!(before, after, "what was refused changed nothing");
    desk.tare(&["verify"]).await.well();
}

#[tokio::test]
async fn a_database_that_cannot_be_used_is_named() {
    let desk = Desk::new();
    for words in [&["verify"][..], &["user", "list"], &["grant", "ana", "5"], &["key", "create", "ana"]] {
        desk.refuses(words, &["there is no database tare.db", "`tare serve`", "--database"]).await;
        assert!(!desk.path("tare.db").exists(), "{words:?} has made a database");
    }
    desk.refuses(&["user", "add", "ana", "--database", "none/tare.db"], &["none"]).await;
    desk.write("letter.db", "Dear Ana, this is not a database.");
    for words in [
        &["verify", "--database", "letter.db"][..],
        &["serve", "--demo", "--listen", "127.0.0.1:0", "--database", "letter.db"],
    ] {
        desk.refuses(words, &["not a SQLite database"]).await;
    }
    desk.write("empty.db", "");
    desk.refuses(
        &["verify", "--database", "empty.db"],
        &["empty.db", "no tables of tare yet", "`tare serve` makes them"],
    )
    .await;

    desk.tare(&["user", "add", "ana"]).await.well();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/newer_database.py");
    finish(Command::new("python3").arg(script).arg(desk.path("tare.db"))).await.well();
    for words in
        [&["verify"][..], &["user", "list"], &["grant", "ana", "5"], &["serve", "--demo", "--listen", "127.0.0.1:0"]]
    {
        desk.refuses(words, &["tare.db", "version 99", "Use a newer tare"]).await;
    }

    for address in
        ["mysql://ana:hunter2@db/tare", "postgres://ana:hunter2@db", "postgres://ana:hunter2@db:x/tare", ":memory:", ""]
    {
        desk.refuses(&["verify", "--database", address], &["Use a file such as `tare.db`"]).await;
    }
}

#[tokio::test]
async fn a_postgres_that_does_not_answer_is_named_without_its_password() {
    let desk = Desk::new();
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silent_address = silent.local_addr().unwrap();
    let serve: &[&str] = &["serve", "--demo", "--listen", "127.0.0.1:0"];
    for (address, words, reason) in
        [(closed, &["verify"][..], "refused"), (closed, serve, "refused"), (silent_address, serve, "says nothing")]
    {
        let url = format!("postgres://ana:{CANARY}@{address}/tare");
        let name = format!("cannot open PostgreSQL {address}/tare");
        desk.refuses(&[words, &["--database", &url]].concat(), &[&name, reason, "is --database right?"]).await;
    }
    let server = std::env::var("TARE_TEST_POSTGRES").expect("`tools/postgres with -- cargo nextest run` sets it");
    let (address, _) = server.rsplit_once('/').unwrap();
    let missing = format!("{address}/there_is_no_such_database");
    desk.refuses(&[serve, &["--database", &missing]].concat(), &["there_is_no_such_database", "does not exist"]).await;
}

/// One writer on a SQLite file; readers beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_is_refused_and_readers_are_not() {
    let place = Place::new(Kind::Sqlite).await;
    place.person("ana", "5").await;
    let node = place.serve().await;
    for words in
        [&["serve", "--demo", "--listen", "127.0.0.1:0"][..], &["grant", "ana", "5"], &["key", "create", "ana"]]
    {
        let said = place.command(words).await;
        is_refusal(&said, &format!("{words:?}"), &["another tare is using", "tare.db", "Stop it"]);
    }
    for words in [&["user", "list"][..], &["user", "show", "ana"], &["key", "list", "ana"], &["verify"], &["doctor"]] {
        place.command(words).await.well();
    }
    let taken = node.url.strip_prefix("http://").unwrap();
    for words in
        [&["serve", "--demo", "--database", "other.db", "--listen", taken][..], &["demo-upstream", "--listen", taken]]
    {
        let said = finish(tare().current_dir(place.folder.path()).args(words)).await;
        is_refusal(&said, &format!("{words:?}"), &["cannot listen on", taken, "--listen"]);
    }
    assert!(!place.folder.path().join("other.db").exists(), "a server without a port has made a database");
    node.stop().await;
    place.close().await;
}

/// Secrets that come with addresses stay where they are, also when all is well.
#[tokio::test]
async fn no_password_is_shown() {
    let secret = "postgres://ana:hunter2@127.0.0.1:1/tare";
    for words in [&["serve", "--help"][..], &["verify", "--help"], &["user", "add", "--help"]] {
        let said = finish(tare().args(words).env("TARE_DATABASE", secret)).await;
        assert!(!said.well().contains(CANARY), "{words:?} shows the environment");
    }
    let desk = Desk::new();
    let server = std::env::var("TARE_TEST_POSTGRES").expect("`tools/postgres with -- cargo nextest run` sets it");
    let scratch = store::Scratch::create(&server).await.unwrap();
    let store::Database::Postgres(url) = scratch.database() else { unreachable!("a scratch database is PostgreSQL") };
    // The test server trusts everybody on this machine, whatever the password.
    let url = match url.split_once('@') {
        Some((user, rest)) => format!("{user}:{CANARY}@{rest}"),
        None => url.replacen("://", &format!("://tare:{CANARY}@"), 1),
    };
    let mut serve = tare();
    serve.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--database", &url]);
    let mut server = Running::start(&mut serve, desk.path("serve.log"));
    let line = server.line().await;
    assert!(line.contains("with PostgreSQL 127.0.0.1:"), "{line}");
    assert!(!line.contains(CANARY) && !server.log().contains(CANARY), "{line}");
    assert!(server.stop().await.success());
    scratch.drop_database().await.unwrap();
}

/// Whoever reads the output may stop, as `head` does; a server goes on without its terminal.
#[tokio::test]
async fn a_reader_that_leaves_is_no_bug() {
    let script = "set -o pipefail; \"$0\" demo | head -1 >/dev/null";
    let said = finish(Command::new("bash").args(["-c", script, env!("CARGO_BIN_EXE_tare")])).await;
    assert_eq!((said.code, said.err.as_str()), (141, ""));
}

/// Every command says what it is for, and shows how it is written.
#[tokio::test]
async fn every_command_explains_itself() {
    let mut commands = vec![Vec::<String>::new()];
    let mut seen = 0;
    while let Some(command) = commands.pop() {
        let help = run(command.iter().map(String::as_str).chain(["--help"])).await.well();
        assert!(
            help.contains("Example") && help.contains(&format!("tare {}", command.join(" "))),
            "{command:?}:\n{help}"
        );
        let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
        // A long description goes on in lines that are indented further.
        let names = listed.filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
        for name in names.filter_map(|line| line.split(' ').next()).filter(|name| *name != "help") {
            commands.push(command.iter().cloned().chain([name.to_owned()]).collect());
        }
        seen += 1;
    }
    assert!(seen > 15, "only {seen} commands were found");
    // Without words: the same page, and an exit code that a script notices.
    for words in [&[][..], &["user"], &["key"], &["catalog"]] {
        let said = run(words).await;
        assert!(said.code == 2 && said.err.contains("Usage: tare"), "{words:?}: {said:?}");
    }
}
