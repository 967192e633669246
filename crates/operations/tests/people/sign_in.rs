//! Codes by mail: right, wrong, late, used and guessed.

use operations::sign_in::CODE_LIFE;
use operations::{Error, session};
use units::{Amount, Seconds};

use crate::on_both;
use crate::world::*;

on_both! {
    async fn a_new_person_is_signed_up_and_welcomed_once(world: World) {
        let (first, _) = world.person("ana").await;
        assert!(first.is_new);
        assert_eq!(world.balance(first.wallet).await, Amount::from_dollars(5));
        world.pass(Seconds(3600));
        let (sent, code) = world.code(" ANA@Example.com ", "192.0.2.1").await.unwrap();
        let again = world.redeem(&sent.challenge, &format!(" {} {}\n", &code[..3], &code[3..])).await.unwrap();
        assert!(!again.is_new);
        assert_eq!((again.user, again.wallet), (first.user, first.wallet));
        assert_ne!((again.session, &again.token), (first.session, &first.token));
        assert_eq!(world.balance(first.wallet).await, Amount::from_dollars(5));
        for token in [&first.token, &again.token] {
            let known = session::authenticate(&world.services, &world.ctx(), token).await.unwrap();
            assert_eq!(known.user.email.as_deref(), Some("ana@example.com"));
        }
    }

    async fn a_code_works_once(world: World) {
        let (sent, code) = world.code("ana@example.com", "192.0.2.1").await.unwrap();
        world.redeem(&sent.challenge, &code).await.unwrap();
        assert_eq!(refused(world.redeem(&sent.challenge, &code).await), "code_closed");
    }

    async fn a_code_ends_after_ten_minutes(world: World) {
        let (sent, code) = world.code("ana@example.com", "192.0.2.1").await.unwrap();
        assert_eq!(sent.expires_at, world.now().plus(CODE_LIFE));
        world.pass(Seconds(CODE_LIFE.0 - 1));
        let (late, late_code) = world.code("bob@example.com", "192.0.2.1").await.unwrap();
        world.redeem(&sent.challenge, &code).await.unwrap();
        world.pass(CODE_LIFE);
        assert_eq!(refused(world.redeem(&late.challenge, &late_code).await), "code_closed");
    }

    async fn a_code_bears_five_wrong_tries(world: World) {
        let (sent, code) = world.code("ana@example.com", "192.0.2.1").await.unwrap();
        for left in [4, 3, 2, 1, 0] {
            let error = world.redeem(&sent.challenge, "123456").await.unwrap_err();
            assert!(matches!(error, Error::CodeWrong { left: found } if found == left), "{error}");
            assert_eq!(error.code(), "code_wrong");
        }
        assert_eq!(refused(world.redeem(&sent.challenge, &code).await), "code_closed");
        // A new one is possible at once.
        let (sent, code) = world.code("ana@example.com", "192.0.2.1").await.unwrap();
        assert_eq!(refused(world.redeem(&sent.challenge, "not digits").await), "code_wrong");
        world.redeem(&sent.challenge, &code).await.unwrap();
    }

    async fn a_code_is_worth_nothing_without_its_challenge(world: World) {
        let (ana, code) = world.code("ana@example.com", "192.0.2.1").await.unwrap();
        let (eve, _) = world.code("ana@example.com", "192.0.2.66").await.unwrap();
        assert_eq!(refused(world.redeem(&eve.challenge, &code).await), "code_wrong");
        let unknown = format!("tare_sc_{}", "0".repeat(64));
        for challenge in ["", "tare_sc_", &unknown, &ana.challenge.to_uppercase()] {
            assert_eq!(refused(world.redeem(challenge, &code).await), "code_closed");
        }
        world.redeem(&ana.challenge, &code).await.unwrap();
    }

    /// Two at the same instant: one of them signs in.
    async fn a_code_that_is_redeemed_twice_at_once_works_once(world: World) {
        let (sent, code) = world.code("ana@example.com", "192.0.2.1").await.unwrap();
        let (one, other) = tokio::join!(world.redeem(&sent.challenge, &code), world.redeem(&sent.challenge, &code));
        let (lucky, refusal) = if one.is_ok() { (one, other) } else { (other, one) };
        lucky.unwrap();
        assert_eq!(refused(refusal), "code_closed");
    }

    async fn a_stranger_who_asks_and_guesses_keeps_nobody_out(world: World) {
        for network in 0..20 {
            let from = format!("198.51.100.{network}");
            for _ in 0..5 {
                let (sent, _) = world.code("ana@example.com", &from).await.unwrap();
                while let Err(Error::CodeWrong { .. }) = world.redeem(&sent.challenge, "123456").await {}
            }
            let error = world.code("ana@example.com", &from).await.unwrap_err();
            assert_eq!(error.code(), "too_many_codes");
            assert_eq!(
                error.to_string(),
                "5 codes were asked for within an hour. The next one is possible in 3600 seconds"
            );
        }
        // Ana's network has asked for nothing yet. Her code bears one try, as somebody guesses from everywhere.
        let (sent, _) = world.code("ana@example.com", "192.0.2.1").await.unwrap();
        assert!(matches!(world.redeem(&sent.challenge, "123456").await, Err(Error::CodeWrong { left: 0 })));
        let (sent, code) = world.code("ana@example.com", "192.0.2.1").await.unwrap();
        world.redeem(&sent.challenge, &code).await.unwrap();
        // An hour later everything is as before.
        world.pass(Seconds(3601));
        let (sent, _) = world.code("ana@example.com", "198.51.100.0").await.unwrap();
        assert!(matches!(world.redeem(&sent.challenge, "123456").await, Err(Error::CodeWrong { left: 4 })));
    }

    async fn a_network_asks_for_so_many_addresses_in_an_hour(world: World) {
        let limit = world.services.catalog.current().limits.codes_per_network;
        for number in 0..limit {
            let from = format!("2001:db8:7::{number:x}");
            world.code(&format!("person-{number}@example.com"), &from).await.unwrap();
            world.pass(Seconds(1));
        }
        let error = world.code("one-more@example.com", "2001:db8:7:ffff::1").await.unwrap_err();
        let wait = 3600 - u64::from(limit);
        assert!(matches!(error, Error::TooManyCodes { retry_after, .. } if retry_after == wait), "{error}");
        world.code("one-more@example.com", "2001:db8:8::1").await.unwrap();
        world.pass(Seconds(wait.cast_signed()));
        world.code("one-more@example.com", "2001:db8:7:ffff::1").await.unwrap();
    }

    async fn an_address_must_be_one(world: World) {
        assert_eq!(refused(world.code("ana", "192.0.2.1").await), "invalid_field");
    }

    async fn old_codes_are_forgotten(world: World) {
        world.code("ana@example.com", "192.0.2.1").await.unwrap();
        world.pass(Seconds(2 * 3600));
        assert_eq!(operations::jobs::forget(&world.services, &world.ctx()).await.unwrap(), 0);
        world.pass(Seconds(1));
        assert_eq!(operations::jobs::forget(&world.services, &world.ctx()).await.unwrap(), 1);
    }
}
