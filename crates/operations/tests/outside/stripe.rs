//! The same story through `localstripe` over HTTP leaves the same books as through the sandbox.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use billing::Catalog;
use connectors::outgoing::Outgoing;
use connectors::processor::stripe::{Stripe, StripeSecrets, StripeSettings};
use connectors::processor::{PaymentStatus, Processor};
use connectors::secret::Secret;
use operations::payment::{self, BuyCredits, PaymentState};
use operations::refund::{RefundPurchase, refund_purchase};
use operations::user::{SignUp, sign_up};
use operations::{Caller, Error};
use serde_json::Value;
use store::{CardRow, Database, Fault};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use units::{Amount, CardId, Cents, Instant, PaymentId, WalletId};

use crate::world::{World, scratch_folder};

const EVENTS_SECRET: &str = "whsec_canary";

/// Where the money is: localstripe behind the real client, or the sandbox.
enum Side {
    Stripe(Box<Server>),
    Sandbox,
}

/// localstripe, and what its own doors are asked directly: cards, as Stripe's page would make them.
struct Server {
    http: Outgoing,
    listener: TcpListener,
    _child: Child,
}

impl Server {
    /// Starts one and puts it in the place of the world's processor.
    async fn start(world: &mut World) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let python = root.join(".tools/outside/venv/bin/python");
        assert!(python.exists(), "{} is missing; `tools/setup outside` brings it", python.display());
        let mut child = Command::new(python)
            .arg(root.join("tests/outside/stripe_server.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let said: Value = serde_json::from_str(&said.next_line().await.unwrap().unwrap()).unwrap();
        let address = format!("http://127.0.0.1:{}", said["port"]);
        let settings = StripeSettings { base_url: address.clone(), ..StripeSettings::default() };
        let secrets = StripeSecrets {
            api_key: Secret::new("sk_test_canary".to_owned()),
            webhook_secret: Secret::new(EVENTS_SECRET.to_owned()),
        };
        let processor: Arc<dyn Processor> = Arc::new(Stripe::new(&settings, secrets).unwrap());
        world.services.outside.processor = Some(processor);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { http: Outgoing::to(&address, false).unwrap(), listener, _child: child };
        let url = format!("url=http://{}/events&secret={EVENTS_SECRET}", server.listener.local_addr().unwrap());
        server.post("/_config/webhooks/tare", &url).await;
        server
    }

    async fn post(&self, path: &str, form: &str) -> Value {
        let request = http::Request::post(self.http.at(path).unwrap())
            .header("authorization", "Bearer sk_test_canary")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.as_bytes().to_vec());
        serde_json::from_slice(self.http.send(request.unwrap()).await.unwrap().body()).unwrap_or_default()
    }

    /// A card, as if it had been typed on Stripe's page, which localstripe has not.
    async fn add_card(&self, world: &World, wallet: WalletId, number: &str) {
        let processor = world.services.outside.processor.clone().unwrap();
        let known = world.services.store.reader().find_customer(wallet, processor.name()).await.unwrap();
        let customer = match known {
            Some(customer) => customer,
            None => processor.create_customer(&wallet.to_string(), "customer").await.unwrap(),
        };
        let form = format!("type=card&card[number]={number}&card[exp_month]=12&card[exp_year]=2040&card[cvc]=123");
        let method = self.post("/v1/payment_methods", &form).await["id"].as_str().unwrap().to_owned();
        self.post(&format!("/v1/payment_methods/{method}/attach"), &format!("customer={customer}")).await;
        let told = processor.get_method(&method).await.unwrap();
        assert_eq!((told.customer.as_str(), told.last4.as_str()), (customer.as_str(), &number[12..]));
        // The setup of a card takes an id as well.
        world.context().ids.uuid();
        let now = world.context().now;
        let row = CardRow {
            id: CardId::from_uuid(world.context().ids.uuid()),
            wallet,
            processor: processor.name().to_owned(),
            foreign_id: method,
            brand: told.brand,
            last4: told.last4,
            exp_month: told.exp_month.into(),
            exp_year: told.exp_year.into(),
            fingerprint: told.fingerprint,
            added_at: now,
            removed_at: None,
        };
        let written = world.services.store.write(async move |tx| {
            tx.insert_customer(wallet, &row.processor, &customer, now).await?;
            tx.insert_card(&row).await
        });
        written.await.unwrap_or_else(|fault: Fault| panic!("{fault}"));
    }

    /// The person says yes to their bank in a window of Stripe's script.
    async fn approve(&self, object: &str) {
        let path = format!("/v1/payment_intents/{object}");
        let shown = self.post(&path, "metadata[shown]=yes").await;
        let form = format!("client_secret={}&success=true", shown["client_secret"].as_str().unwrap());
        assert_eq!(self.post(&format!("{path}/_authenticate"), &form).await["status"], "succeeded");
    }

    /// The event that tells of this payment's success, as it came over the wire: its signature and its bytes.
    async fn event_of(&self, object: &str) -> (String, Vec<u8>) {
        loop {
            let (signature, body) = take(&self.listener).await;
            let told: Value = serde_json::from_slice(&body).unwrap();
            if told["type"] == "payment_intent.succeeded" && told["data"]["object"]["id"] == object {
                return (signature, body);
            }
        }
    }
}

impl Side {
    async fn add_card(&self, world: &World, wallet: WalletId, number: &str) {
        match self {
            Self::Stripe(server) => server.add_card(world, wallet, number).await,
            Self::Sandbox => crate::payments::add_card(world, wallet, number).await.unwrap(),
        }
    }

    /// The person says yes to their bank, and nobody tells us but the event.
    async fn approve(&self, world: &World, object: &str) {
        match self {
            Self::Stripe(server) => server.approve(object).await,
            Self::Sandbox => _ = world.sandbox.answer_payment(object, true).await.unwrap(),
        }
    }

    /// The signed event of a success, and when it was signed.
    async fn event_of(&self, world: &World, object: &str) -> (String, Vec<u8>) {
        match self {
            Self::Stripe(server) => server.event_of(object).await,
            Self::Sandbox => {
                let told = world.sandbox.collect().await.unwrap();
                let event = told.into_iter().find(|event| event.id == format!("evt_payment_intent_succeeded_{object}"));
                let event = event.unwrap();
                (event.signature, event.body)
            }
        }
    }
}

async fn buy(world: &World, wallet: WalletId, key: &str) -> Result<PaymentState, Error> {
    let request = BuyCredits {
        caller: Caller::Operator,
        wallet,
        amount: Cents::from_count(2000),
        card: None,
        key: Some(key.to_owned()),
        return_url: "http://localhost/credits".to_owned(),
        from: None,
    };
    payment::buy(&world.services, &world.context(), request).await.map(|bought| bought.state)
}

async fn balance(world: &World, wallet: WalletId) -> Amount {
    let wallet = world.services.store.reader().load_wallet(wallet).await.unwrap().unwrap();
    wallet.balance(world.context().now)
}

/// The processor's id of the wallet's n-th payment, and how we know it.
async fn object_of(world: &World, wallet: WalletId, index: usize) -> (PaymentId, String) {
    let reader = world.services.store.reader();
    let payment = reader.list_payments(wallet, None, 10).await.unwrap()[index].id;
    (payment, reader.find_attempt(payment).await.unwrap().unwrap().foreign_id.unwrap())
}

/// A purchase, a decline, an authentication that only an event tells of, refunds, and looks at all of it later.
async fn tell_story(world: &World, side: &Side) {
    let request = SignUp { name: "ana@example.com".to_owned(), country: None };
    let wallet = sign_up(&world.services, &world.context(), request).await.unwrap().wallet;

    side.add_card(world, wallet, "4242424242424242").await;
    assert_eq!(buy(world, wallet, "k1").await.unwrap(), PaymentState::Paid);
    assert_eq!(buy(world, wallet, "k1").await.unwrap(), PaymentState::Paid, "the same wish is paid once");
    assert_eq!(balance(world, wallet).await, Amount::from_dollars(25));

    side.add_card(world, wallet, "4000000000000341").await;
    assert_eq!(buy(world, wallet, "k2").await.unwrap_err().code(), "card_declined");
    let (declined, object) = object_of(world, wallet, 1).await;
    let attempt = world.services.store.reader().find_attempt(declined).await.unwrap().unwrap();
    assert_eq!((attempt.state.as_str(), attempt.code.as_deref()), ("declined", Some("card_declined")));
    let told = world.services.outside.processor.clone().unwrap().get_payment(&object).await.unwrap();
    assert_eq!(told.status, PaymentStatus::Canceled, "nothing can revive it");
    assert_eq!(balance(world, wallet).await, Amount::from_dollars(25));

    side.add_card(world, wallet, "4000002760003184").await;
    assert_ne!(buy(world, wallet, "k3").await.unwrap(), PaymentState::Paid, "its bank asks");
    let (_, object) = object_of(world, wallet, 2).await;
    side.approve(world, &object).await;
    assert_eq!(balance(world, wallet).await, Amount::from_dollars(25));
    let (signature, body) = side.event_of(world, &object).await;
    take_event(world, &signature, &body).await;
    assert_eq!(balance(world, wallet).await, Amount::from_dollars(45));

    let (payment, _) = object_of(world, wallet, 0).await;
    for (cents, key) in [(725, "r1"), (725, "r1"), (300, "r2")] {
        let request = RefundPurchase {
            caller: Caller::Operator,
            wallet,
            payment,
            amount: Some(Cents::from_count(cents)),
            reason: "not wanted".to_owned(),
            key: Some(key.to_owned()),
        };
        assert!(refund_purchase(&world.services, &world.context(), request).await.unwrap().is_paid);
    }
    assert_eq!(balance(world, wallet).await, "34.75".parse().unwrap());
    for _ in 0..40 {
        world.clock.wait(24 * 3600);
        world.run().await;
    }
}

/// Takes an event by the door, twice, and forged. The signature's time is its server's, and so is the clock that judges it.
async fn take_event(world: &World, signature: &str, body: &[u8]) {
    let seconds: i64 = signature.split([',', '=']).nth(1).unwrap().parse().unwrap();
    let mut ctx = world.context();
    ctx.now = Instant::from_micros(seconds * 1_000_000);
    let mut forged = body.to_vec();
    forged.push(b' ');
    let refused = payment::receive_event(&world.services, &ctx, signature, &forged).await.unwrap_err();
    assert_eq!(refused.code(), "event_refused");
    assert!(payment::receive_event(&world.services, &ctx, signature, body).await.unwrap());
    assert!(!payment::receive_event(&world.services, &ctx, signature, body).await.unwrap());
    world.run().await;
}

async fn books(world: &World) -> String {
    let mut dump = Vec::new();
    store::dump(world.services.store.reader(), &mut dump).await.unwrap();
    String::from_utf8(dump).unwrap()
}

#[tokio::test]
async fn the_same_story_leaves_the_same_books_through_stripe_and_through_the_sandbox() {
    let mut over_http = World::new().await;
    let server = Server::start(&mut over_http).await;
    tell_story(&over_http, &Side::Stripe(Box::new(server))).await;
    let sandbox = World::new().await;
    tell_story(&sandbox, &Side::Sandbox).await;
    let (one, other) = (books(&over_http).await, books(&sandbox).await);
    assert!(one.lines().count() > 20, "{one}");
    assert_eq!(one, other);
}

/// Nobody listens where Stripe knocks; what it would have told is asked for, and comes once.
#[tokio::test]
async fn what_stripe_could_not_bring_is_asked_for() {
    let folder = scratch_folder();
    let database = Database::Sqlite(folder.path().join("tare.db"));
    // localstripe lives in the present: to this clock all its events are new.
    let start = "2026-01-31T00:00:00Z".parse().unwrap();
    let mut world = World::on(&database, folder, start, 0, Catalog::embedded()).await;
    let server = Server::start(&mut world).await;
    let request = SignUp { name: "ana@example.com".to_owned(), country: None };
    let wallet = sign_up(&world.services, &world.context(), request).await.unwrap().wallet;
    server.add_card(&world, wallet, "4000002760003184").await;
    buy(&world, wallet, "k").await.unwrap();
    let (_, object) = object_of(&world, wallet, 0).await;
    server.approve(&object).await;
    assert_eq!(balance(&world, wallet).await, Amount::from_dollars(5), "nobody has told us");
    let missed = payment::catch_up(&world.services, &world.context()).await.unwrap();
    assert!(missed > 0, "customers and payments have events");
    world.run().await;
    assert_eq!(balance(&world, wallet).await, Amount::from_dollars(25));
    world.clock.wait(300);
    assert_eq!(payment::catch_up(&world.services, &world.context()).await.unwrap(), 0);
    let processor = world.services.outside.processor.clone().unwrap();
    let future = "2200-01-01T00:00:00Z".parse().unwrap();
    assert!(processor.list_events(future, None).await.unwrap().events.is_empty(), "older ones are left out");
}

/// One request: the header of the signature, and the bytes of the body.
async fn take(listener: &TcpListener) -> (String, Vec<u8>) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    let head = loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.unwrap();
        assert!(read > 0, "the sender left");
        bytes.extend_from_slice(&part[..read]);
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
    };
    let header = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let value = |name: &str| {
        let line = header.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        });
        line.unwrap_or_else(|| panic!("no {name} in {header}"))
    };
    let length: usize = value("content-length").parse().unwrap();
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.unwrap();
        assert!(read > 0, "the sender left");
        body.extend_from_slice(&part[..read]);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
    (value("stripe-signature"), body)
}
