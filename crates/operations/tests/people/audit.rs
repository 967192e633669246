//! The audit log: exactly one line for each change, with what was and what is, and without secrets.

use billing::{Policy, Role};
use operations::audit::{self, Scope};
use operations::operator::{self, RedeemSetupToken};
use operations::{Caller, api_key, device, invitation, member, organization, policy, session, user};
use store::{ActorKind, AuditFilter, AuditRow};
use units::{Amount, Seconds};

use crate::on_both;
use crate::organization::{accept, found, invite, join};
use crate::world::*;

/// A log, the oldest line first.
async fn lines(world: &World, scope: Scope) -> Vec<AuditRow> {
    let mut lines =
        audit::list(&world.services, &Caller::Operator, scope, AuditFilter::default(), None, 500).await.unwrap();
    lines.reverse();
    lines
}

async fn actions(world: &World, scope: Scope) -> Vec<String> {
    lines(world, scope).await.into_iter().map(|row| row.action).collect()
}

on_both! {
    /// Everything that people can do, once, and some of it a second time, which changes nothing.
    async fn each_change_has_one_line(world: World) {
        let (ana, owner) = world.person("ana").await;
        let acme = found(world, &owner).await;
        let (id, services) = (acme.organization, &world.services);
        let log = Scope::Organization(id);
        let mut expected = vec!["organization.create"];
        assert_eq!(actions(world, log).await, expected);
        // A step, done twice where that is allowed: one line, and none for what was refused or changed nothing.
        macro_rules! step {
            ($action:expr, $what:expr) => {
                $what.unwrap();
                expected.push($action);
                assert_eq!(actions(world, log).await, expected);
            };
        }
        macro_rules! nothing {
            ($what:expr) => {
                let _ = $what;
                assert_eq!(actions(world, log).await, expected);
            };
        }
        step!("organization.rename", organization::rename(services, &world.ctx(), &owner, id, "Acme Ltd").await);
        nothing!(organization::rename(services, &world.ctx(), &owner, id, "Acme Ltd").await);
        let invited = invite(world, &owner, id, "bob", Role::Member).await.unwrap();
        expected.push("invitation.create");
        nothing!(invite(world, &owner, id, "bob", Role::Member).await);
        step!("invitation.resend", invitation::resend(services, &world.ctx(), &owner, id, invited.id).await);
        let (bob, member_caller) = world.person("bob").await;
        step!("invitation.accept", accept(world, &member_caller, &invited).await);
        nothing!(accept(world, &member_caller, &invited).await);
        nothing!(member::set_role(services, &world.ctx(), &member_caller, id, bob.user, Role::Owner).await);
        step!("member.set_role", member::set_role(services, &world.ctx(), &owner, id, bob.user, Role::Admin).await);
        nothing!(member::set_role(services, &world.ctx(), &owner, id, bob.user, Role::Admin).await);
        let limit = Some(Amount::from_dollars(3));
        step!("member.set_daily_limit", member::set_daily_limit(services, &world.ctx(), &owner, id, bob.user, limit).await);
        nothing!(member::set_daily_limit(services, &world.ctx(), &owner, id, bob.user, limit).await);
        let wish = |name: &str| api_key::CreateApiKey { wallet: acme.wallet, user: None, name: name.to_owned(), expires_at: None, limit: None };
        let key = api_key::create(services, &world.ctx(), &member_caller, wish("=cmd()")).await.unwrap();
        expected.push("api_key.create");
        let change = || api_key::ChangeApiKey { name: Some("desk".to_owned()), ..Default::default() };
        step!("api_key.change", api_key::change(services, &world.ctx(), &owner, key.id, change()).await);
        nothing!(api_key::change(services, &world.ctx(), &owner, key.id, change()).await);
        step!("api_key.revoke", api_key::revoke(services, &world.ctx(), &owner, key.id).await);
        nothing!(api_key::revoke(services, &world.ctx(), &owner, key.id).await);
        let no_training = Policy { data: billing::policy::DataPolicy::NoTraining, ..Policy::default() };
        step!("policy.set", policy::set(services, &world.ctx(), &owner, id, no_training.clone()).await);
        nothing!(policy::set(services, &world.ctx(), &owner, id, no_training).await);
        let eve = invite(world, &owner, id, "eve", Role::Member).await.unwrap();
        expected.push("invitation.create");
        step!("invitation.revoke", invitation::revoke(services, &world.ctx(), &owner, id, eve.id).await);
        nothing!(invitation::revoke(services, &world.ctx(), &owner, id, eve.id).await);
        step!("organization.transfer", organization::transfer(services, &world.ctx(), &owner, id, bob.user).await);
        step!("member.leave", organization::leave(services, &world.ctx(), &owner, id).await);
        nothing!(organization::leave(services, &world.ctx(), &member_caller, id).await);
        let (mia, _) = join(world, &member_caller, id, "mia", Role::Member).await;
        expected.extend(["invitation.create", "invitation.accept"]);
        step!("member.remove", member::remove(services, &world.ctx(), &member_caller, id, mia).await);
        nothing!(member::remove(services, &world.ctx(), &member_caller, id, mia).await);

        // What people change about themselves stands in logs of their own.
        let mine = Scope::Person(ana.user);
        assert_eq!(actions(world, mine).await, ["session.start"]);
        let started = device::StartDevice { from: "192.0.2.1".parse().unwrap(), client: "Kilo CLI".to_owned() };
        let device = device::start(services, &world.ctx(), started).await.unwrap();
        device::approve(services, &world.ctx(), &owner, &device.code).await.unwrap();
        for _ in 0..2 {
            device::poll(services, &world.ctx(), &device.code).await.unwrap();
        }
        api_key::create(services, &world.ctx(), &owner, api_key::CreateApiKey { wallet: ana.wallet, ..wish("mine") }).await.unwrap();
        for name in [Some(" Ana "), Some("Ana")] {
            user::set_display_name(services, &world.ctx(), &owner, name).await.unwrap();
        }
        assert_eq!(refused(user::set_display_name(services, &world.ctx(), &owner, Some("a\nb")).await), "invalid_field");
        session::revoke_others(services, &world.ctx(), &owner).await.unwrap();
        session::revoke_others(services, &world.ctx(), &owner).await.unwrap();
        for _ in 0..2 {
            session::revoke(services, &world.ctx(), &owner, ana.session).await.unwrap();
        }
        let expected = [
            "session.start",
            "device.approve",
            "session.start",
            "api_key.create",
            "user.set_display_name",
            "session.revoke_others",
            "session.revoke",
        ];
        assert_eq!(actions(world, mine).await, expected);
    }

    async fn a_line_says_who_what_before_and_after(world: World) {
        let (ana, owner) = world.person("ana").await;
        let acme = found(world, &owner).await.organization;
        let (bob, _) = join(world, &owner, acme, "bob", Role::Member).await;
        world.pass(Seconds(60));
        member::set_role(&world.services, &world.ctx(), &owner, acme, bob, Role::Admin).await.unwrap();
        let lines = lines(world, Scope::Organization(acme)).await;
        let line = lines.last().unwrap();
        assert_eq!((line.at, line.actor_kind, line.actor), (world.now(), ActorKind::Person, Some(ana.user.uuid())));
        assert_eq!((line.action.as_str(), line.subject.as_str(), line.person), ("member.set_role", bob.to_string().as_str(), Some(bob)));
        assert_eq!(line.before.as_deref(), Some(r#"{"role":"member"}"#));
        assert_eq!(line.after.as_deref(), Some(r#"{"role":"admin","keys_ended":0}"#));
    }

    async fn lines_are_filtered_and_paged(world: World) {
        let (ana, owner) = world.person("ana").await;
        let acme = found(world, &owner).await.organization;
        let (bob, admin) = join(world, &owner, acme, "bob", Role::Admin).await;
        let services = &world.services;
        for (day, name) in ["one", "two", "three"].into_iter().enumerate() {
            world.pass(Seconds::from_days(1));
            let caller = if day == 1 { &admin } else { &owner };
            organization::rename(services, &world.ctx(), caller, acme, name).await.unwrap();
        }
        let log = Scope::Organization(acme);
        let list = async |filter, before, limit| audit::list(services, &owner, log, filter, before, limit).await.unwrap();
        let count = async |filter| list(filter, None, 500).await.len();
        assert_eq!(count(AuditFilter::default()).await, 6);
        let action = |name: &str| AuditFilter { action: Some(name.to_owned()), ..AuditFilter::default() };
        assert_eq!(count(action("organization.rename")).await, 3);
        assert_eq!(count(action("organization.")).await, 4);
        assert_eq!(count(action("organization")).await, 0);
        assert_eq!(count(AuditFilter { person: Some(bob), ..AuditFilter::default() }).await, 2);
        assert_eq!(count(AuditFilter { person: Some(ana.user), ..AuditFilter::default() }).await, 4);
        let (from, until) = (Some(world.now().plus(Seconds(-86_400))), Some(world.now()));
        assert_eq!(count(AuditFilter { from, until, ..action("organization.rename") }).await, 1);
        // Pages of two meet without gap or overlap.
        let whole: Vec<_> = list(AuditFilter::default(), None, 500).await.into_iter().map(|row| row.id).collect();
        let (mut paged, mut before) = (Vec::new(), None);
        loop {
            let page = list(AuditFilter::default(), before, 2).await;
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            paged.extend(page.iter().map(|row| row.id));
        }
        assert_eq!(paged, whole);
    }

    async fn owners_and_admins_read_it_and_nobody_else(world: World) {
        let (ana, owner) = world.person("ana").await;
        let acme = found(world, &owner).await.organization;
        let (_, admin) = join(world, &owner, acme, "ada", Role::Admin).await;
        let (_, manager) = join(world, &owner, acme, "bil", Role::BillingManager).await;
        let (_, member) = join(world, &owner, acme, "mia", Role::Member).await;
        let (_, eve) = world.person("eve").await;
        let read = async |caller: &Caller, scope| {
            let filter = AuditFilter::default();
            match audit::list(&world.services, caller, scope, filter, None, 10).await {
                Ok(_) => "ok",
                Err(error) => error.code(),
            }
        };
        let log = Scope::Organization(acme);
        for (caller, answer) in [(&owner, "ok"), (&admin, "ok"), (&manager, "forbidden"), (&member, "forbidden"), (&eve, "not_found")] {
            assert_eq!(read(caller, log).await, answer);
        }
        let own = Scope::Person(ana.user);
        assert_eq!([read(&owner, own).await, read(&eve, own).await], ["ok", "forbidden"]);
        assert_eq!([read(&owner, Scope::Server).await, read(&Caller::Operator, Scope::Server).await], ["forbidden", "ok"]);
    }

    async fn the_export_has_names_and_no_formulas(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner).await;
        organization::rename(&world.services, &world.ctx(), &owner, acme.organization, "=SUM(A1)").await.unwrap();
        let log = Scope::Organization(acme.organization);
        invite(world, &owner, acme.organization, "+bob", Role::Member).await.unwrap();
        let text = audit::export(&world.services, &owner, log, AuditFilter::default()).await.unwrap();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0], "at,actor_kind,actor,action,subject,person,before,after");
        assert!(lines[1].contains(",person,ana@example.com,invitation.create,'+bob@example.com,,,"), "{}", lines[1]);
        assert!(lines[2].contains(r#""{""name"":""Acme""}","{""name"":""=SUM(A1)""}""#), "{}", lines[2]);
        assert_eq!((lines.len(), lines[4]), (5, ""));
    }

    async fn no_secret_stands_in_it(world: World) {
        let token = operator::make_setup_token(&world.services, &world.ctx()).await.unwrap().unwrap();
        let request = RedeemSetupToken { token: token.clone(), email: "root@example.com".to_owned(), client: String::new() };
        let root = operator::redeem_setup_token(&world.services, &world.ctx(), request).await.unwrap();
        let caller = Caller::Person { user: root.user, session: root.session };
        let acme = found(world, &caller).await;
        let wish = api_key::CreateApiKey { wallet: acme.wallet, user: None, name: "k".to_owned(), expires_at: None, limit: None };
        let key = api_key::create(&world.services, &world.ctx(), &caller, wish).await.unwrap();
        let mut text = String::new();
        for scope in [Scope::Server, Scope::Person(root.user), Scope::Organization(acme.organization)] {
            let found = lines(world, scope).await;
            assert!(!found.is_empty(), "{scope:?}");
            text.push_str(&format!("{found:?}"));
        }
        for secret in [&token, &root.token, &key.secret] {
            assert!(!text.contains(&secret[8..]), "{secret} stands in the log");
        }
        assert!(text.contains(&key.secret[key.secret.len() - 4..]), "the search finds what is there");
    }
}
