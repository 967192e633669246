//! Whoever is suspended is refused at once on every node, with their own provider keys too: an organization that does
//! not pay, until its payment; a wallet that an operator has suspended, until they restore it.

use std::net::SocketAddr;
use std::sync::Arc;

use billing::period::Cadence;
use billing::seat::{Plan, Wish as SeatWish};
use connectors::processor::{Processor, sandbox::Sandbox};
use operations::{
    Caller, Outside, Services,
    byok::{self, AddByokKey, ProviderKey},
    dunning::{self, PayDue},
    grant::{self, AdjustWallet},
    operator,
    organization::{self, CreateOrganization, CreatedOrganization},
    payment::{self, AddCard, BeginCard, StoreShelf},
    seat::{self, OrderSeats},
    user::{self, SignUp},
};
use units::{Cents, WalletId};

use crate::http::{Answer, send};
use crate::world::{Books, Wish, World, ask};

const DAY: i64 = 86_400;
const RETURN: &str = "http://localhost/";

/// The world's services with the sandbox as processor.
struct Desk {
    services: Services,
    sandbox: Arc<Sandbox>,
}

impl Desk {
    fn new(world: &World) -> Self {
        let clock = world.clock.clone();
        let shelf = Arc::new(StoreShelf(world.services.store.clone()));
        let sandbox = Arc::new(Sandbox::new(shelf, move || clock.now(), "http://localhost", "secret".to_owned()));
        let processor: Arc<dyn Processor> = sandbox.clone();
        let outside = Outside { processor: Some(processor), ..Outside::default() };
        Self { services: Services { outside, ..world.services.clone() }, sandbox }
    }

    async fn add_card(&self, world: &World, wallet: WalletId, number: &str) {
        let (ctx, caller) = (world.clock.context(), Caller::Operator);
        let begin = BeginCard { caller, wallet, return_url: RETURN.to_owned(), from: None };
        let setup = payment::begin_card(&self.services, &ctx, begin).await.unwrap().id;
        self.sandbox.submit_card(&setup, number).await.unwrap();
        payment::add_card(&self.services, &ctx, AddCard { caller, wallet, setup }).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspended_organization_is_refused_on_both_nodes_and_served_with_its_payment() {
    let mut world = World::with(Wish { books: Books::Postgres, balance: "0", ..Wish::default() }).await;
    let (doors, second) = world.second_node(gateway::Settings::default()).await;
    let desk = Desk::new(&world);
    let (services, caller) = (&desk.services, Caller::Operator);
    let ctx = || world.clock.context();

    // Ana, her organization with two seats, ten dollars, and a key of its own for the provider of one model.
    let ana = SignUp { name: "ana@example.com".to_owned(), country: None };
    let ana = user::sign_up(services, &ctx(), ana).await.unwrap();
    let found = CreateOrganization { name: "Apples".to_owned(), owner: Some(ana.user) };
    let CreatedOrganization { organization, wallet } =
        organization::create(services, &ctx(), &caller, found).await.unwrap();
    let gift = AdjustWallet { wallet, amount: "10".parse().unwrap(), reason: "a test".to_owned(), key: None };
    grant::adjust(services, &ctx(), gift).await.unwrap();
    let key = operations::api_key::CreateApiKey {
        wallet,
        user: Some(ana.user),
        name: "test".to_owned(),
        expires_at: None,
        limit: None,
    };
    let key = operations::api_key::create(services, &ctx(), &caller, key).await.unwrap().secret;
    desk.add_card(&world, wallet, "4242424242424242").await;
    let wish = SeatWish::Subscribe { plan: Plan::Teams, cadence: Cadence::Monthly, seats: 2 };
    let order = OrderSeats {
        caller,
        organization,
        wish,
        quoted: Cents::from_count(3_600),
        card: None,
        key: None,
        return_url: RETURN.to_owned(),
        from: None,
    };
    seat::order(services, &ctx(), order).await.unwrap();

    let nodes = [world.address, second];
    let on = async |node: SocketAddr| -> Answer {
        let bearer = format!("Bearer {key}");
        let headers = [("authorization", &*bearer), ("content-type", "application/json")];
        send(node, "POST", "/v1/chat/completions", &headers, ask("demo/small", "hello").to_string().as_bytes()).await
    };
    let served = async |what: &str| {
        for node in nodes {
            let answer = on(node).await;
            assert_eq!(answer.status, 200, "{what}: {}", answer.text());
        }
    };
    let refused = async |what: &str| {
        let before = world.demo.truth().sum().calls;
        for node in nodes {
            assert_eq!(on(node).await.code(403), "account_suspended", "{what}");
        }
        assert_eq!(world.demo.truth().sum().calls, before, "{what}: the upstream saw a request");
    };

    // The renewal a month later fails: all goes on until the last second of the third day.
    desk.add_card(&world, wallet, "4000000000000341").await;
    let term = seat::show(services, &ctx(), &caller, organization).await.unwrap().seating.subscription.unwrap().term;
    let wait = |until: units::Instant| world.clock.advance((until.micros() - ctx().now.micros()) / 1_000_000);
    wait(term.end());
    world.clock.advance(1);
    seat::advance(services, &ctx(), organization).await.unwrap();
    assert_eq!(dunning::list_due(services, &caller, wallet).await.unwrap().len(), 1);
    served("in grace").await;
    world.clock.advance(3 * DAY - 1);
    served("in the last second of the grace").await;
    world.clock.advance(1);
    refused("at the end of the grace").await;

    // With its own key no credits are needed, and it is refused all the same.
    let own = AddByokKey {
        wallet,
        provider: "demo".to_owned(),
        name: "ours".to_owned(),
        key: ProviderKey::new("sk-own-canary-0001".to_owned()).ok().unwrap(),
    };
    byok::add(services, &world.upstreams(), &ctx(), &caller, own).await.unwrap();
    refused("with a key of its own").await;

    // The payment restores it by its own commit.
    desk.add_card(&world, wallet, "5555555555554444").await;
    refused("with a card that nobody has charged yet").await;
    let pay = PayDue { caller, wallet, card: None, return_url: RETURN.to_owned(), from: None };
    assert_eq!(dunning::pay_due(services, &ctx(), pay).await.unwrap().len(), 1);
    served("paid").await;
    let after = seat::show(services, &ctx(), &caller, organization).await.unwrap().seating.subscription.unwrap();
    assert_eq!((after.term, after.is_paid), (term.next(Cadence::Monthly), true), "the billing date stays");
    doors.close().await;
    drop(desk);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_whom_an_operator_suspends_is_refused_on_both_nodes_until_restored() {
    let mut world = World::with(Wish { books: Books::Postgres, ..Wish::default() }).await;
    let (doors, second) = world.second_node(gateway::Settings::default()).await;
    let (services, caller, wallet) = (&world.services, Caller::Operator, world.wallet);
    let ctx = || world.clock.context();
    let on = async |node: SocketAddr, model: &str| -> Answer {
        let bearer = format!("Bearer {}", world.key);
        let headers = [("authorization", &*bearer), ("content-type", "application/json")];
        send(node, "POST", "/v1/chat/completions", &headers, ask(model, "hello").to_string().as_bytes()).await
    };
    let served = async |what: &str| {
        for (node, model) in [(world.address, "demo/small"), (second, "demo/chat:free")] {
            let answer = on(node, model).await;
            assert_eq!(answer.status, 200, "{what}: {}", answer.text());
        }
    };
    served("before").await;

    let suspended = operator::suspend(services, &ctx(), &caller, wallet, "a stolen card").await.unwrap();
    assert!(!suspended.goes_on());
    let before = world.demo.truth().sum().calls;
    for node in [world.address, second] {
        for model in ["demo/small", "demo/chat:free"] {
            let answer = on(node, model).await;
            assert!(answer.text().contains("who says: a stolen card"), "{}", answer.text());
            assert_eq!(answer.code(403), "account_suspended", "{model}");
        }
    }
    // With an own key no credits are needed, and it is refused all the same.
    let own = AddByokKey {
        wallet,
        provider: "demo".to_owned(),
        name: "mine".to_owned(),
        key: ProviderKey::new("sk-own-canary-0002".to_owned()).ok().unwrap(),
    };
    byok::add(services, &world.upstreams(), &ctx(), &caller, own).await.unwrap();
    assert_eq!(on(second, "demo/small").await.code(403), "account_suspended");
    assert_eq!(world.demo.truth().sum().calls, before, "the upstream saw a request");

    operator::restore(services, &ctx(), &caller, wallet, None, "it was not").await.unwrap();
    served("restored").await;
    doors.close().await;
    world.close().await;
}
