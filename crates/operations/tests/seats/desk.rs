//! What the tests of seats do again and again.

use billing::period::Cadence;
use billing::seat::{Plan, Seating, Subscription, Wish};
use operations::organization::{self, CreateOrganization, CreatedOrganization};
use operations::seat::{self, ChangeSeats, OrderSeats, Ordered, SeatChange};
use operations::{Caller, Error};
use store::DebtRow;
use units::{Cents, OrganizationId};

use crate::world::{GOOD, World};

pub const TEAMS: Wish = Wish::Subscribe { plan: Plan::Teams, cadence: Cadence::Monthly, seats: 3 };

/// An organization with a card and nothing else.
pub async fn found(world: &World, owner: &Caller, card: &str) -> CreatedOrganization {
    let request = CreateOrganization { name: "Acme".to_owned(), owner: None };
    let found = organization::create(world.services(), &world.ctx(), owner, request).await.unwrap();
    world.add_card(found.wallet, card).await;
    found
}

/// One that has subscribed to three seats of the smaller plan by the month.
pub async fn subscribed(world: &World) -> CreatedOrganization {
    let (_, owner) = world.person("ana").await;
    let found = found(world, &owner, GOOD).await;
    order(world, found.organization, TEAMS).await.unwrap();
    world.run().await;
    found
}

pub fn wished(organization: OrganizationId, wish: Wish, quoted: Cents, key: Option<&str>) -> OrderSeats {
    OrderSeats {
        caller: Caller::Operator,
        organization,
        wish,
        quoted,
        card: None,
        key: key.map(str::to_owned),
        return_url: "http://localhost/".to_owned(),
        from: None,
    }
}

/// At the price of this moment.
pub async fn order(world: &World, organization: OrganizationId, wish: Wish) -> Result<Ordered, Error> {
    let (services, ctx) = (world.services(), world.ctx());
    let quoted = seat::quote(services, &ctx, &Caller::Operator, organization, wish).await?.total;
    seat::order(services, &ctx, wished(organization, wish, quoted, None)).await
}

pub async fn change(world: &World, organization: OrganizationId, change: SeatChange) -> Result<Seating, Error> {
    let request = ChangeSeats { caller: Caller::Operator, organization, change, key: None };
    seat::change(world.services(), &world.ctx(), request).await
}

pub async fn seating(world: &World, organization: OrganizationId) -> Seating {
    seat::show(world.services(), &world.ctx(), &Caller::Operator, organization).await.unwrap().seating
}

pub async fn subscription(world: &World, organization: OrganizationId) -> Subscription {
    seating(world, organization).await.subscription.unwrap()
}

/// Everything that was ever owed.
pub async fn debts(world: &World, found: &CreatedOrganization) -> Vec<DebtRow> {
    world.services().store.reader().list_all_debts(found.wallet).await.unwrap()
}

/// Where the wallet stands.
pub async fn status(world: &World, found: &CreatedOrganization) -> &'static str {
    let (services, wallet) = (world.services(), found.wallet);
    operations::dunning::status(services.store.reader(), &services.catalog.current(), wallet, world.ctx().now)
        .await
        .unwrap()
        .name()
}

/// Moves the clock to just so many seconds after the end of the running term. Nothing runs on the way.
pub async fn go_to_renewal(world: &World, organization: OrganizationId, seconds: i64) {
    let end = subscription(world, organization).await.term.end();
    world.wait((end.micros() - world.ctx().now.micros()) / 1_000_000 + seconds);
}

/// Lets the clock run for so many days, with everything that falls due, four times a day.
pub async fn live(world: &World, days: u32) {
    for _ in 0..days * 4 {
        world.wait(21_600);
        world.run().await;
    }
}
