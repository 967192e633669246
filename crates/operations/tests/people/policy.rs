//! Policies: who sets them, and what they must be.

use billing::Policy;
use billing::Role;
use billing::policy::{DataPolicy, Patterns, Wish};
use operations::policy;

use crate::on_both;
use crate::organization::{found, join};
use crate::world::*;

fn only(pattern: &str) -> Policy {
    Policy {
        models: Patterns { allow: vec![pattern.to_owned()], deny: Vec::new() },
        data: DataPolicy::NoTraining,
        ..Policy::default()
    }
}

on_both! {
    async fn owners_and_admins_set_it_and_everybody_reads_it(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner).await.organization;
        let (_, admin) = join(world, &owner, acme, "ada", Role::Admin).await;
        let (_, manager) = join(world, &owner, acme, "bil", Role::BillingManager).await;
        let (_, member) = join(world, &owner, acme, "mia", Role::Member).await;
        let services = &world.services;
        assert_eq!(policy::load(services, &member, acme).await.unwrap(), None);
        for caller in [&manager, &member] {
            let set = policy::set(services, &world.ctx(), caller, acme, only("anthropic/*")).await;
            assert_eq!(refused(set), "forbidden");
        }
        let first = policy::set(services, &world.ctx(), &owner, acme, only("anthropic/*")).await.unwrap();
        let same = policy::set(services, &world.ctx(), &admin, acme, only("anthropic/*")).await.unwrap();
        assert_eq!((first.version, &same), (1, &first));
        let second = policy::set(services, &world.ctx(), &admin, acme, only("openai/*")).await.unwrap();
        assert_eq!(second.version, 2);
        let read = policy::load(services, &member, acme).await.unwrap().unwrap();
        assert_eq!(read, second);
        let wish = |model| Wish { model, provider: "p", may_train: false };
        assert!(read.policy.check(wish("openai/gpt-5")).is_ok() && read.policy.check(wish("anthropic/x")).is_err());
    }

    async fn what_matches_nothing_is_refused_and_changes_nothing(world: World) {
        let (_, owner) = world.person("ana").await;
        let acme = found(world, &owner).await.organization;
        for wrong in [only(""), only("two words"), Policy { default_model: Some("a*".to_owned()), ..Policy::default() }] {
            let set = policy::set(&world.services, &world.ctx(), &owner, acme, wrong).await;
            assert_eq!(refused(set), "invalid_field");
        }
        assert_eq!(policy::load(&world.services, &owner, acme).await.unwrap(), None);
    }
}
