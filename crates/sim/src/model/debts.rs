//! What the wallet owes, and what repays it.

use ledger::{Account, Issue, Source, TransferKind};
use units::{GrantId, Instant};

use super::{Line, Model};

impl Model {
    /// Whether something was owed and repaid.
    pub(super) fn repay_from_purchase(&mut self, issue: &Issue, now: Instant, lines: &mut Vec<Line>) -> bool {
        let is_purchase = issue.source == Source::Purchase || issue.source == Source::AutoTopUp;
        issue.paid && is_purchase && self.repay(issue.grant, now, lines)
    }

    /// What lies free on grants whose payment is gone is not the holder's while anything is owed.
    pub(super) fn repay_from_lost(&mut self, now: Instant, lines: &mut Vec<Line>) {
        for facts in self.heap.grants().to_vec() {
            if self.is_lost(facts.id) {
                self.repay(facts.id, now, lines);
            }
        }
    }

    fn repay(&mut self, grant: GrantId, now: Instant, lines: &mut Vec<Line>) -> bool {
        let given = self.heap.on(grant, None).min(self.owed);
        if given == 0 {
            return false;
        }
        self.heap.take(grant, None, given);
        self.owed -= given;
        lines.push(Line {
            at: now,
            kind: TransferKind::Repayment,
            from: Account::Grant(grant),
            to: Account::Receivable,
            nanos: given,
            reference: grant.uuid(),
        });
        true
    }

    pub fn is_lost(&self, grant: GrantId) -> bool {
        self.heap.lost.contains(&grant)
    }

    /// Whether the grant came with a payment to this wallet.
    pub(super) fn is_payment(&self, grant: GrantId) -> bool {
        self.heap.facts(grant).is_some_and(|facts| facts.paid && facts.source != Source::Moved)
    }
}
