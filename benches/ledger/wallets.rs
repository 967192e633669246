//! How many bytes a live wallet takes in memory.
//!
//! What the system says of a process is the figure that an operator pays for, but it never goes down again. So the
//! wallets are made by one process and brought to life in another, whose caches are filled first.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use benches::{Failure, Scratch, memory};
use tokio::process::Command;

use crate::books::Books;
use crate::load::fill;
use crate::request::Shape;
use crate::tare::Tare;

/// Fewer than the store keeps in memory.
const WALLETS: usize = 40_000;
/// Of these, so many live already when it is first looked at.
const BEFORE: usize = 4_000;
/// Enough charges to fill the page cache of the database.
const FILLING: u64 = 300_000;

/// Makes the wallets, and measures them in a process of its own.
pub async fn measure(scratch: &Scratch) -> Result<Option<f64>, Failure> {
    let path = scratch.sqlite("wallets");
    let tare = Tare::sqlite(&path).await?;
    tare.sign_up(0, WALLETS + 1).await?;
    tare.close().await;
    let mut measuring = Command::new(std::env::current_exe()?);
    measuring.arg("--measure-wallets").arg("--folder").arg(&path).stderr(Stdio::inherit());
    let output = measuring.output().await?;
    if !output.status.success() {
        return Err("the process that measures wallets failed".into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().parse().ok())
}

/// In that process: prints the bytes, or nothing when the system does not tell.
pub async fn measure_here(path: &Path) -> Result<(), Failure> {
    let books = Arc::new(Books::Tare(Tare::sqlite(path).await?));
    fill(&books, Shape::Spread(BEFORE), FILLING, |_| ()).await?;
    let before = memory();
    // Eight chances for each wallet miss one in three thousand.
    fill(&books, Shape::Spread(WALLETS), 8 * WALLETS as u64, |_| ()).await?;
    if let (Some(before), Some(after)) = (before, memory()) {
        println!("{:.0}", (after as f64 - before as f64) / (WALLETS - BEFORE) as f64);
    }
    Ok(())
}
