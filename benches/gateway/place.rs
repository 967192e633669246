//! The program that is measured, with what it needs: settings, a database, somebody with credits and a key.

use std::ffi::OsStr;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use benches::{Failure, Process};
use store::Store;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;
use units::{Day, Instant};

use crate::provider::Provider;

/// Who asks.
const NAME: &str = "bench@example.com";

/// One key may hold all streams open at once.
const CATALOG: &str = "[limits]\nconcurrent_per_key = 10000\nconcurrent_per_wallet = 10000\n";

/// Longer than it ever takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the books are.
pub enum Database {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Database {
    /// Its name in reports.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    fn address(&self) -> &OsStr {
        match self {
            Self::Sqlite(path) => path.as_os_str(),
            Self::Postgres(url) => url.as_ref(),
        }
    }
}

/// All of it.
pub struct Place {
    binary: PathBuf,
    folder: PathBuf,
    pub database: Database,
    pub key: String,
}

impl Place {
    /// Makes it in a folder that is there.
    pub async fn make(
        binary: PathBuf,
        database: Database,
        folder: &Path,
        provider: &Provider,
    ) -> Result<Self, Failure> {
        let settings = format!(
            "[[upstream]]\nname = \"provider\"\nbase_url = \"http://{}/v1\"\napi_key = \"sk-bench\"\n\
             models = {{ \"demo/*\" = \"*\" }}\n",
            provider.address
        );
        std::fs::write(folder.join("tare.toml"), settings)?;
        std::fs::write(folder.join("catalog.toml"), CATALOG)?;
        let mut place = Self { binary, folder: folder.to_owned(), database, key: String::new() };
        place.run(&["user", "add", NAME]).await?;
        place.run(&["grant", NAME, "1000000"]).await?;
        place.key = place.run(&["key", "create", NAME]).await?.trim().to_owned();
        Ok(place)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        for name in ["TARE_DATABASE", "TARE_CATALOG", "TARE_CONFIG", "TARE_LOG"] {
            command.env_remove(name);
        }
        command.args(words).arg("--database").arg(self.database.address());
        // Mails of a server on PostgreSQL are files where it runs.
        command.current_dir(&self.folder).stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    async fn run(&self, words: &[&str]) -> Result<String, Failure> {
        let done = self.command(words).output().await?;
        match done.status.success() {
            true => Ok(String::from_utf8(done.stdout)?),
            false => Err(format!("tare {}: {}", words.join(" "), String::from_utf8_lossy(&done.stderr)).into()),
        }
    }

    /// The books agree with their journal and have a charge for each answer: figures of a gateway that gives something
    /// away would be worth nothing. While no server runs.
    pub async fn check(&self, answered: u64) -> Result<(), Failure> {
        self.run(&["verify"]).await?;
        let store = Store::open(&match &self.database {
            Database::Sqlite(path) => store::Database::Sqlite(path.clone()),
            Database::Postgres(url) => store::Database::Postgres(url.clone()),
        })
        .await?;
        let user = store.reader().find_user_by_name(NAME).await?.ok_or("nobody has a wallet")?;
        // No run goes on for two days.
        let today = Instant::from_micros(jiff::Timestamp::now().as_microsecond()).day();
        let days = store.reader().list_usage_daily(user.wallet, Day::from_number(0), today.next()).await?;
        let charged: u64 = days.iter().map(|row| row.requests).sum();
        store.close().await;
        match charged == answered {
            true => Ok(()),
            false => Err(format!("{answered} requests were answered, {charged} are in the books").into()),
        }
    }
}

/// A server that runs.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// Kept, since the server would hear that nobody reads what it says.
    _lines: Lines<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts it and waits until it listens.
    pub async fn start(place: &Place) -> Result<Self, Failure> {
        let words = ["serve", "--listen", "127.0.0.1:0", "--config", "tare.toml", "--catalog", "catalog.toml"];
        let mut command = place.command(&words);
        let log = std::fs::File::create(place.folder.join("serve.log"))?;
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let line = timeout(PATIENCE, lines.next_line()).await??.unwrap_or_default();
        let address = line.strip_prefix("Tare listens on http://").and_then(|rest| rest.split(',').next());
        let Some(address) = address else {
            let log = std::fs::read_to_string(place.folder.join("serve.log"))?;
            return Err(format!("the server did not start: {line}\n{log}").into());
        };
        Ok(Self { address: address.parse()?, child, _lines: lines })
    }

    /// The process.
    pub fn process(&self) -> Process {
        Process(self.child.id().expect("it runs"))
    }

    /// Stops it as an operator does.
    pub async fn stop(mut self) -> Result<(), Failure> {
        let id = self.process().0.to_string();
        Command::new("kill").args(["-s", "TERM", &id]).status().await?;
        match timeout(PATIENCE, self.child.wait()).await??.success() {
            true => Ok(()),
            false => Err("the server did not stop well".into()),
        }
    }
}
