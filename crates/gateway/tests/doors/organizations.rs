//! Whose credits are spent, by whom, and within which rules.

use billing::{LimitPeriod, Policy, Role, SpendingLimit, policy::DataPolicy};
use operations::{
    Caller,
    api_key::{self, CreateApiKey},
    grant::{self, AdjustWallet},
    member,
    organization::{self, CreateOrganization, CreatedOrganization},
    policy,
    user::{self, SignUp},
};
use store::MemberRow;
use units::{Amount, OrganizationId, UserId, WalletId};

use crate::{
    http::Answer,
    world::{Wish, World, ask, upstream},
};

struct Person {
    user: UserId,
    wallet: WalletId,
    key: String,
}

/// An organization of the owner's with credits, a member, and somebody else.
struct Team {
    world: World,
    id: OrganizationId,
    wallet: WalletId,
    owner: Person,
    member: Person,
    stranger: Person,
}

async fn person(world: &World, name: &str) -> Person {
    let (services, ctx) = (&world.services, world.clock.context());
    let name = SignUp { name: name.to_owned(), country: None };
    let signed_up = user::sign_up(services, &ctx, name).await.unwrap();
    let key = key(world, signed_up.wallet, signed_up.user, None).await;
    Person { user: signed_up.user, wallet: signed_up.wallet, key }
}

async fn key(world: &World, wallet: WalletId, user: UserId, limit: Option<SpendingLimit>) -> String {
    let request = CreateApiKey { wallet, user: Some(user), name: "test".to_owned(), expires_at: None, limit };
    let created = api_key::create(&world.services, &world.clock.context(), &Caller::Operator, request).await;
    created.unwrap().secret
}

async fn give(world: &World, wallet: WalletId, amount: &str) {
    let gift = AdjustWallet { wallet, amount: amount.parse().unwrap(), reason: "a test".to_owned(), key: None };
    grant::adjust(&world.services, &world.clock.context(), gift).await.unwrap();
}

impl Team {
    async fn found(wish: Wish) -> Self {
        let world = World::with(wish).await;
        let owner = person(&world, "ana@example.com").await;
        let request = CreateOrganization { name: "Apples".to_owned(), owner: Some(owner.user) };
        let ctx = world.clock.context();
        let created = organization::create(&world.services, &ctx, &Caller::Operator, request).await.unwrap();
        let CreatedOrganization { organization: id, wallet } = created;
        give(&world, wallet, "1").await;
        let (member, stranger) = (person(&world, "ben@example.com").await, person(&world, "cem@example.com").await);
        let team = Self { world, id, wallet, owner, member, stranger };
        team.join(&team.member, Role::Member).await;
        team
    }

    async fn join(&self, person: &Person, role: Role) {
        let (organization, user, joined_at) = (self.id, person.user, self.world.clock.now());
        let row = MemberRow { organization, user, role, daily_limit: None, joined_at, last_active_at: None };
        self.world.services.store.write(async move |tx| tx.insert_member(&row).await).await.unwrap();
    }

    /// Asks for the organization with a personal key.
    async fn ask(&self, key: &str) -> Answer {
        self.ask_of(key, &self.id.to_string()).await
    }

    async fn ask_of(&self, key: &str, organization: &str) -> Answer {
        self.world.chat_as(key, &[("x-tare-organization", organization)], &ask("demo/small", "hello")).await
    }

    async fn set_policy(&self, policy: Policy) {
        let ctx = self.world.clock.context();
        policy::set(&self.world.services, &ctx, &Caller::Operator, self.id, policy).await.unwrap();
    }

    async fn balance(&self, wallet: WalletId) -> Amount {
        let books = self.world.services.store.reader().load_wallet(wallet).await.unwrap().unwrap();
        books.balance(self.world.clock.now())
    }

    fn calls(&self) -> u64 {
        self.world.demo.truth().sum().calls
    }
}

#[tokio::test]
async fn the_header_picks_the_organizations_credits() {
    let team = Team::found(Wish::default()).await;
    give(&team.world, team.member.wallet, "1").await;
    let one = Amount::from_dollars(1);
    let bare = team.id.uuid().to_string();
    let key = &*team.member.key;
    for headers in [
        [("x-tare-organization", &*team.id.to_string())],
        [("x-kilocode-organizationid", &*team.id.to_string())],
        [("X-KILOCODE-ORGANIZATIONID", &*bare)],
    ] {
        let before = team.balance(team.wallet).await;
        let answer = team.world.chat_as(key, &headers, &ask("demo/small", "hello")).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let cost = team.world.demo.truth().calls().pop().unwrap().billed;
        let row = team.world.services.store.reader().list_charges(team.wallet, None, 1).await.unwrap().remove(0);
        assert_eq!((row.charge.cost, row.usage.unwrap().user), (cost, Some(team.member.user)));
        assert_eq!(team.balance(team.wallet).await, before.checked_sub(row.charge.debited).unwrap());
    }
    assert_eq!(team.balance(team.member.wallet).await, one, "the member's own credits are untouched");
    // Without the header it is the member who pays, and a key of the organization needs none.
    assert_eq!(team.world.chat_as(key, &[], &ask("demo/small", "hello")).await.status, 200);
    assert!(team.balance(team.member.wallet).await < one);
    let before = team.balance(team.wallet).await;
    let own = self::key(&team.world, team.wallet, team.member.user, None).await;
    assert_eq!(team.world.chat_as(&own, &[], &ask("demo/small", "hello")).await.status, 200);
    assert_eq!(team.ask(&own).await.status, 200);
    assert!(team.balance(team.wallet).await < before);
    // Two names are not one.
    let both = [("x-tare-organization", &*team.id.to_string()), ("x-kilocode-organizationid", "another")];
    assert_eq!(team.world.chat_as(key, &both, &ask("demo/small", "hello")).await.status, 401);
    team.world.close().await;
}

#[tokio::test]
async fn a_foreign_organization_is_as_absent_as_one_that_is_not_there() {
    let team = Team::found(Wish::default()).await;
    let absent = OrganizationId::from_uuid(uuid::Uuid::now_v7()).to_string();
    let told = async |key: &str, organization: &str| {
        let answer = team.ask_of(key, organization).await;
        (answer.status, answer.text().replace(organization, "ORGANIZATION"))
    };
    let nothing = told(&team.stranger.key, &absent).await;
    assert_eq!(nothing.0, 404);
    assert!(nothing.1.contains("\"code\":\"not_found\""), "{}", nothing.1);
    assert_eq!(told(&team.stranger.key, &team.id.to_string()).await, nothing);
    // The key of one organization is none of another, also for a member of both.
    let request = CreateOrganization { name: "Pears".to_owned(), owner: Some(team.member.user) };
    let ctx = team.world.clock.context();
    let pears = organization::create(&team.world.services, &ctx, &Caller::Operator, request).await.unwrap();
    let own = key(&team.world, team.wallet, team.member.user, None).await;
    assert_eq!(told(&own, &pears.organization.to_string()).await, nothing);
    // And so for whoever has left; their keys for it end.
    assert_eq!(team.ask(&team.member.key).await.status, 200);
    member::remove(&team.world.services, &ctx, &Caller::Operator, team.id, team.member.user).await.unwrap();
    assert_eq!(told(&team.member.key, &team.id.to_string()).await, nothing);
    assert_eq!(team.world.chat_as(&own, &[], &ask("demo/small", "hello")).await.code(401), "unauthenticated");
    for path in ["defaults", "models", "modes"] {
        let of = async |organization: &str| {
            let bearer = format!("Bearer {}", team.stranger.key);
            let path = format!("/api/organizations/{organization}/{path}");
            let answer = crate::http::send(team.world.address, "GET", &path, &[("authorization", &bearer)], b"").await;
            (answer.status, answer.text().replace(organization, "ORGANIZATION"))
        };
        assert_eq!(of(&team.id.to_string()).await, of(&absent).await, "{path}");
        assert_eq!(of(&absent).await.0, 404);
    }
    assert_eq!(team.calls(), 1);
    team.world.close().await;
}

#[tokio::test]
async fn a_billing_manager_does_not_use_credits() {
    let team = Team::found(Wish::default()).await;
    team.join(&team.stranger, Role::BillingManager).await;
    assert_eq!(team.ask(&team.stranger.key).await.code(403), "forbidden");
    assert_eq!(team.calls(), 0);
    team.world.close().await;
}

#[tokio::test]
async fn a_policy_is_asked_before_anything_is_held() {
    let team = Team::found(Wish::default()).await;
    let mut policy = Policy::default();
    policy.models.deny = vec!["demo/small".to_owned()];
    team.set_policy(policy.clone()).await;
    let error = team.ask(&team.member.key).await.error(404);
    assert_eq!((&error["code"], &error["param"]), (&"model_not_allowed".into(), &"model".into()));
    assert!(error["message"].as_str().unwrap().contains("the model is not allowed"), "{error}");
    // Alone, the member may.
    give(&team.world, team.member.wallet, "1").await;
    assert_eq!(team.world.chat_as(&team.member.key, &[], &ask("demo/small", "hello")).await.status, 200);
    let list = async |headers: &[(&str, &str)]| {
        let bearer = format!("Bearer {}", team.member.key);
        let headers: Vec<(&str, &str)> =
            [("authorization", &*bearer)].into_iter().chain(headers.iter().copied()).collect();
        let answer = crate::http::send(team.world.address, "GET", "/v1/models", &headers, b"").await;
        answer.text().contains("\"demo/small\"")
    };
    let name = team.id.to_string();
    assert!(list(&[]).await && !list(&[("x-tare-organization", &name)]).await);

    policy.models.deny.clear();
    policy.providers.allow = vec!["another*".to_owned()];
    team.set_policy(policy.clone()).await;
    let error = team.ask(&team.member.key).await.error(404);
    assert!(error["message"].as_str().unwrap().contains("none of its providers is allowed"), "{error}");

    policy.providers.allow.clear();
    policy.data = DataPolicy::NoTraining;
    team.set_policy(policy.clone()).await;
    let error = team.ask(&team.member.key).await.error(404);
    assert!(error["message"].as_str().unwrap().contains("may train on prompts"), "{error}");

    policy.data = DataPolicy::Any;
    team.set_policy(policy).await;
    assert_eq!(team.ask(&team.owner.key).await.status, 200);
    assert_eq!(team.calls(), 2);
    team.world.close().await;
}

/// An upstream that is said not to train may be used.
#[tokio::test]
async fn the_data_policy_believes_the_operator() {
    let upstreams = |demo: &connectors::demo::RunningDemo| {
        let mut settings = upstream("demo", &demo.base_url());
        settings.trains_on_prompts = false;
        vec![settings]
    };
    let team = Team::found(Wish { upstreams, ..Wish::default() }).await;
    team.set_policy(Policy { data: DataPolicy::NoTraining, ..Policy::default() }).await;
    assert_eq!(team.ask(&team.member.key).await.status, 200);
    team.world.close().await;
}

#[tokio::test]
async fn a_daily_limit_clamps_and_then_refuses() {
    let team = Team::found(Wish::default()).await;
    let (services, ctx) = (&team.world.services, team.world.clock.context());
    let limit = |amount: &str| Some(amount.parse::<Amount>().unwrap());
    let set = async |amount: Option<Amount>| {
        let (id, user) = (team.id, team.member.user);
        member::set_daily_limit(services, &ctx, &Caller::Operator, id, user, amount).await.unwrap();
    };
    set(limit("0.0001")).await;
    let body = ask("demo/small", "hello [[tokens=4000]]");
    let headers = [("x-tare-organization", &*team.id.to_string())];
    let answer = team.world.chat_as(&team.member.key, &headers, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.text().contains("\"finish_reason\":\"length\""), "clamped to what the limit leaves");
    let spent = Amount::from_dollars(1).checked_sub(team.balance(team.wallet).await).unwrap();
    assert!(spent <= limit("0.0001").unwrap(), "{spent}");
    let refused = team.world.chat_as(&team.member.key, &headers, &body).await;
    let error = refused.error(403);
    assert_eq!(error["code"], "daily_limit_reached");
    assert!(error["message"].as_str().unwrap().contains(&format!("{spent} is spent")), "{error}");
    assert_eq!(team.calls(), 1);
    // Others, their own credits and the next day (UTC) are free of it.
    assert_eq!(team.ask(&team.owner.key).await.status, 200);
    team.world.clock.advance(2);
    assert_eq!(team.ask(&team.member.key).await.status, 200);
    set(limit("0")).await;
    assert_eq!(team.ask(&team.member.key).await.code(403), "daily_limit_reached");
    set(None).await;
    assert_eq!(team.ask(&team.member.key).await.status, 200);
    team.world.close().await;
}

#[tokio::test]
async fn a_keys_limit_holds_for_its_own_requests() {
    let team = Team::found(Wish::default()).await;
    give(&team.world, team.member.wallet, "1").await;
    let limit = SpendingLimit { amount: "0.00005".parse().unwrap(), period: LimitPeriod::Total };
    let key = key(&team.world, team.member.wallet, team.member.user, Some(limit)).await;
    let mut served = 0;
    let refused = loop {
        let answer = team.world.chat_as(&key, &[], &ask("demo/small", "hello [[tokens=20]]")).await;
        if answer.status != 200 {
            break answer;
        }
        served += 1;
        team.world.clock.advance(86_400);
    };
    assert_eq!(refused.code(403), "key_limit_reached");
    assert!((1..10).contains(&served), "{served} were served");
    assert_eq!(team.world.chat_as(&team.member.key, &[], &ask("demo/small", "hello")).await.status, 200);
    team.world.close().await;
}

#[tokio::test]
async fn an_organization_without_a_plan_ends_after_its_trial_and_grace() {
    let team = Team::found(Wish::default()).await;
    let days =
        team.world.services.catalog.current().trial.days + team.world.services.catalog.current().dunning.grace_days;
    team.world.clock.advance(i64::from(days) * 86_400 - 1);
    assert_eq!(team.ask(&team.member.key).await.status, 200);
    team.world.clock.advance(1);
    assert_eq!(team.ask(&team.member.key).await.code(403), "subscription_required");
    give(&team.world, team.member.wallet, "1").await;
    assert_eq!(team.world.chat_as(&team.member.key, &[], &ask("demo/small", "hello")).await.status, 200);
    team.world.close().await;
}
