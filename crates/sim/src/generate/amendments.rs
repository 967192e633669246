//! Refunds, disputes, corrections and moves: about what is there, what is over, and what never was.

use ledger::{Command, Contest, Correct, DisputeState, FinishRefund, MoveOut, ReserveRefund};
use units::{CorrectionId, DisputeId, GrantId, HoldId, MoveId, RefundId};

use super::Generator;
use crate::model::Model;
use crate::wallet_id;
use crate::world::World;

/// The first of them in the order of their ids: maps have none of their own, and a seed must repeat itself.
fn sorted<T: Ord + Copy>(ids: impl Iterator<Item = T>) -> Vec<T> {
    let mut ids: Vec<T> = ids.collect();
    ids.sort_unstable();
    ids
}

impl Generator {
    pub(super) fn refund(&mut self, model: &Model) -> Command {
        let open = sorted(model.refunds.keys().copied());
        let refund = self.one_of(&open, 10).unwrap_or_else(|| RefundId::from_uuid(self.new_id()));
        let grant = self.grant_of_any_time(model);
        let amount = self.amount_up_to(model.heap.on(grant, None), model);
        Command::ReserveRefund(ReserveRefund { refund, grant, amount })
    }

    pub(super) fn finish_refund(&mut self, model: &Model) -> Command {
        let running = sorted(model.refunds.iter().filter(|(_, (.., end))| end.is_none()).map(|(id, _)| *id));
        let all = sorted(model.refunds.keys().copied());
        let known = self.one_of(&running, 85).or_else(|| self.one_of(&all, 90));
        let refund = known.unwrap_or_else(|| RefundId::from_uuid(self.new_id()));
        Command::FinishRefund(FinishRefund { refund, is_paid: self.random.percent(60) })
    }

    pub(super) fn contest(&mut self, model: &Model) -> Command {
        let is_open = |state: DisputeState| state == DisputeState::Open;
        let open = sorted(model.disputes.iter().filter(|(_, (_, state))| is_open(*state)).map(|(id, _)| *id));
        let all = sorted(model.disputes.keys().copied());
        let known = self.one_of(&open, 50).or_else(|| self.one_of(&all, 15));
        let of_known = known.and_then(|id| model.disputes.get(&id)).map(|(grant, _)| *grant);
        let grant = of_known.filter(|_| !self.random.percent(3)).unwrap_or_else(|| self.grant_of_any_time(model));
        let states = [DisputeState::Open, DisputeState::Won, DisputeState::Lost];
        let state = match known {
            None if self.random.percent(70) => DisputeState::Open,
            _ => states[self.random.below(3) as usize],
        };
        let dispute = known.unwrap_or_else(|| DisputeId::from_uuid(self.new_id()));
        Command::Contest(Contest { dispute, grant, state })
    }

    pub(super) fn correct(&mut self, model: &Model) -> Command {
        let charges = sorted(model.charges.keys().copied());
        let recent = &charges[charges.len().saturating_sub(40)..];
        let charge = self.one_of(recent, 97).unwrap_or_else(|| HoldId::from_uuid(self.new_id()));
        let left = model.charges.get(&charge).map_or(0, |stack| stack.iter().map(|(_, nanos)| nanos).sum());
        let amount = self.amount_up_to(left, model);
        Command::Correct(Correct { correction: CorrectionId::from_uuid(self.new_id()), charge, amount })
    }

    pub(super) fn move_out(&mut self, wallet: usize, world: &World) -> Command {
        let to = (wallet + 1 + self.random.below(2) as usize) % world.wallets();
        let amount = self.amount(world.model(wallet));
        Command::MoveOut(MoveOut { id: MoveId::from_uuid(self.new_id()), to: wallet_id(to), amount })
    }

    /// One that has something, one that is used up, or one that never was.
    fn grant_of_any_time(&mut self, model: &Model) -> GrantId {
        let live: Vec<GrantId> = model.heap.grants().iter().map(|facts| facts.id).collect();
        let ever = sorted(model.heap.ever().map(|facts| facts.id));
        let known = self.one_of(&live, 75).or_else(|| self.one_of(&ever, 95));
        known.unwrap_or_else(|| self.new_grant())
    }

    /// One of them, in so many of a hundred cases.
    fn one_of<T: Copy>(&mut self, known: &[T], percent: u64) -> Option<T> {
        if self.random.percent(percent) { self.random.pick(known).copied() } else { None }
    }
}
