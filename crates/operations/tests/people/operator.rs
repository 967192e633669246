//! Who runs the server, and how the first one comes to it.

use operations::operator::{self, RedeemSetupToken};
use operations::{Caller, session};
use units::Seconds;

use crate::on_both;
use crate::world::*;

async fn make(world: &World) -> Option<String> {
    operator::make_setup_token(&world.services, &world.ctx()).await.unwrap()
}

fn redeem(token: &str) -> RedeemSetupToken {
    RedeemSetupToken { token: token.to_owned(), email: "Root@Example.com".to_owned(), client: "Firefox".to_owned() }
}

on_both! {
    async fn the_first_operator_comes_with_the_token_of_the_start(world: World) {
        // Two starts, two tokens; either works, once.
        let (first, second) = (make(world).await.unwrap(), make(world).await.unwrap());
        let wrong = format!("tare_su_{}", "0".repeat(64));
        for token in ["", "tare_su_", &wrong] {
            assert_eq!(refused(operator::redeem_setup_token(&world.services, &world.ctx(), redeem(token)).await), "unauthenticated");
        }
        let root = operator::redeem_setup_token(&world.services, &world.ctx(), redeem(&first)).await.unwrap();
        let known = session::authenticate(&world.services, &world.ctx(), &root.token).await.unwrap();
        assert!(known.user.is_operator && root.is_new);
        assert_eq!(known.user.email.as_deref(), Some("root@example.com"));
        for token in [first, second] {
            let again = operator::redeem_setup_token(&world.services, &world.ctx(), redeem(&token)).await;
            assert_eq!(refused(again), "unauthenticated");
        }
        assert_eq!(make(world).await, None);
    }

    async fn a_token_ends_after_a_day(world: World) {
        let token = make(world).await.unwrap();
        world.pass(Seconds::from_days(1));
        let late = operator::redeem_setup_token(&world.services, &world.ctx(), redeem(&token)).await;
        assert_eq!(refused(late), "unauthenticated");
        assert!(make(world).await.is_some());
    }

    async fn operators_appoint_operators(world: World) {
        let (ana, caller) = world.person("ana").await;
        let (bob, other) = world.person("bob").await;
        assert_eq!(refused(operator::appoint(&world.services, &world.ctx(), &caller, ana.user).await), "forbidden");
        operator::appoint(&world.services, &world.ctx(), &Caller::Operator, ana.user).await.unwrap();
        operator::appoint(&world.services, &world.ctx(), &caller, bob.user).await.unwrap();
        operator::dismiss(&world.services, &world.ctx(), &other, ana.user).await.unwrap();
        assert_eq!(refused(operator::appoint(&world.services, &world.ctx(), &caller, ana.user).await), "forbidden");
        // The last one cannot lock everybody out.
        assert_eq!(refused(operator::dismiss(&world.services, &world.ctx(), &other, bob.user).await), "forbidden");
        operator::dismiss(&world.services, &world.ctx(), &Caller::Operator, bob.user).await.unwrap();
        assert!(make(world).await.is_some());
        let nobody = units::UserId::from_uuid(uuid::Uuid::from_u128(u128::MAX));
        assert_eq!(refused(operator::appoint(&world.services, &world.ctx(), &Caller::Operator, nobody).await), "not_found");
    }
}
