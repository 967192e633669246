//! API keys: who makes and changes them, what they may, and when they end.

use billing::{LimitPeriod, SpendingLimit};
use operations::api_key::{self, ChangeApiKey, CreateApiKey, CreatedApiKey};
use operations::{Caller, Error, jobs};
use units::{Amount, Seconds, WalletId};

use crate::on_both;
use crate::world::*;

fn wish(wallet: WalletId, name: &str) -> CreateApiKey {
    CreateApiKey { wallet, user: None, name: name.to_owned(), expires_at: None, limit: None }
}

async fn make(world: &World, caller: &Caller, wallet: WalletId) -> Result<CreatedApiKey, Error> {
    api_key::create(&world.services, &world.ctx(), caller, wish(wallet, "laptop")).await
}

on_both! {
    async fn a_key_is_made_changed_and_revoked_by_its_person(world: World) {
        let (ana, caller) = world.person("ana").await;
        let limit = Some(SpendingLimit { amount: Amount::from_dollars(3), period: LimitPeriod::Day });
        let request = CreateApiKey { limit, ..wish(ana.wallet, " laptop ") };
        let made = api_key::create(&world.services, &world.ctx(), &caller, request).await.unwrap();
        let known = api_key::authenticate(&world.services, &world.ctx(), &made.secret).await.unwrap();
        assert_eq!((known.wallet, known.user, known.organization), (ana.wallet, Some(ana.user), None));
        assert_eq!(known.limit, limit);

        let change = ChangeApiKey { name: Some("desk".to_owned()), limit: Some(None), ..ChangeApiKey::default() };
        api_key::change(&world.services, &world.ctx(), &caller, made.id, change).await.unwrap();
        let keys = api_key::list(&world.services, &caller, ana.wallet).await.unwrap();
        assert_eq!((keys.len(), keys[0].name.as_str(), keys[0].limit), (1, "desk", None));
        assert!(made.secret.ends_with(&keys[0].last4));

        for _ in 0..2 {
            api_key::revoke(&world.services, &world.ctx(), &caller, made.id).await.unwrap();
        }
        let refusal = api_key::authenticate(&world.services, &world.ctx(), &made.secret).await.unwrap_err();
        assert!(refusal.to_string().contains("revoked"), "{refusal}");
        let late = api_key::change(&world.services, &world.ctx(), &caller, made.id, ChangeApiKey::default()).await;
        assert_eq!(refused(late), "invalid_field");
    }

    async fn a_key_of_somebody_else_is_not_there(world: World) {
        let (ana, caller) = world.person("ana").await;
        let (_, eve) = world.person("eve").await;
        let made = make(world, &caller, ana.wallet).await.unwrap();
        assert_eq!(refused(make(world, &eve, ana.wallet).await), "not_found");
        assert_eq!(refused(api_key::list(&world.services, &eve, ana.wallet).await), "not_found");
        let absent = units::ApiKeyId::from_uuid(uuid::Uuid::from_u128(u128::MAX));
        let mut answers = Vec::new();
        for id in [made.id, absent] {
            let error = api_key::revoke(&world.services, &world.ctx(), &eve, id).await.unwrap_err();
            answers.push(error.to_string().replace(&id.to_string(), "ID"));
            let change = ChangeApiKey { name: Some("mine".to_owned()), ..ChangeApiKey::default() };
            let error = api_key::change(&world.services, &world.ctx(), &eve, id, change).await.unwrap_err();
            answers.push(error.to_string().replace(&id.to_string(), "ID"));
        }
        assert_eq!(answers, ["there is no API key ID"; 4]);
        api_key::authenticate(&world.services, &world.ctx(), &made.secret).await.unwrap();
    }

    async fn a_key_makes_and_changes_no_keys(world: World) {
        let (ana, caller) = world.person("ana").await;
        let made = make(world, &caller, ana.wallet).await.unwrap();
        let key = Caller::Key(api_key::authenticate(&world.services, &world.ctx(), &made.secret).await.unwrap());
        let error = make(world, &key, ana.wallet).await.err().unwrap();
        assert_eq!(error.to_string(), "you may not make API keys; a person who is signed in may");
        assert_eq!(error.code(), "forbidden");
        assert_eq!(refused(api_key::revoke(&world.services, &world.ctx(), &key, made.id).await), "forbidden");
        assert_eq!(api_key::list(&world.services, &key, ana.wallet).await.unwrap().len(), 1);
    }

    async fn a_key_ends_at_its_moment(world: World) {
        let (ana, caller) = world.person("ana").await;
        let late = CreateApiKey { expires_at: Some(world.now()), ..wish(ana.wallet, "late") };
        assert_eq!(refused(api_key::create(&world.services, &world.ctx(), &caller, late).await), "invalid_field");
        let soon = CreateApiKey { expires_at: Some(world.now().plus(Seconds(60))), ..wish(ana.wallet, "soon") };
        let made = api_key::create(&world.services, &world.ctx(), &caller, soon).await.unwrap();
        world.pass(Seconds(59));
        api_key::authenticate(&world.services, &world.ctx(), &made.secret).await.unwrap();
        world.pass(Seconds(1));
        let refusal = api_key::authenticate(&world.services, &world.ctx(), &made.secret).await.unwrap_err();
        assert!(refusal.to_string().contains("expired"), "{refusal}");
    }

    async fn what_makes_no_sense_is_refused(world: World) {
        let (ana, caller) = world.person("ana").await;
        let limit = |nanos| Some(SpendingLimit { amount: Amount::from_nanos(nanos), period: LimitPeriod::Total });
        for request in [
            wish(ana.wallet, ""),
            wish(ana.wallet, "two\nlines"),
            CreateApiKey { limit: limit(0), ..wish(ana.wallet, "none") },
            CreateApiKey { limit: limit(-1), ..wish(ana.wallet, "less") },
        ] {
            assert_eq!(refused(api_key::create(&world.services, &world.ctx(), &caller, request).await), "invalid_field");
        }
    }

    async fn the_last_use_is_written_behind_and_at_most_once_a_minute(world: World) {
        let (ana, caller) = world.person("ana").await;
        let made = make(world, &caller, ana.wallet).await.unwrap();
        let last = async || api_key::list(&world.services, &caller, ana.wallet).await.unwrap()[0].last_used_at;
        let knock = async || api_key::authenticate(&world.services, &world.ctx(), &made.secret).await.unwrap();
        knock().await;
        assert_eq!(last().await, None);
        jobs::write_activity(&world.services).await.unwrap();
        let first = world.now();
        assert_eq!(last().await, Some(first));
        for (seconds, written) in [(59, first), (1, first.plus(Seconds(60)))] {
            world.pass(Seconds(seconds));
            knock().await;
            jobs::write_activity(&world.services).await.unwrap();
            assert_eq!(last().await, Some(written));
        }
    }
}
