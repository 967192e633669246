//! Devices that are let in by a person in a browser.

use operations::device::{self, DEVICE_CODE_LIFE, Polled, StartDevice, StartedDevice};
use operations::{Caller, Error, session};
use units::Seconds;

use crate::on_both;
use crate::world::*;

async fn start(world: &World, from: &str) -> Result<StartedDevice, Error> {
    let request = StartDevice { from: from.parse().unwrap(), client: "Kilo CLI".to_owned() };
    device::start(&world.services, &world.ctx(), request).await
}

async fn poll(world: &World, code: &str) -> Polled {
    device::poll(&world.services, &world.ctx(), code).await.unwrap()
}

on_both! {
    async fn a_device_gets_its_token_once(world: World) {
        let (ana, browser) = world.person("ana").await;
        let started = start(world, "192.0.2.1").await.unwrap();
        assert_eq!(started.code.len(), 9);
        assert!(matches!(poll(world, &started.code).await, Polled::Pending));
        let typed = started.code.to_lowercase().replace('-', " ");
        let waiting = device::find(&world.services, &world.ctx(), &browser, &typed).await.unwrap();
        assert_eq!((waiting.client.as_str(), waiting.network.as_str()), ("Kilo CLI", "192.0.2.1"));
        device::approve(&world.services, &world.ctx(), &browser, &typed).await.unwrap();
        let Polled::Approved { token, user } = poll(world, &started.code).await else { panic!("it was not approved") };
        assert_eq!(user.id, ana.user);
        assert!(token.starts_with("tare_dt_"), "{token}");
        let known = session::authenticate(&world.services, &world.ctx(), &token).await.unwrap();
        assert_eq!((known.user.id, known.session.client.as_str()), (ana.user, "Kilo CLI"));
        assert!(matches!(poll(world, &started.code).await, Polled::Expired));
        let again = device::approve(&world.services, &world.ctx(), &browser, &started.code).await;
        assert_eq!(refused(again), "device_code_closed");
        // A device lets no further devices in.
        let second = start(world, "192.0.2.1").await.unwrap();
        let approved = device::approve(&world.services, &world.ctx(), &known.caller(), &second.code).await;
        assert_eq!(refused(approved), "forbidden");
        assert_eq!(refused(device::deny(&world.services, &world.ctx(), &Caller::Operator, &second.code).await), "forbidden");
    }

    async fn a_device_that_asks_twice_at_once_gets_one_token(world: World) {
        let (_, browser) = world.person("ana").await;
        let started = start(world, "192.0.2.1").await.unwrap();
        device::approve(&world.services, &world.ctx(), &browser, &started.code).await.unwrap();
        let answers: [Polled; 2] = tokio::join!(poll(world, &started.code), poll(world, &started.code)).into();
        let tokens = answers.iter().filter(|answer| matches!(answer, Polled::Approved { .. })).count();
        assert_eq!(tokens, 1, "{answers:?}");
    }

    async fn a_device_is_sent_away_or_comes_too_late(world: World) {
        let (_, browser) = world.person("ana").await;
        let denied = start(world, "192.0.2.1").await.unwrap();
        device::deny(&world.services, &world.ctx(), &browser, &denied.code).await.unwrap();
        assert!(matches!(poll(world, &denied.code).await, Polled::Denied));
        let late = start(world, "192.0.2.1").await.unwrap();
        world.pass(DEVICE_CODE_LIFE);
        assert!(matches!(poll(world, &late.code).await, Polled::Expired));
        for code in [late.code.as_str(), "AAAA-AAAA", "nonsense", ""] {
            let approved = device::approve(&world.services, &world.ctx(), &browser, code).await;
            assert_eq!(refused(approved), "device_code_closed", "{code}");
            assert!(matches!(poll(world, code).await, Polled::Expired), "{code}");
        }
    }

    async fn a_network_has_five_devices_waiting(world: World) {
        let (_, browser) = world.person("ana").await;
        let mut codes = Vec::new();
        for _ in 0..5 {
            codes.push(start(world, "192.0.2.1").await.unwrap().code);
        }
        let error = start(world, "192.0.2.1").await.unwrap_err();
        assert_eq!(error.code(), "too_many_devices");
        start(world, "192.0.2.2").await.unwrap();
        device::deny(&world.services, &world.ctx(), &browser, &codes[0]).await.unwrap();
        start(world, "192.0.2.1").await.unwrap();
        assert_eq!(refused(start(world, "192.0.2.1").await), "too_many_devices");
        world.pass(Seconds(600));
        start(world, "192.0.2.1").await.unwrap();
    }
}
