//! A place with everything that a server needs: a database, settings, an upstream, people with credits and keys.

use std::path::{Path, PathBuf};

use store::{Database, Scratch};
use tempfile::TempDir;
use tokio::process::Command;
use units::{Amount, WalletId};

use crate::books::Books;
use crate::program::{Running, Said, run, tare};
use crate::upstream::Upstream;

/// No welcome grant, so that a wallet has what its test gives it; a crowd may use one key; and leases that
/// end while a test still runs.
const CATALOG: &str = "welcome.amount = \"0\"\n\n[limits]\nhold_lease_seconds = 10\nconcurrent_per_key = 2000\n";

/// Where the books of a test are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Sqlite,
    /// A database of its own on the server at `TARE_TEST_POSTGRES`, which `tools/postgres with` starts.
    Postgres,
}

pub struct Place {
    pub upstream: Upstream,
    pub folder: TempDir,
    pub database: Database,
    /// The same as an argument.
    address: String,
    scratch: Option<Scratch>,
}

/// Somebody with a wallet.
#[derive(Clone)]
pub struct Person {
    pub wallet: WalletId,
    pub key: String,
    pub granted: Amount,
}

impl Place {
    pub async fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        match kind {
            Kind::Sqlite => {
                let database = Database::Sqlite(folder.path().join("tare.db"));
                Self::set_up(folder, database, None).await
            }
            Kind::Postgres => {
                let server = std::env::var("TARE_TEST_POSTGRES").expect(
                    "TARE_TEST_POSTGRES must be the URL of a PostgreSQL server for tests; \
                     `tools/postgres with -- cargo nextest run -p tare` starts one",
                );
                Self::on(&server).await
            }
        }
    }

    /// On this PostgreSQL server.
    pub async fn on(server: &str) -> Self {
        let scratch = Scratch::create(server).await.unwrap();
        Self::set_up(tempfile::tempdir().unwrap(), scratch.database(), Some(scratch)).await
    }

    /// With a SQLite file in this folder; everything else is elsewhere.
    pub async fn with_file_in(data: &Path) -> Self {
        Self::set_up(tempfile::tempdir().unwrap(), Database::Sqlite(data.join("tare.db")), None).await
    }

    async fn set_up(folder: TempDir, database: Database, scratch: Option<Scratch>) -> Self {
        let address = match &database {
            Database::Sqlite(path) => path.display().to_string(),
            Database::Postgres(url) => url.clone(),
        };
        let upstream = Upstream::start(folder.path()).await;
        let settings = format!(
            "[[upstream]]\nname = \"demo\"\nbase_url = \"http://{}/v1\"\napi_key = \"sk-demo\"\n\
             models = {{ \"demo/*\" = \"*\" }}\nforward_headers = [\"x-demo-*\"]\n",
            upstream.address
        );
        std::fs::write(folder.path().join("tare.toml"), settings).unwrap();
        std::fs::write(folder.path().join("catalog.toml"), CATALOG).unwrap();
        Self { upstream, folder, database, address, scratch }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a command on this database.
    pub async fn command(&self, words: &[&str]) -> Said {
        run(words.iter().copied().chain(["--database", &self.address])).await
    }

    /// Somebody with credits and a key, all from the command line. On SQLite before a server runs.
    pub async fn person(&self, name: &str, credits: &str) -> Person {
        let catalog = self.file("catalog.toml").display().to_string();
        self.command(&["user", "add", name, "--catalog", &catalog]).await.well();
        if credits != "0" {
            self.command(&["grant", name, credits]).await.well();
        }
        let key = self.command(&["key", "create", name]).await.well().trim().to_owned();
        let wallet = self.books().await.wallet_of(name).await;
        Person { wallet, key, granted: credits.parse().unwrap() }
    }

    pub async fn books(&self) -> Books {
        Books::open(&self.database).await
    }

    /// The database as an argument.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Starts a server and waits until it listens.
    pub async fn serve(&self) -> Node {
        self.start(tare(), &[]).await
    }

    /// Starts a server with further arguments.
    pub async fn serve_with(&self, args: &[&str]) -> Node {
        self.start(tare(), args).await
    }

    /// The same under another program, which gets the arguments of the server behind its own.
    pub async fn serve_under(&self, command: Command) -> Node {
        self.start(command, &[]).await
    }

    /// The same, told more.
    pub async fn start(&self, mut command: Command, args: &[&str]) -> Node {
        command.args(["serve", "--listen", "127.0.0.1:0", "--database", &self.address]);
        command.arg("--config").arg(self.file("tare.toml")).arg("--catalog").arg(self.file("catalog.toml"));
        command.args(args);
        // Mails of a server on PostgreSQL are files where it runs.
        command.current_dir(self.folder.path());
        let mut process = Running::start(&mut command, self.file("serve.log"));
        let line = process.line().await;
        let url = line.strip_prefix("Tare listens on ").and_then(|rest| rest.split(',').next());
        let url = url.unwrap_or_else(|| panic!("no address in {line:?}")).to_owned();
        Node { url, process }
    }

    /// Everything agrees with the journal.
    pub async fn verify(&self) {
        let said = self.command(&["verify"]).await;
        assert_eq!(said.code, 0, "{}{}\nthe log of the servers:\n{}", said.out, said.err, self.log());
    }

    /// What all servers of this place logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.file("serve.log")).unwrap_or_default()
    }

    /// Takes everything away again. No server may have panicked.
    pub async fn close(self) {
        assert!(!self.log().contains("panicked"), "{}", self.log());
        if let Some(scratch) = self.scratch {
            scratch.drop_database().await.unwrap();
        }
    }
}

/// A server that runs.
pub struct Node {
    pub url: String,
    pub process: Running,
}

impl Node {
    /// Stops it as an operator does: what runs is finished first.
    pub async fn stop(self) {
        assert!(self.process.stop().await.success());
    }
}
