//! Service that an operator stops by hand: of a person's wallet and of an organization's, until they restore it.

use billing::Role;
use operations::audit::{self, Scope};
use operations::device::{self, Polled, StartDevice};
use operations::organization;
use operations::payer::{self, identify};
use operations::{Caller, Error, api_key, operator};
use store::AuditFilter;
use units::{UserId, WalletId};

use crate::on_both;
use crate::organization::{found, join};
use crate::world::*;

const WHY: &str = "spam, see ticket 12";

async fn suspend(world: &World, caller: &Caller, wallet: WalletId, reason: &str) -> Result<operator::Service, Error> {
    operator::suspend(&world.services, &world.ctx(), caller, wallet, reason).await
}

async fn restore(world: &World, caller: &Caller, wallet: WalletId) -> Result<operator::Service, Error> {
    operator::restore(&world.services, &world.ctx(), caller, wallet, None, "cleared up").await
}

async fn key(world: &World, caller: &Caller, wallet: WalletId, user: UserId) -> Result<String, Error> {
    let request =
        api_key::CreateApiKey { wallet, user: Some(user), name: "test".to_owned(), expires_at: None, limit: None };
    Ok(api_key::create(&world.services, &world.ctx(), caller, request).await?.secret)
}

/// The lines of the server's log about suspensions, the oldest first.
async fn lines(world: &World) -> Vec<(String, String)> {
    let filter = AuditFilter::default();
    let lines = audit::list(&world.services, &Caller::Operator, Scope::Server, filter, None, 100).await.unwrap();
    let lines = lines.into_iter().rev().filter(|line| line.action.starts_with("wallet."));
    lines.map(|line| (line.action, line.after.unwrap())).collect()
}

async fn subjects(world: &World) -> Vec<(String, String)> {
    world.mails().await.into_iter().map(|mail| (mail.to, mail.subject)).collect()
}

on_both! {
    async fn a_person_is_suspended_by_hand_and_restored(world: World) {
        let (ana, own) = world.person("ana").await;
        let (ben, _) = world.person("ben").await;
        let services = &world.services;
        let token = key(world, &own, ana.wallet, ana.user).await.unwrap();
        let start = StartDevice { from: "192.0.2.1".parse().unwrap(), client: "Kilo CLI".to_owned() };
        let started = device::start(services, &world.ctx(), start).await.unwrap();
        device::approve(services, &world.ctx(), &own, &started.code).await.unwrap();
        let Polled::Approved { token: device, .. } = device::poll(services, &world.ctx(), &started.code).await.unwrap() else {
            panic!("it was not approved")
        };
        let ask = async |token: &str| identify(services, &world.ctx(), token, None).await;
        ask(&token).await.unwrap();

        for wrong in ["", " \n "] {
            assert_eq!(refused(suspend(world, &Caller::Operator, ana.wallet, wrong).await), "invalid_field");
        }
        assert_eq!(refused(suspend(world, &Caller::Operator, ana.wallet, &"x".repeat(501)).await), "invalid_field");
        assert_eq!(refused(suspend(world, &own, ana.wallet, WHY).await), "forbidden");
        assert_eq!(refused(restore(world, &own, ana.wallet).await), "forbidden");
        let nobody = WalletId::from_uuid(uuid::Uuid::from_u128(u128::MAX));
        assert_eq!(refused(suspend(world, &Caller::Operator, nobody, WHY).await), "not_found");
        assert_eq!(refused(restore(world, &Caller::Operator, nobody).await), "not_found");
        assert!(lines(world).await.is_empty() && world.mails().await.is_empty(), "what is refused changes nothing");
        assert!(restore(world, &Caller::Operator, ana.wallet).await.unwrap().goes_on());

        let (since, second) = (world.now(), world.second_node().await);
        let first = suspend(world, &Caller::Operator, ana.wallet, " spam,\n see ticket 12 ").await.unwrap();
        world.pass(units::Seconds(60));
        // Again, for another reason: it stays as it is.
        assert_eq!(suspend(world, &Caller::Operator, ana.wallet, "because").await.unwrap(), first);
        let suspension = first.suspension.clone().unwrap();
        assert!(!first.goes_on() && first.owes.is_served());
        assert_eq!((suspension.since, suspension.reason.as_str()), (since, WHY));
        let told = subjects(world).await;
        assert_eq!(told, [("ana@example.com".to_owned(), "Service on Kilo is suspended".to_owned())]);

        // Her key, her device, and whoever meters for her: refused on every node, with the reason.
        for token in [&token, &device] {
            let answer = identify(&second, &world.ctx(), token, None).await;
            let Err(error @ Error::SuspendedByOperator { .. }) = answer else { panic!("{answer:?}") };
            assert_eq!(error.code(), "account_suspended");
            assert!(error.to_string().ends_with(WHY), "{error}");
        }
        assert_eq!(refused(payer::spender(&second, &world.ctx(), &own, ana.wallet).await), "account_suspended");
        assert_eq!(refused(payer::require_served(&second, &world.ctx(), ana.wallet).await), "account_suspended");
        assert_eq!(refused(key(world, &own, ana.wallet, ana.user).await), "account_suspended");
        payer::require_served(&second, &world.ctx(), ben.wallet).await.unwrap();

        // Whoever means another suspension than the one in force ends none.
        let older = Some("2025-01-01T00:00:00Z".parse().unwrap());
        let meant = async |which| operator::restore(services, &world.ctx(), &Caller::Operator, ana.wallet, which, "mine").await;
        assert_eq!(refused(meant(older).await), "changed_meanwhile");
        assert!(!operator::service(services, &world.ctx(), &Caller::Operator, ana.wallet).await.unwrap().goes_on());

        assert!(restore(world, &Caller::Operator, ana.wallet).await.unwrap().goes_on());
        meant(older).await.unwrap();
        restore(world, &Caller::Operator, ana.wallet).await.unwrap();
        for token in [&token, &device] {
            identify(&second, &world.ctx(), token, None).await.unwrap();
        }
        let told = subjects(world).await;
        assert_eq!(told, [("ana@example.com".to_owned(), "The suspension on Kilo has ended".to_owned())]);
        let expected = [("wallet.suspend", WHY), ("wallet.restore", "cleared up")];
        let expected = expected.map(|(action, why)| (action.to_owned(), format!("{{\"reason\":\"{why}\"}}")));
        assert_eq!(lines(world).await, expected);
        second.store.close().await;
    }

    async fn an_organization_is_suspended_without_its_people(world: World) {
        let (ana, owner) = world.person("ana").await;
        let acme = found(world, &owner).await;
        let (id, services) = (acme.organization, &world.services);
        let (bob, member) = join(world, &owner, id, "bob", Role::Member).await;
        let shared = key(world, &member, acme.wallet, bob).await.unwrap();
        let wallet = services.store.reader().find_user(bob).await.unwrap().unwrap().wallet;
        let own = key(world, &member, wallet, bob).await.unwrap();
        let name = id.to_string();
        let ask = async |token: &str, organization: Option<&str>| identify(services, &world.ctx(), token, organization).await;
        ask(&own, Some(&name)).await.unwrap();
        world.mails().await;

        suspend(world, &Caller::Operator, acme.wallet, WHY).await.unwrap();
        let told = subjects(world).await;
        assert_eq!(told, [("ana@example.com".to_owned(), "Service of Acme on Kilo is suspended".to_owned())]);
        assert_eq!(refused(ask(&shared, None).await), "account_suspended");
        assert_eq!(refused(ask(&own, Some(&name)).await), "account_suspended");
        ask(&own, None).await.unwrap();
        let renamed = organization::rename(services, &world.ctx(), &owner, id, "Other").await;
        assert_eq!(refused(renamed), "account_suspended");
        assert_eq!(refused(key(world, &owner, acme.wallet, ana.user).await), "account_suspended");
        // It stays readable, and to be left.
        organization::show(services, &world.ctx(), &owner, id).await.unwrap();
        let listed = services.store.reader().list_suspensions(10).await.unwrap();
        assert_eq!(listed.iter().map(|(wallet, row)| (*wallet, row.reason.as_str())).collect::<Vec<_>>(), [(acme.wallet, WHY)]);

        restore(world, &Caller::Operator, acme.wallet).await.unwrap();
        ask(&shared, None).await.unwrap();
        ask(&own, Some(&name)).await.unwrap();
        assert!(services.store.reader().list_suspensions(10).await.unwrap().is_empty());
    }

    async fn two_operators_at_once_suspend_once(world: World) {
        let (ana, _) = world.person("ana").await;
        let (ben, ben_calls) = world.person("ben").await;
        operator::appoint(&world.services, &world.ctx(), &Caller::Operator, ben.user).await.unwrap();
        let second = world.second_node().await;
        let (ctx, other) = (world.ctx(), world.ctx());
        let (one, two) = tokio::join!(
            operator::suspend(&world.services, &ctx, &ben_calls, ana.wallet, "one"),
            operator::suspend(&second, &other, &Caller::Operator, ana.wallet, "two"),
        );
        assert_eq!(one.unwrap(), two.unwrap());
        assert_eq!((lines(world).await.len(), world.mails().await.len()), (1, 1));
        second.store.close().await;
    }
}
