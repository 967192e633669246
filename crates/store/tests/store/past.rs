//! Questions about the past have the answers that were true then, with and without segments.

use std::collections::BTreeMap;

use futures_util::future::join_all;
use ledger::{Adjust, Command, Issue, LateSettle, Settle, Source, TransferKind};
use store::{Store, verify};
use units::{Amount, Cost, GrantId, HoldId, Instant, WalletId};

use crate::on_both;
use crate::world::*;

/// A long life in a few seconds: grants of all ends, holds that outlive them, and bursts of charges.
struct Life<'a> {
    world: &'a World,
    store: &'a Store,
    wallet: WalletId,
    now: i64,
    dice: u64,
    open: Vec<HoldId>,
    /// The balance as it was at each moment that was looked at.
    told: BTreeMap<Instant, Amount>,
}

impl Life<'_> {
    fn roll(&mut self, sides: u64) -> i64 {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.dice >> 33) % sides) as i64
    }

    fn any_open(&mut self) -> HoldId {
        let place = self.roll(self.open.len() as u64);
        self.open.swap_remove(place as usize)
    }

    async fn ask(&self, command: Command) -> bool {
        post(self.store, self.wallet, at(self.now), command).await.is_ok()
    }

    async fn step(&mut self) {
        match self.roll(8) {
            0 | 1 => {
                let starts = self.now + if self.roll(4) == 0 { self.roll(100) } else { 0 };
                let ends = (self.roll(3) > 0).then_some(starts + 1 + self.roll(200));
                let issue = Issue {
                    grant: GrantId::from_uuid(self.world.id()),
                    source: Source::Operator,
                    amount: Amount::from_nanos(1 + self.roll(2_000_000_000)),
                    paid: self.roll(2) == 0,
                    effective_at: at(starts),
                    expires_at: ends.map(at),
                };
                self.ask(Command::Issue(issue)).await;
            }
            2 | 3 => {
                let (hold, amount) = (self.world.hold(), Amount::from_nanos(1 + self.roll(900_000_000)));
                if self.ask(place(hold, amount)).await {
                    self.open.push(hold);
                }
            }
            4 | 5 if !self.open.is_empty() => {
                let hold = self.any_open();
                let cost = Cost::from_attos(i128::from(self.roll(1_200_000_000)) * 777_777_777);
                self.ask(Command::Settle(Settle { hold, cost, late: LateSettle::Refuse })).await;
            }
            6 if !self.open.is_empty() => {
                let hold = self.any_open();
                self.ask(Command::Release(hold)).await;
            }
            7 => {
                let grant = GrantId::from_uuid(self.world.id());
                let amount = Amount::from_nanos(self.roll(200_000_000) - 150_000_000);
                self.ask(Command::Adjust(Adjust { grant, amount })).await;
            }
            _ => _ = self.ask(Command::Expire).await,
        }
    }

    /// Charges of a nanodollar, many at once.
    async fn burst(&mut self, count: usize) {
        let charge = |hold| Settle { hold, cost: "0.000000001".parse().unwrap(), late: LateSettle::Charge };
        let holds: Vec<HoldId> = (0..count).map(|_| self.world.hold()).collect();
        let charges = holds.iter().map(|hold| self.ask(Command::Settle(charge(*hold))));
        assert!(join_all(charges).await.iter().all(|done| *done));
    }

    /// Looks at the wallet now, and at what it will be if nothing happens for a while.
    async fn look(&mut self, pause: i64) {
        let wallet = self.store.reader().load_wallet(self.wallet).await.unwrap().unwrap();
        for later in 0..pause {
            self.told.insert(at(self.now + later), wallet.balance(at(self.now + later)));
        }
    }

    async fn live(&mut self, steps: usize) {
        for _ in 0..steps {
            self.step().await;
            let pause = self.roll(12);
            self.look(pause.max(1)).await;
            self.now += pause;
        }
    }

    async fn agrees(&self, every: usize) {
        for (moment, balance) in self.told.iter().step_by(every) {
            let past = self.store.reader().find_past(self.wallet, *moment).await.unwrap().unwrap();
            assert_eq!(past.balance(*moment), *balance, "at {moment}: {past:?}");
        }
    }

    /// Builds all segments, as the job does.
    async fn sum_up(&self) -> u64 {
        let reader = self.store.reader();
        let mut built = 0;
        while let Some((wallet, number)) = reader.list_unsummed_segments(None, 1).await.unwrap().pop() {
            let segment = reader.sum_segment(wallet, number).await.unwrap().expect("it is full");
            for _ in 0..2 {
                let segment = segment.clone();
                self.store.write(async move |tx| tx.insert_segment(&segment).await).await.unwrap();
            }
            built += 1;
        }
        built
    }
}

on_both! {
    async fn a_balance_at_any_moment_is_what_it_was(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let mut life = Life { world, store: &store, wallet, now: 0, dice: 20_280_229, open: vec![], told: BTreeMap::new() };
        life.live(80).await;
        life.burst(4000).await;
        life.look(1).await;
        life.live(40).await;
        life.burst(5000).await;
        life.look(1).await;
        life.live(60).await;
        life.agrees(13).await;
        let slow = store.reader().find_past(wallet, at(life.now)).await.unwrap().unwrap();
        assert_eq!(life.sum_up().await, slow.seq / 4096);
        assert!(slow.seq > 9_000);
        life.agrees(5).await;
        assert_eq!(store.reader().find_past(wallet, at(life.now)).await.unwrap().unwrap(), slow);
        assert_eq!(store.reader().find_past(wallet, at(-1)).await.unwrap().unwrap().seq, 0);
        assert!(verify(store.reader(), &mut |_| {}).await.unwrap().is_clean());
        store.close().await;
    }

    async fn a_grant_is_followed_through_segments_and_pages(world: World) {
        let store = world.open().await;
        let wallet = world.wallet(&store).await;
        let mut life = Life { world, store: &store, wallet, now: 0, dice: 1, open: vec![], told: BTreeMap::new() };
        let (first, second) = (Amount::from_nanos(4_090), Amount::from_nanos(9_000));
        let one = world.grant(&store, wallet, first, Some(at(100))).await;
        let other = world.grant(&store, wallet, second, None).await;
        life.burst(9_100).await;
        for built in [0, 2] {
            let mut trail = Vec::new();
            loop {
                let after = trail.last().map_or(0, |transfer: &ledger::Transfer| transfer.seq);
                let page = store.reader().list_transfers_of_grant(wallet, one, after, 1_000).await.unwrap();
                if page.is_empty() {
                    break;
                }
                trail.extend(page);
            }
            assert_eq!(trail.len(), 4_091);
            assert!(trail.iter().all(|transfer| transfer.from.grant() == Some(one) || transfer.to.grant() == Some(one)));
            let flows = store.reader().flows_of_grant(wallet, other).await.unwrap();
            let (issued, charged) = (flows[&(other, TransferKind::Grant)], flows[&(other, TransferKind::Charge)]);
            assert_eq!((flows.len(), issued.moved_in, issued.transfers), (2, second, 1));
            assert_eq!((charged.moved_out, charged.transfers), (Amount::from_nanos(5_010), 5_010));
            if built == 0 {
                assert_eq!(life.sum_up().await, 2);
            }
        }
        let page = store.reader().list_transfers_before(wallet, u64::MAX >> 1, 3).await.unwrap();
        assert!(page.is_empty());
        let page = store.reader().list_transfers_before(wallet, 9_103, 3).await.unwrap();
        assert_eq!(page.iter().map(|transfer| transfer.seq).collect::<Vec<_>>(), [9_102, 9_101, 9_100]);
        let page = store.reader().list_transfers_before(wallet, 2, 3).await.unwrap();
        assert_eq!(page.iter().map(|transfer| transfer.seq).collect::<Vec<_>>(), [1]);
        store.close().await;
    }
}
