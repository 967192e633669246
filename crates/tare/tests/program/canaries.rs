//! T18: whatever a person, an operator or a stranger does, and however it ends, no secret is written down but as a hash
//! or under a key: not in a log (all levels), a database with its write-ahead log, an answer, a line of a command, a
//! mail or the list of processes. What is shown once is taken out of that one answer, and nowhere else.

mod echo;
mod scan;
mod walk;
mod written;

use tokio::time::Instant;

use self::walk::Walk;
use crate::servers::Kind;

async fn no_secret_is_written_down(kind: Kind) {
    let began = Instant::now();
    let mut walk = Walk::start(kind).await;
    walk.commands_before().await;
    let mut node = walk.serve().await;
    walk.set_up(&mut node).await;
    for n in 0..4 {
        walk.sign_in(&node, &format!("canary-{n}@example.com")).await;
    }
    walk.device(&node).await;
    walk.card(&node).await;
    walk.chats(&node).await;
    walk.refused(&node).await;
    walk.processes();
    walk.kill_in_the_middle(node).await;
    // What a killed server leaves lies there as it was.
    walk.databases().await;
    let node = walk.serve_with_mail_server().await;
    walk.undelivered(&node).await;
    walk.processes();
    node.stop().await;
    let node = walk.serve_with_stripe().await;
    walk.payments(&node).await;
    walk.processes();
    node.stop().await;
    walk.commands_behind().await;
    walk.databases().await;
    println!("{kind:?}: {}, {} s", walk.finish().await, began.elapsed().as_secs());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite() {
    no_secret_is_written_down(Kind::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    no_secret_is_written_down(Kind::Postgres).await;
}
