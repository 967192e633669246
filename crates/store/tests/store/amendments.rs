//! Refunds, disputes, corrections and moves, as the databases keep them.

use futures_util::future::join_all;
use ledger::{Command, Contest, Correct, DisputeState, FinishRefund, MoveOut, Outcome, Refusal, ReserveRefund};
use store::{IdempotencyKey, PostError, Posting, Store, verify};
use units::{Amount, CorrectionId, DisputeId, GrantId, HoldId, MoveId, RefundId, WalletId};

use crate::on_both;
use crate::world::*;

fn reserve(refund: RefundId, grant: GrantId, amount: Amount) -> Command {
    Command::ReserveRefund(ReserveRefund { refund, grant, amount })
}

fn finish(refund: RefundId, is_paid: bool) -> Command {
    Command::FinishRefund(FinishRefund { refund, is_paid })
}

fn contest(dispute: DisputeId, grant: GrantId, state: DisputeState) -> Command {
    Command::Contest(Contest { dispute, grant, state })
}

fn correct(correction: CorrectionId, charge: HoldId, amount: Amount) -> Command {
    Command::Correct(Correct { correction, charge, amount })
}

async fn spend(world: &World, store: &Store, wallet: WalletId, cost: &str) -> HoldId {
    let hold = world.hold();
    post(store, wallet, at(1), place(hold, "0.01".parse().unwrap())).await.unwrap();
    post(store, wallet, at(2), settle(hold, cost)).await.unwrap();
    hold
}

async fn available(store: &Store, wallet: WalletId) -> Amount {
    store.reader().load_wallet(wallet).await.unwrap().unwrap().available(at(100))
}

async fn close_clean(store: Store) {
    let report = verify(store.reader(), &mut |_| {}).await.unwrap();
    assert!(report.is_clean(), "{report:?}");
    store.close().await;
}

/// The code of a refusal.
fn refused(answer: &Result<Outcome, PostError>) -> &'static str {
    match answer {
        Err(PostError::Refused(refusal)) => refusal.code(),
        other => panic!("{other:?} is no refusal"),
    }
}

on_both! {
    async fn a_refund_is_set_aside_burned_once_and_comes_back_once_over_restarts(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let grant = world.grant(&store, wallet, dollars(10), None).await;
        spend(world, &store, wallet, "4").await;
        let refund = RefundId::from_uuid(world.id());
        let first = post(&store, wallet, at(3), reserve(refund, grant, dollars(5))).await.unwrap();
        assert_eq!(available(&store, wallet).await, dollars(1));
        store.close().await;

        let store = world.open().await;
        assert_eq!(post(&store, wallet, at(4), reserve(refund, grant, dollars(5))).await.unwrap(), first);
        let listed = store.reader().list_grants(wallet, None, 10).await.unwrap();
        assert_eq!((listed[0].held, listed[0].left), (dollars(5), dollars(6)));
        let other = post(&store, wallet, at(4), reserve(refund, grant, dollars(4))).await;
        assert_eq!(refused(&other), "idempotency_conflict");
        let paid = post(&store, wallet, at(5), finish(refund, true)).await.unwrap();
        assert_eq!(post(&store, wallet, at(6), finish(refund, true)).await.unwrap(), paid);
        assert_eq!(refused(&post(&store, wallet, at(6), reserve(refund, grant, dollars(5))).await), "refund_closed");
        assert_eq!(available(&store, wallet).await, dollars(1));
        store.close().await;

        let store = world.open().await;
        let back = post(&store, wallet, at(7), finish(refund, false)).await.unwrap();
        assert_eq!(post(&store, wallet, at(8), finish(refund, false)).await.unwrap(), back);
        assert_eq!(refused(&post(&store, wallet, at(8), finish(refund, true)).await), "refund_closed");
        assert_eq!(available(&store, wallet).await, dollars(6));
        close_clean(store).await;
    }

    async fn twenty_refunds_at_once_never_exceed_the_purchase(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let grant = world.grant(&store, wallet, dollars(10), None).await;
        let ids: Vec<RefundId> = (0..20).map(|_| RefundId::from_uuid(world.id())).collect();
        let answers =
            join_all(ids.iter().map(|id| post(&store, wallet, at(3), reserve(*id, grant, dollars(3))))).await;
        let reserved = answers.iter().filter(|answer| answer.is_ok()).count();
        let too_large = answers.iter().filter(|answer| answer.is_err()).map(refused);
        assert_eq!(reserved, 3, "{answers:?}");
        assert!(too_large.into_iter().all(|code| code == "refund_too_large"));
        let ended = join_all(ids.iter().map(|id| post(&store, wallet, at(4), finish(*id, true)))).await;
        assert_eq!(ended.iter().filter(|answer| answer.is_ok()).count(), 3);
        assert_eq!(available(&store, wallet).await, dollars(1));
        close_clean(store).await;
    }

    async fn what_is_another_wallets_is_as_absent_as_what_never_was(world: World) {
        let store = world.open().await;
        let (ana, ben) = (world.wallet(&store).await, world.wallet(&store).await);
        let grant = world.grant(&store, ana, dollars(10), None).await;
        let charge = spend(world, &store, ana, "1").await;
        let refund = RefundId::from_uuid(world.id());
        post(&store, ana, at(3), reserve(refund, grant, dollars(1))).await.unwrap();

        let nowhere = GrantId::from_uuid(world.id());
        for (theirs, absent) in [
            (reserve(RefundId::from_uuid(world.id()), grant, dollars(1)), reserve(refund, nowhere, dollars(1))),
            (finish(refund, true), finish(RefundId::from_uuid(world.id()), true)),
            (
                contest(DisputeId::from_uuid(world.id()), grant, DisputeState::Open),
                contest(DisputeId::from_uuid(world.id()), nowhere, DisputeState::Open),
            ),
            (
                correct(CorrectionId::from_uuid(world.id()), charge, dollars(1)),
                correct(CorrectionId::from_uuid(world.id()), world.hold(), dollars(1)),
            ),
        ] {
            let theirs = post(&store, ben, at(4), theirs).await;
            assert_eq!(refused(&theirs), refused(&post(&store, ben, at(4), absent).await), "{theirs:?}");
        }
        close_clean(store).await;
    }

    async fn a_lost_dispute_of_spent_credits_is_owed_and_repaid_first(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let grant = world.grant(&store, wallet, dollars(10), None).await;
        spend(world, &store, wallet, "10").await;
        let dispute = DisputeId::from_uuid(world.id());
        post(&store, wallet, at(3), contest(dispute, grant, DisputeState::Open)).await.unwrap();
        let lost = post(&store, wallet, at(4), contest(dispute, grant, DisputeState::Lost)).await.unwrap();
        let Outcome::Contested(contested) = &lost else { panic!("{lost:?}") };
        assert_eq!(contested.receivable, dollars(10));
        store.close().await;

        let store = world.open().await;
        assert_eq!(post(&store, wallet, at(5), contest(dispute, grant, DisputeState::Lost)).await.unwrap(), lost);
        assert_eq!(refused(&post(&store, wallet, at(5), contest(dispute, grant, DisputeState::Won)).await), "dispute_closed");
        world.grant(&store, wallet, dollars(4), None).await;
        assert_eq!(available(&store, wallet).await, dollars(0));
        world.grant(&store, wallet, dollars(7), None).await;
        assert_eq!(available(&store, wallet).await, dollars(1));
        let found = store.reader().load_wallet(wallet).await.unwrap().unwrap();
        assert_eq!(found.receivable, dollars(0));
        close_clean(store).await;
    }

    async fn a_correction_fills_a_grant_that_was_used_up(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        world.grant(&store, wallet, dollars(2), None).await;
        let charge = spend(world, &store, wallet, "3").await;
        let correction = CorrectionId::from_uuid(world.id());
        let first = post(&store, wallet, at(3), correct(correction, charge, "1.5".parse().unwrap())).await.unwrap();
        let Outcome::Corrected(corrected) = &first else { panic!("{first:?}") };
        assert_eq!((corrected.loss_undone, corrected.available), (dollars(1), "0.5".parse().unwrap()));
        store.close().await;

        let store = world.open().await;
        let again = post(&store, wallet, at(4), correct(correction, charge, "1.5".parse().unwrap())).await;
        assert_eq!(again.unwrap(), first);
        let rest = CorrectionId::from_uuid(world.id());
        let too_much = post(&store, wallet, at(4), correct(rest, charge, dollars(2))).await;
        assert!(matches!(
            too_much,
            Err(PostError::Refused(Refusal::CorrectionTooLarge { correctable, .. })) if correctable == "1.5".parse().unwrap()
        ));
        post(&store, wallet, at(5), correct(rest, charge, "1.5".parse().unwrap())).await.unwrap();
        assert_eq!(available(&store, wallet).await, dollars(2));
        close_clean(store).await;
    }

    async fn a_move_has_both_sides_or_none(world: World) {
        let store = world.open().await;
        let (from, to) = (world.wallet(&store).await, world.wallet(&store).await);
        world.grant(&store, from, dollars(5), Some(at(1000))).await;
        world.grant(&store, from, dollars(5), None).await;
        let id = MoveId::from_uuid(world.id());
        let command = Command::MoveOut(MoveOut { id, to, amount: dollars(7) });
        let key = Some(IdempotencyKey { key: "move".to_owned(), content: [1; 32] });
        let posting = Posting { wallet: from, now: at(3), command: command.clone(), key, usage: None };
        let moved = store.post(posting.clone()).await.unwrap();
        assert_eq!((available(&store, from).await, available(&store, to).await), (dollars(3), dollars(7)));
        // Told twice it happens once, with its key or by its id.
        assert_eq!(store.post(posting).await.unwrap(), moved);
        let sent_again = Command::MoveOut(MoveOut { id, to, amount: dollars(1) });
        assert_eq!(refused(&post(&store, from, at(4), sent_again).await), "idempotency_conflict");

        // The other wallet is full, or nobody's: this one keeps what it has.
        world.grant(&store, to, dollars(999_999_992), None).await;
        let more = |to| Command::MoveOut(MoveOut { id: MoveId::from_uuid(world.id()), to, amount: dollars(2) });
        assert_eq!(refused(&post(&store, from, at(5), more(to)).await), "amount_out_of_range");
        let nobody = WalletId::from_uuid(world.id());
        assert_eq!(post(&store, from, at(5), more(nobody)).await, Err(PostError::UnknownWallet(nobody)));
        assert_eq!(available(&store, from).await, dollars(3));
        post(&store, from, at(6), place(world.hold(), dollars(3))).await.unwrap();

        let arrived = store.reader().list_grants(to, None, 10).await.unwrap();
        let ends: Vec<_> = arrived.iter().map(|grant| (grant.amount, grant.expires_at, grant.paid)).collect();
        assert!(ends.contains(&(dollars(5), Some(at(1000)), true)) && ends.contains(&(dollars(2), None, true)));
        close_clean(store).await;
    }
}
