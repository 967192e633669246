//! What came after payments: what went back to their cards, and what the banks say about them.

use std::collections::HashMap;

use billing::{
    contest::{ContestKind, ContestState},
    refund::RefundState,
};
use store::{CardRefundRow, ContestRow, Fault, PaymentRow};
use units::{Cents, PaymentId, WalletId};

use crate::site::Site;

/// Of one payment.
#[derive(Default)]
pub(crate) struct Aftermath {
    /// Its refunds, oldest first.
    pub(crate) refunds: Vec<CardRefundRow>,
    contests: Vec<ContestRow>,
}

/// Of each of these payments of one wallet, by their ids. It takes two readings, however many they are.
pub(crate) async fn of_payments(
    site: &Site,
    wallet: WalletId,
    payments: &[PaymentRow],
) -> Result<HashMap<PaymentId, Aftermath>, Fault> {
    let ids = || payments.iter().map(|row| row.id);
    let (Some(first), Some(last)) = (ids().min(), ids().max()) else { return Ok(HashMap::new()) };
    let reader = site.services.store.reader();
    let mut all: HashMap<PaymentId, Aftermath> = HashMap::new();
    for refund in reader.list_refunds_of_payments(wallet, (first, last)).await? {
        all.entry(refund.payment).or_default().refunds.push(refund);
    }
    for contest in reader.list_contests_of_payments(wallet, (first, last)).await? {
        all.entry(contest.payment).or_default().contests.push(contest);
    }
    Ok(all)
}

impl Aftermath {
    /// What the card has back.
    pub(crate) fn refunded(&self) -> Cents {
        self.sum(|state| state == Some(RefundState::Paid))
    }

    /// What is on its way back to the card.
    pub(crate) fn on_its_way(&self) -> Cents {
        self.sum(|state| !matches!(state, Some(RefundState::Paid | RefundState::Failed)))
    }

    fn sum(&self, counts: impl Fn(Option<RefundState>) -> bool) -> Cents {
        let counted = self.refunds.iter().filter(|row| counts(RefundState::from_name(&row.state)));
        Cents::from_count(counted.map(|row| row.amount.count()).sum())
    }

    /// How far the dispute is, if there is one. What is lost counts before what runs, and that before what was won.
    pub(crate) fn dispute(&self) -> Option<ContestState> {
        let disputes = self.contests.iter().filter(|row| row.kind == ContestKind::Dispute.name());
        let states: Vec<ContestState> = disputes.filter_map(|row| ContestState::from_name(&row.state)).collect();
        let order = [ContestState::Lost, ContestState::Open, ContestState::Inquiry, ContestState::Won];
        order.into_iter().find(|state| states.contains(state))
    }
}
