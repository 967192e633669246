//! Sessions: listed, revoked, and over when they were away for long or have become old.

use operations::session::{self, BROWSER_IDLE, BROWSER_LIFE};
use operations::{Caller, jobs};
use units::Seconds;

use crate::on_both;
use crate::world::*;

/// Uses the session, as a browser that comes back does.
async fn visit(world: &World, token: &str) -> bool {
    let known = session::authenticate(&world.services, &world.ctx(), token).await.is_ok();
    jobs::write_activity(&world.services).await.unwrap();
    known
}

on_both! {
    async fn a_session_is_listed_and_revoked(world: World) {
        let (first, laptop) = world.person("ana").await;
        let (second, desk) = world.person("ana").await;
        let sessions = session::list(&world.services, &world.ctx(), &desk).await.unwrap();
        assert_eq!(sessions.iter().map(|row| row.id).collect::<Vec<_>>(), [second.session, first.session]);
        assert_eq!((sessions[0].client.as_str(), sessions[0].created_at), ("Firefox", world.now()));
        for _ in 0..2 {
            session::revoke(&world.services, &world.ctx(), &desk, first.session).await.unwrap();
        }
        assert_eq!((visit(world, &first.token).await, visit(world, &second.token).await), (false, true));
        assert_eq!(session::list(&world.services, &world.ctx(), &laptop).await.unwrap().len(), 1);
    }

    async fn a_session_of_somebody_else_is_not_there(world: World) {
        let (ana, _) = world.person("ana").await;
        let (_, eve) = world.person("eve").await;
        assert_eq!(refused(session::revoke(&world.services, &world.ctx(), &eve, ana.session).await), "not_found");
        assert!(visit(world, &ana.token).await);
        assert_eq!(refused(session::list(&world.services, &world.ctx(), &Caller::Operator).await), "forbidden");
    }

    async fn all_others_end_at_once(world: World) {
        let (first, _) = world.person("ana").await;
        let (second, _) = world.person("ana").await;
        let (third, here) = world.person("ana").await;
        let (other, _) = world.person("bob").await;
        for ended in [2, 0] {
            assert_eq!(session::revoke_others(&world.services, &world.ctx(), &here).await.unwrap(), ended);
        }
        for (token, holds) in [(first.token, false), (second.token, false), (third.token, true), (other.token, true)] {
            assert_eq!(visit(world, &token).await, holds);
        }
    }

    async fn a_session_that_is_not_used_ends(world: World) {
        let (ana, _) = world.person("ana").await;
        world.pass(Seconds(BROWSER_IDLE.0 - 1));
        assert!(visit(world, &ana.token).await);
        world.pass(Seconds(BROWSER_IDLE.0 - 1));
        assert!(visit(world, &ana.token).await);
        world.pass(BROWSER_IDLE);
        assert!(!visit(world, &ana.token).await);
        let (_, again) = world.person("ana").await;
        assert_eq!(session::list(&world.services, &world.ctx(), &again).await.unwrap().len(), 1);
    }

    async fn a_session_ends_however_much_it_is_used(world: World) {
        let (ana, _) = world.person("ana").await;
        let week = Seconds::from_days(7);
        for _ in 0..BROWSER_LIFE.0 / week.0 {
            world.pass(week);
            assert!(visit(world, &ana.token).await);
        }
        world.pass(Seconds(BROWSER_LIFE.0 % week.0));
        assert!(!visit(world, &ana.token).await);
    }

    async fn a_token_that_is_none_is_refused_alike(world: World) {
        let (ana, _) = world.person("ana").await;
        let wrong = format!("tare_ss_{}", "f".repeat(64));
        let longer = format!("{}0", ana.token);
        let upper = ana.token.to_uppercase();
        let other_kind = ana.token.replace("tare_ss_", "tare_dt_");
        for token in ["", "' OR 1=1 --", &wrong, &longer, &upper, &other_kind] {
            let error = session::authenticate(&world.services, &world.ctx(), token).await.unwrap_err();
            assert_eq!(error.to_string(), "you are not signed in, or not any more; sign in again");
            assert_eq!(error.code(), "unauthenticated");
        }
    }

    /// A node asks the database each time, so what ended on one has ended on all.
    async fn a_session_that_ends_on_one_node_has_ended_on_the_other(world: World) {
        let (ana, caller) = world.person("ana").await;
        let other = world.second_node().await;
        session::authenticate(&other, &world.ctx(), &ana.token).await.unwrap();
        session::revoke(&world.services, &world.ctx(), &caller, ana.session).await.unwrap();
        assert_eq!(refused(session::authenticate(&other, &world.ctx(), &ana.token).await), "unauthenticated");
        other.store.close().await;
    }
}
