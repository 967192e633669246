//! Money moves, and is still there after a restart.

use ledger::{Command, Outcome, Refusal};
use store::PostError;

use crate::on_both;
use crate::world::*;

on_both! {
    async fn a_charge_survives_a_restart(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 10).await;
        let (settled, open) = (world.hold(), world.hold());
        post(&store, wallet, at(1), place(settled, dollars(4))).await.unwrap();
        post(&store, wallet, at(1), place(open, dollars(1))).await.unwrap();
        let first = post(&store, wallet, at(2), settle(settled, "3.0000000005")).await.unwrap();
        store.close().await;

        let store = world.open().await;
        let found = store.reader().load_wallet(wallet).await.unwrap().unwrap();
        assert_eq!((found.available(at(3)), found.held()), (dollars(6), dollars(1)));
        assert_eq!(found.remainder.attos(), 500_000_000);
        // The same settlement again answers as before, and charges nothing.
        let again = post(&store, wallet, at(2), settle(settled, "3.0000000005")).await.unwrap();
        assert_eq!(again, first);
        let other = post(&store, wallet, at(2), settle(settled, "3.1")).await;
        assert!(matches!(other, Err(PostError::Refused(Refusal::HoldClosed { how: "settled", .. }))), "{other:?}");
        assert_eq!(store.reader().list_transfers(wallet, 0, 10).await.unwrap().len(), 2);
        store.close().await;
    }

    async fn a_released_hold_stays_released(world: World) {
        let store = world.open().await;
        let wallet = world.wallet_with(&store, 10).await;
        let hold = world.hold();
        post(&store, wallet, at(1), place(hold, dollars(10))).await.unwrap();
        let short = post(&store, wallet, at(1), place(world.hold(), dollars(1))).await;
        assert!(matches!(short, Err(PostError::Refused(Refusal::InsufficientCredits { .. }))), "{short:?}");
        post(&store, wallet, at(2), Command::Release(hold)).await.unwrap();
        store.close().await;

        let store = world.open().await;
        for late in [settle(hold, "1"), place(hold, dollars(10))] {
            let refused = post(&store, wallet, at(3), late).await;
            assert!(matches!(refused, Err(PostError::Refused(Refusal::HoldClosed { how: "released", .. }))), "{refused:?}");
        }
        let again = post(&store, wallet, at(3), Command::Release(hold)).await.unwrap();
        assert!(matches!(again, Outcome::Released(freed) if freed.amount.is_zero() && freed.available == dollars(10)));
        store.close().await;
    }

    async fn an_unknown_wallet_is_named(world: World) {
        let store = world.open().await;
        let wallet = units::WalletId::from_uuid(world.id());
        let answer = post(&store, wallet, at(1), place(world.hold(), dollars(1))).await;
        assert_eq!(answer, Err(PostError::UnknownWallet(wallet)));
        store.close().await;
    }
}
