//! T6 of RELIABILITY.md: a disk that is full, and one that cannot write, below the real program.

use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::sleep;

use crate::dice;
use crate::http::Client;
use crate::is_release_size;
use crate::kill::campaign::{are_charged, reckon, until_nothing_is_held};
use crate::kill::driver::Driver;
use crate::program::{Said, finish, tare_under};
use crate::servers::{Kind, Place};

/// A small disk of memory.
struct SmallDisk {
    folder: TempDir,
}

impl SmallDisk {
    async fn mount() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let said = root(&["mount", "-t", "tmpfs", "-o", "size=8m,mode=0777", "tmpfs", path]).await;
        assert_eq!(said.code, 0, "this test mounts a tmpfs of 8 MiB, as root or by sudo: {}", said.err);
        Self { folder }
    }

    /// Leaves nothing free.
    fn fill(&self) {
        use std::io::Write;
        let mut file = std::fs::File::options().create(true).append(true).open(self.filler()).unwrap();
        while file.write_all(&[7; 4096]).is_ok() {}
        while file.write_all(&[7]).is_ok() {}
    }

    fn free(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> std::path::PathBuf {
        self.folder.path().join("filler")
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    async fn unmount(self) {
        let said = root(&["umount", self.path().to_str().unwrap()]).await;
        assert_eq!(said.code, 0, "{}", said.err);
    }
}

/// A test that fails leaves no mount behind.
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let path = self.folder.path();
        let _ = std::process::Command::new("umount")
            .args(["--lazy", "--quiet"])
            .arg(path)
            .stderr(std::process::Stdio::null())
            .status();
    }
}

/// Runs a command as root: at once, or by sudo without a question.
async fn root(words: &[&str]) -> Said {
    let mut command = Command::new("sh");
    command.args(["-c", r#"[ "$(id -u)" = 0 ] && exec "$@"; exec sudo -n "$@""#, "sh"]).args(words);
    finish(&mut command).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_and_goes_on_when_there_is_room() {
    let rounds = if is_release_size() { 100 } else { 4 };
    let (seed, began) = (dice::seed(), Instant::now());
    let disk = SmallDisk::mount().await;
    let place = Place::with_file_in(disk.path()).await;
    let person = place.person("ana@example.com", "1000").await;
    let driver = Driver::start(seed, &person);
    let node = place.serve().await;
    driver.aim(vec![node.url.clone()]);
    let until = async |what: &str, holds: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !holds() {
            assert!(began.elapsed() < Duration::from_secs(60), "{what}:\n{}", place.log());
            sleep(Duration::from_millis(20)).await;
        }
    };
    for _ in 0..rounds {
        let acknowledged = driver.acknowledged().len();
        until("nothing is acknowledged", &|| driver.acknowledged().len() > acknowledged + 20).await;
        disk.fill();
        let refused = driver.refused();
        until("nothing is refused on a full disk", &|| driver.refused() > refused + 40).await;
        // Reads go on.
        Client::new().get_with(&format!("{}/v1/models", node.url), &person.key).await;
        let told = driver.acknowledged();
        place.verify().await;
        disk.free();
        // On a full disk the tables stay behind the log, and follow without a restart.
        are_charged(&place, &person, &told.iter().collect()).await;
    }
    let acknowledged = driver.acknowledged().len();
    until("nothing is acknowledged any more", &|| driver.acknowledged().len() > acknowledged + 20).await;
    let journal = driver.stop().await;
    place.upstream.idle().await;
    until_nothing_is_held(&place.books().await, &person, Instant::now()).await;
    node.stop().await;
    place.verify().await;
    let found = reckon(&place, &person, &journal).await;
    assert!(journal.broken.is_empty(), "connections of clients broke: {:?}", journal.broken);
    assert!(found.contains(" 0 cut off and not charged"), "{found}");
    place.close().await;
    disk.unmount().await;
    println!("{rounds} times full in {} s, without a restart; {found}", began.elapsed().as_secs());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sync_that_fails_is_never_acknowledged() {
    let points: u64 = if is_release_size() { 500 } else { 20 };
    let (seed, began) = (dice::seed(), Instant::now());
    let place = Place::new(Kind::Sqlite).await;
    let person = place.person("ana@example.com", "1000").await;
    let driver = Driver::start(seed, &person);
    let trace = place.folder.path().join("syncs");
    let mut failed = 0;
    for n in 0..points {
        // One sync alone, or all from one on.
        let when = format!("{}{}", 3 + n % 200 * 2, if n % 2 == 0 { "" } else { "+" });
        let inject = format!("inject=fsync,fdatasync:error=EIO:when={when}");
        let to = trace.to_str().unwrap();
        // As a grandchild, so that the process that is killed is the server itself.
        let strace = ["-D", "-f", "-qq", "--seccomp-bpf", "-o", to, "-e", "trace=fsync,fdatasync", "-e", &inject];
        let node = place.serve_under(tare_under("strace", &strace)).await;
        driver.aim(vec![node.url.clone()]);
        let (refused, began) = (driver.refused(), Instant::now());
        let has_failed = || std::fs::read_to_string(&trace).unwrap().contains("INJECTED");
        while !has_failed() && began.elapsed() < Duration::from_secs(10) {
            sleep(Duration::from_millis(10)).await;
        }
        assert!(has_failed(), "{when}: strace failed no sync:\n{}", place.log());
        sleep(Duration::from_millis(200)).await;
        failed += u64::from(driver.refused() > refused);
        node.process.kill().await;
        place.verify().await;
        are_charged(&place, &person, &driver.acknowledged().iter().collect()).await;
    }
    let node = place.serve().await;
    driver.aim(vec![node.url.clone()]);
    sleep(Duration::from_secs(1)).await;
    let journal = driver.stop().await;
    place.upstream.idle().await;
    until_nothing_is_held(&place.books().await, &person, Instant::now()).await;
    node.stop().await;
    place.verify().await;
    let found = reckon(&place, &person, &journal).await;
    place.close().await;
    println!("{points} syncs failed in {} s, {failed} times requests were refused; {found}", began.elapsed().as_secs());
}
