//! An organization with one of each kind of people and keys.

use billing::Role;
use billing::seat::Seating;
use connectors::processor::SetupStatus;
use operations::{
    Caller, Context, Door,
    api_key::{self, CreateApiKey},
    byok::{self, AddByokKey, ProviderKey},
    member,
    payment::{self, AddCard, BeginCard, BuyCredits, PaymentState},
    session,
};
use store::{InvitationRow, InvoiceFilter, MemberRow, OrganizationRow};
use units::{Cents, Instant, InvitationId, OrganizationId, Seconds, UserId, WalletId};
use uuid::Uuid;

use super::ask::Names;
use crate::world::{Signed, World, hold_id};

pub struct Team {
    pub names: Names,
    /// Somebody who can be removed.
    pub spare: UserId,
    people: Vec<(&'static str, Signed)>,
}

impl Team {
    /// Whoever has that name in the table; the people of another organization begin with `other-`.
    pub fn find(&self, name: &str) -> Option<&Signed> {
        self.people.iter().find(|(known, _)| *known == name).map(|(_, signed)| signed)
    }

    pub async fn new(world: &World) -> Self {
        let now = world.clock.now();
        let (id, wallet) = (OrganizationId::from_uuid(Uuid::now_v7()), WalletId::from_uuid(Uuid::now_v7()));
        let name = "Team".to_owned();
        let organization = OrganizationRow {
            id,
            name,
            wallet,
            seating: Seating::on_trial(50, now.plus_days(14)),
            created_at: now,
            suspension: None,
        };
        let store = &world.services.store;
        store.write(async move |tx| tx.insert_organization_with_wallet(&organization).await).await.unwrap();
        let owner = join(world, id, Role::Owner).await;
        let member = join(world, id, Role::Member).await;
        let removed = join(world, id, Role::Member).await;
        let spare = join(world, id, Role::Member).await;
        let people = vec![
            ("admin", join(world, id, Role::Admin).await),
            ("billing", join(world, id, Role::BillingManager).await),
            ("own-key", world.key_of(&member, member.wallet).await),
            ("team-key", world.key_of(&member, wallet).await),
            ("org-key", key(world, &owner, None, wallet, None).await),
            ("revoked-key", key(world, &member, Some(member.user), wallet, Some(End::Revoked)).await),
            ("expired-key", key(world, &member, Some(member.user), wallet, Some(End::Expired)).await),
            ("device", world.device_of(&member).await),
            ("removed-key", world.key_of(&removed, wallet).await),
            ("removed-own", world.key_of(&removed, removed.wallet).await),
            ("stranger", world.signed_in(&address()).await),
            ("operator", world.operator().await),
        ];
        let context = world.clock.context();
        member::remove(&world.services, &context, &Caller::Operator, id, removed.user).await.unwrap();
        let again = world.signed_in_again(&owner).await;
        let again = session::authenticate(&world.services, &context, &again.token).await.unwrap().session.id;
        let secret = ProviderKey::new("sk-0123456789".to_owned()).ok().unwrap();
        let wish = AddByokKey { wallet, provider: "demo".to_owned(), name: "ours".to_owned(), key: secret };
        let kept = byok::add(&world.services, &world.upstreams, &context, &Caller::Operator, wish).await.unwrap();
        let bought = Purchases::of(world, wallet).await;
        let names = Names(vec![
            ("{card}", bought.card),
            ("{purchase}", bought.purchase),
            ("{number}", bought.number),
            ("{setup}", bought.setup),
            ("{payment}", bought.payment),
            ("{organization}", id.to_string()),
            ("{wallet}", wallet.to_string()),
            ("{user}", spare.user.to_string()),
            ("{invitation}", invite(world, id).await.to_string()),
            ("{key}", world.key_id(&spare, wallet).await),
            ("{provider_key}", kept.id.to_string()),
            ("{session}", again.to_string()),
            ("{id}", hold_id()),
            ("{charge}", hold_id()),
        ]);
        let rest = [("owner", owner), ("member", member), ("removed", removed)];
        Self { names, spare: spare.user, people: people.into_iter().chain(rest).collect() }
    }
}

/// What was paid, and what waits for somebody at the sandbox.
struct Purchases {
    card: String,
    purchase: String,
    number: String,
    setup: String,
    payment: String,
}

impl Purchases {
    async fn of(world: &World, wallet: WalletId) -> Self {
        let (services, context, caller) = (&world.services, world.clock.context(), Caller::Operator);
        let begin = async || {
            let request = BeginCard { caller, wallet, return_url: "/".to_owned(), from: None };
            payment::begin_card(services, &context, request).await.unwrap().id
        };
        let buy = async |name: &str| {
            let setup = begin().await;
            if world.sandbox.submit_card(&setup, name).await.unwrap().status == SetupStatus::ActionRequired {
                world.sandbox.answer_setup(&setup, true).await.unwrap();
            }
            let card = payment::add_card(services, &context, AddCard { caller, wallet, setup }).await.unwrap();
            let (amount, return_url) = (Cents::from_count(5_000), "/".to_owned());
            let wish = BuyCredits { caller, wallet, amount, card: Some(card.id), key: None, return_url, from: None };
            (card, payment::buy(services, &context, wish).await.unwrap())
        };
        let (_, paid) = buy("pm_card_visa").await;
        assert_eq!(paid.state, PaymentState::Paid);
        let issued = InvoiceFilter { wallet: Some(wallet), ..InvoiceFilter::default() };
        let issued = services.store.reader().list_invoices(issued, None, 1).await.unwrap();
        let (card, asked) = buy("pm_card_authenticationRequired").await;
        let PaymentState::ActionRequired { page } = asked.state else { panic!("{:?}", asked.state) };
        Self {
            card: card.id.to_string(),
            purchase: paid.payment.to_string(),
            number: issued[0].number.to_string(),
            setup: begin().await,
            payment: page.rsplit('/').next().unwrap().to_owned(),
        }
    }
}

/// How a key came to its end.
enum End {
    Revoked,
    Expired,
}

fn address() -> String {
    format!("{}@example.com", Uuid::now_v7().simple())
}

async fn join(world: &World, organization: OrganizationId, role: Role) -> Signed {
    let signed = world.signed_in(&address()).await;
    let (user, joined_at) = (signed.user, world.clock.now());
    let row = MemberRow { organization, user, role, daily_limit: None, joined_at, last_active_at: None };
    world.services.store.write(async move |tx| tx.insert_member(&row).await).await.unwrap();
    signed
}

/// A key of the person, or of the wallet alone.
async fn key(world: &World, who: &Signed, user: Option<UserId>, wallet: WalletId, end: Option<End>) -> Signed {
    let now = world.clock.context();
    let yesterday = Context { now: now.now.plus(Seconds(-86_400)), ..now.clone() };
    let expires_at: Option<Instant> = matches!(end, Some(End::Expired)).then_some(yesterday.now.plus_days(1));
    let wish = CreateApiKey { wallet, user, name: "test".to_owned(), expires_at, limit: None };
    let made = api_key::create(&world.services, &yesterday, &Caller::Operator, wish).await.unwrap();
    if matches!(end, Some(End::Revoked)) {
        api_key::revoke(&world.services, &now, &Caller::Operator, made.id).await.unwrap();
    }
    Signed { token: made.secret, ..who.clone() }
}

async fn invite(world: &World, organization: OrganizationId) -> InvitationId {
    let (id, now) = (InvitationId::from_uuid(Uuid::now_v7()), world.clock.now());
    let invitation = InvitationRow {
        id,
        organization,
        email: address(),
        role: Role::Member,
        invited_by: None,
        created_at: now,
        expires_at: now.plus_days(7),
        accepted_at: None,
        revoked_at: None,
    };
    world.services.store.write(async move |tx| tx.insert_invitation(&invitation).await).await.unwrap();
    id
}
