//! Who may turn it on, and what they agree to.

use billing::Role;
use billing::top_up::{CONSENT_VERSION, State, Wish};
use operations::invitation::Invite;
use operations::organization::{CreateOrganization, create};
use operations::top_up::{self, TurnOn};
use operations::{Caller, Error, invitation};
use units::{Amount, WalletId};

use crate::on_both;
use crate::world::*;

on_both! {
    /// Below the threshold it buys at once; the answer shows it, and the consent is kept word for word.
    async fn turning_it_on_buys_at_once_and_keeps_the_consent(world: World) {
        let (wallet, ana) = world.person("ana").await;
        world.add_card(wallet, GOOD).await;
        let wish = Wish { threshold: Some("7.5".parse().unwrap()), amount: Some(dollars(20)), monthly_cap: None };
        let address = Some("::ffff:192.0.2.7".parse().unwrap());
        let request = TurnOn { caller: ana, wallet, wish, address };
        let seen = top_up::turn_on(world.services(), &world.ctx(), request.clone()).await.unwrap();
        assert_eq!((seen.state, seen.available, seen.payments_today), (State::On, Amount::from_dollars(20), 1));
        assert_eq!(seen.card.map(|card| card.last4), Some("4242".to_owned()));
        top_up::turn_on(world.services(), &world.ctx(), request).await.unwrap();
        world.run().await;
        assert_eq!(world.paid(wallet).await, (1, 1));
        let consents = world.services().store.reader().list_top_up_consents(wallet).await.unwrap();
        let [consent] = &consents[..] else { panic!("{consents:?}") };
        assert_eq!(consent.text, seen.consent);
        assert!(consent.text.contains("$7.50") && consent.text.contains("$20.00") && consent.text.contains("$400.00"));
        assert_eq!((&*consent.text_version, consent.by, consent.given_at), (CONSENT_VERSION, ana.user(), world.ctx().now));
        assert_eq!((consent.amount, consent.address.as_deref()), (dollars(20), Some("192.0.2.7")));
    }

    /// A change is a new consent; the same wish again is none. Nothing said is as it was.
    async fn a_change_is_a_new_consent(world: World) {
        let wallet = world.topped_up("ana", 20, GOOD).await;
        let small = Wish { amount: Some(dollars(20)), ..Wish::default() };
        world.turn_on(wallet, small).await.unwrap();
        world.turn_on(wallet, small).await.unwrap();
        top_up::turn_off(world.services(), &world.ctx(), &Caller::Operator, wallet).await.unwrap();
        assert_eq!(world.turn_on(wallet, Wish::default()).await.unwrap().settings.amount, dollars(20));
        let consents = world.services().store.reader().list_top_up_consents(wallet).await.unwrap();
        assert_eq!(consents.iter().map(|row| row.amount).collect::<Vec<_>>(), [dollars(50), dollars(20), dollars(20)]);
    }

    async fn only_who_manages_billing_may(world: World) {
        let (_, ana) = world.person("ana").await;
        let (services, ctx) = (world.services(), world.ctx());
        let acme = create(services, &ctx, &ana, CreateOrganization { name: "Acme".to_owned(), owner: None }).await.unwrap();
        world.add_card(acme.wallet, GOOD).await;
        let mut callers = Vec::new();
        for (name, role) in [("bill", Role::BillingManager), ("mia", Role::Member)] {
            let (_, person) = world.person(name).await;
            let email = format!("{name}@example.com");
            let invited = invitation::invite(services, &ctx, &ana, Invite { organization: acme.organization, email, role }).await.unwrap();
            invitation::accept(services, &ctx, &person, invited.id).await.unwrap();
            callers.push(person);
        }
        let (_, eve) = world.person("eve").await;
        let ask = async |caller: &Caller, wallet: WalletId| -> [Result<State, Error>; 3] {
            let request = TurnOn { caller: *caller, wallet, wish: Wish::default(), address: None };
            [
                top_up::turn_on(services, &ctx, request).await.map(|seen| seen.state),
                top_up::resume(services, &ctx, caller, wallet).await.map(|seen| seen.state),
                top_up::see(services, &ctx, caller, wallet).await.map(|seen| seen.state),
            ]
        };
        let codes = |answers: [Result<State, Error>; 3]| answers.map(|answer| answer.err().map(|error| error.code()));
        assert_eq!(codes(ask(&callers[1], acme.wallet).await), [Some("forbidden"); 3]);
        assert_eq!(codes(ask(&eve, acme.wallet).await), [Some("not_found"); 3]);
        let nowhere = WalletId::from_uuid(uuid::Uuid::from_u128(99_999));
        assert_eq!(codes(ask(&eve, nowhere).await), [Some("not_found"); 3]);
        assert!(services.store.reader().find_top_up(acme.wallet).await.unwrap().is_none());
        assert_eq!(codes(ask(&callers[0], acme.wallet).await), [None; 3]);
        let off = top_up::turn_off(services, &ctx, &callers[1], acme.wallet).await;
        assert_eq!(off.unwrap_err().code(), "forbidden");
        world.run().await;
        assert_eq!(world.available(acme.wallet).await, Amount::from_dollars(500));
    }

    async fn without_a_card_there_is_nothing_to_turn_on(world: World) {
        let (wallet, _) = world.person("ana").await;
        assert_eq!(world.turn_on(wallet, Wish::default()).await.unwrap_err().code(), "payment_method_missing");
        let seen = world.see(wallet).await;
        assert_eq!((seen.state, seen.card, seen.settings.amount), (State::Off, None, dollars(50)));
        assert_eq!(seen.amounts, [dollars(20), dollars(50), dollars(100)]);
    }
}
