//! Jobs are carried out once, later, or given up with a word about why.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use connectors::mail::{KeptMail, Letter, Mail, MailFault, Mailer, Postbox, Sending};
use operations::jobs::{self, Ran};
use operations::sign_in::{RedeemCode, SendCode, SignedIn, redeem_code, send_code};
use operations::{Door, Error};
use store::Fault;
use units::Seconds;

use crate::world::World;

/// Refuses a number of times, then passes on.
struct Moody {
    refusals: AtomicU32,
    fault: MailFault,
    kept: Arc<KeptMail>,
}

impl Mailer for Moody {
    fn send<'a>(&'a self, from: &'a connectors::mail::Sender, mail: &'a Mail) -> Sending<'a> {
        let is_refused = self.refusals.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        match is_refused {
            Ok(_) => Box::pin(async move { Err(self.fault.clone()) }),
            Err(_) => self.kept.send(from, mail),
        }
    }
}

async fn world(refusals: u32, fault: MailFault) -> World {
    let mut world = World::new().await;
    let mailer = Moody { refusals: refusals.into(), fault, kept: world.kept.clone() };
    world.services.outside.postbox = Postbox { mailer: Arc::new(mailer), ..Postbox::in_memory(world.kept.clone()) };
    world
}

async fn write(world: &World, to: &str) {
    let text = |text: &str| text.to_owned();
    let letter = Letter::RoleChanged { organization: text("Acme"), changed_by: text("Ben"), role: text("admin") };
    let job = jobs::mail(&world.context(), to, letter);
    let written = world.services.store.write(async move |tx| tx.insert_job(&job).await);
    written.await.unwrap_or_else(|fault: Fault| panic!("{fault}"));
}

/// Asks for a sign-in code, and answers its challenge.
async fn ask(world: &World) -> String {
    let request = SendCode { email: "ana@example.com".to_owned(), from: IpAddr::from([192, 0, 2, 1]) };
    send_code(&world.services, &world.context(), request).await.unwrap().challenge
}

async fn redeem(world: &World, challenge: &str, code: &str) -> Result<SignedIn, Error> {
    let request = RedeemCode { challenge: challenge.to_owned(), code: code.to_owned(), client: "Firefox".to_owned() };
    redeem_code(&world.services, &world.context(), request).await
}

fn busy() -> MailFault {
    MailFault::Temporary("451 try again".to_owned())
}

const DONE: Ran = Ran { done: 1, put_off: 0, given_up: 0 };
const PUT_OFF: Ran = Ran { done: 0, put_off: 1, given_up: 0 };
const GIVEN_UP: Ran = Ran { done: 0, put_off: 0, given_up: 1 };
const NOTHING: Ran = Ran { done: 0, put_off: 0, given_up: 0 };

#[tokio::test]
async fn a_mail_that_fails_is_sent_later_and_once() {
    let world = world(2, busy()).await;
    write(&world, "ana@example.com").await;
    assert_eq!(world.run().await, PUT_OFF);
    assert_eq!(world.run().await, NOTHING);
    world.clock.wait(10);
    assert_eq!(world.run().await, PUT_OFF);
    world.clock.wait(59);
    assert_eq!(world.run().await, NOTHING);
    world.clock.wait(1);
    assert_eq!(world.run().await, DONE);
    let mails = world.kept.take();
    assert_eq!((mails.len(), mails[0].to.as_str()), (1, "ana@example.com"));
    assert!(mails[0].text.contains("an admin") && mails[0].html.contains("an admin"));
}

#[tokio::test]
async fn a_mail_that_nobody_takes_is_given_up() {
    let world = world(1, MailFault::Permanent("550 no such reader".to_owned())).await;
    write(&world, "nobody@example.com").await;
    assert_eq!(world.run().await, GIVEN_UP);
    assert_eq!(world.run().await, NOTHING);
    let given_up = world.services.store.reader().list_given_up_jobs(None, 10).await.unwrap();
    assert_eq!((given_up.len(), given_up[0].last_error.as_str()), (1, "550 no such reader"));
}

/// A code is good for ten minutes; a server that is away for longer makes it worthless.
#[tokio::test]
async fn a_code_that_ran_out_is_not_sent() {
    let world = world(1, busy()).await;
    ask(&world).await;
    assert_eq!(world.run().await, PUT_OFF);
    world.clock.wait(600);
    assert_eq!(world.run().await, GIVEN_UP);
    assert!(world.kept.take().is_empty());
}

/// Each try draws its own digits, and those that arrived are right. Until then none are.
#[tokio::test]
async fn a_code_is_made_when_its_mail_goes_out() {
    let world = world(1, busy()).await;
    let challenge = ask(&world).await;
    assert_eq!(world.run().await, PUT_OFF);
    world.clock.wait(10);
    assert_eq!(world.run().await, DONE);
    let mails = world.kept.take();
    let is_code = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let code = mails[0].text.split_whitespace().find(is_code).unwrap();
    assert!(mails[0].html.contains(code) && !mails[0].subject.contains(code));
    redeem(&world, &challenge, code).await.unwrap();
}

/// Five wrong tries before the mail is out end the challenge, and no mail follows.
#[tokio::test]
async fn a_challenge_that_is_closed_gets_no_mail() {
    let world = world(0, busy()).await;
    let challenge = ask(&world).await;
    for _ in 0..5 {
        assert_eq!(redeem(&world, &challenge, "123456").await.unwrap_err().code(), "code_wrong");
    }
    assert_eq!(world.run().await, DONE);
    assert!(world.kept.take().is_empty());
}

#[tokio::test]
async fn an_address_that_is_none_is_given_up_and_stops_no_other() {
    let world = world(0, busy()).await;
    write(&world, "ana@example.com\r\nBcc: all@example.com").await;
    write(&world, "ben@example.com").await;
    assert_eq!(world.run().await, Ran { done: 1, put_off: 0, given_up: 1 });
    assert_eq!(world.kept.take().len(), 1);
}

/// A node that dies with a claim: the job is done by another when the lease has run out.
#[tokio::test]
async fn a_job_comes_back_from_a_node_that_died() {
    let world = world(0, busy()).await;
    write(&world, "ana@example.com").await;
    let now = world.clock.context().now;
    let claimed = world.services.store.write(async move |tx| tx.claim_jobs(now, now.plus(Seconds(300)), 1).await);
    let claimed: Result<Vec<store::Job>, Fault> = claimed.await;
    assert_eq!(claimed.unwrap().len(), 1);
    world.clock.wait(299);
    assert_eq!(world.run().await, NOTHING);
    world.clock.wait(1);
    assert_eq!(world.run().await, DONE);
}
