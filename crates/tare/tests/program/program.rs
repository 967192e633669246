//! The program itself: commands that end, and servers that run until they are told to stop or are killed.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// Nothing that these tests wait for takes so long, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a command said before it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// What it printed, when it ended well.
    pub fn well(self) -> String {
        assert_eq!(self.code, 0, "{}{}", self.out, self.err);
        self.out
    }
}

/// The binary, without settings from the environment of whoever runs the tests.
pub fn tare() -> Command {
    plain(Command::new(env!("CARGO_BIN_EXE_tare")))
}

/// The binary under another program, which runs what its last argument names.
pub fn tare_under(program: &str, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).arg(env!("CARGO_BIN_EXE_tare"));
    plain(command)
}

fn plain(mut command: Command) -> Command {
    for name in ["TARE_DATABASE", "TARE_CATALOG", "TARE_CONFIG", "TARE_LOG", "TARE_INVOICE_TEMPLATE"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

/// Runs a command of `tare` to its end.
pub async fn run<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Said {
    finish(tare().args(args)).await
}

/// Runs any command to its end.
pub async fn finish(command: &mut Command) -> Said {
    let ended = timeout(PATIENCE, command.output()).await;
    let ended = ended.unwrap_or_else(|_| panic!("{command:?} did not end")).unwrap();
    let text = |bytes| String::from_utf8(bytes).expect("the terminal gets UTF-8");
    // A signal has no code.
    Said { code: ended.status.code().unwrap_or(-1), out: text(ended.stdout), err: text(ended.stderr) }
}

/// A program that runs until it is stopped. What it writes to its error stream goes to a file.
pub struct Running {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    log: PathBuf,
}

impl Running {
    /// Starts it. The log is appended to, so that all lives of a server stand in one file.
    pub fn start(command: &mut Command, log: PathBuf) -> Self {
        let file = std::fs::File::options().create(true).append(true).open(&log).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(file).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Self { child, lines, log }
    }

    /// The next line that it prints.
    pub async fn line(&mut self) -> String {
        match timeout(PATIENCE, self.lines.next_line()).await {
            Ok(Ok(Some(line))) => line,
            other => panic!("it printed no further line ({other:?}); its log:\n{}", self.log()),
        }
    }

    /// Its error stream so far.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Kills it outright, as `kill -9` does.
    pub async fn kill(mut self) {
        let ended = self.child.try_wait().unwrap();
        assert_eq!(ended, None, "it ended by itself; its log:\n{}", self.log());
        self.child.kill().await.unwrap();
    }

    /// Sends a signal by its name, such as `STOP`.
    pub async fn signal(&self, name: &str) {
        let id = self.child.id().expect("it runs").to_string();
        finish(Command::new("kill").args(["-s", name, &id])).await.well();
    }

    /// Asks it to stop, as an operator does, and waits until it has.
    pub async fn stop(mut self) -> ExitStatus {
        self.signal("TERM").await;
        let ended = timeout(PATIENCE, self.child.wait()).await;
        ended.unwrap_or_else(|_| panic!("it did not stop; its log:\n{}", self.log())).unwrap()
    }
}
