//! Short words for what people do with their pass.

use billing::pass::Figures;
use billing::period::Cadence;
use operations::dunning::{self, PayDue};
use operations::pass::{self, Seen, Subscribe};
use operations::payment::{self, Bought, PaymentState};
use operations::{Caller, Error};
use store::PassGrantRow;
use units::{Instant, WalletId};

use crate::world::{World, dollars};

impl World {
    /// A person with this card and no credits.
    pub async fn subscriber(&self, name: &str, card: &str) -> WalletId {
        let (wallet, _) = self.person(name).await;
        self.add_card(wallet, card).await;
        wallet
    }

    pub async fn subscribe(&self, wallet: WalletId, tier: i64, cadence: Cadence) -> Result<Bought, Error> {
        let (caller, return_url) = (Caller::Operator, "http://localhost/".to_owned());
        let tier = dollars(tier);
        let request = Subscribe { caller, wallet, tier, cadence, card: None, key: None, return_url, from: None };
        pass::subscribe(self.services(), &self.ctx(), request).await
    }

    pub async fn pay_due(&self, wallet: WalletId) -> Result<Vec<Bought>, Error> {
        let (caller, return_url) = (Caller::Operator, "http://localhost/".to_owned());
        let request = PayDue { caller, wallet, card: None, return_url, from: None };
        dunning::pay_due(self.services(), &self.ctx(), request).await
    }

    /// The person answers their bank, when it asks, and comes back.
    pub async fn answer(&self, bought: &Bought, says_yes: bool) {
        if let PaymentState::ActionRequired { page } = &bought.state {
            let object = page.rsplit('/').next().unwrap();
            self.sandbox().answer_payment(object, says_yes).await.unwrap();
            let _ = payment::see(self.services(), &self.ctx(), &Caller::Operator, bought.payment).await;
        }
    }

    pub async fn pass(&self, wallet: WalletId) -> Seen {
        pass::see(self.services(), &Caller::Operator, wallet).await.unwrap()
    }

    pub async fn figures(&self, wallet: WalletId) -> Figures {
        self.pass(wallet).await.figures.unwrap()
    }

    /// What passes have granted, the oldest first.
    pub async fn pass_grants(&self, wallet: WalletId) -> Vec<PassGrantRow> {
        let mut rows = self.services().store.reader().list_pass_grants(wallet, u32::MAX).await.unwrap();
        rows.reverse();
        rows
    }

    /// The clock goes to a moment, and nothing runs on the way.
    pub fn sleep_until(&self, at: Instant) {
        let seconds = (at.micros() - self.ctx().now.micros()) / 1_000_000;
        self.wait(seconds);
    }

    /// Everything is done at its moment until then.
    pub async fn live_until(&self, end: Instant) {
        loop {
            self.run().await;
            let (now, reader) = (self.ctx().now, self.services().store.reader());
            let due = [
                reader.next_due_job(now).await.unwrap(),
                reader.next_due_watch(now).await.unwrap(),
                self.sandbox().next_due(now).await.unwrap(),
            ];
            match due.into_iter().flatten().min().filter(|at| *at <= end) {
                Some(at) => self.sleep_until(at),
                None => break,
            }
        }
        self.sleep_until(end);
        self.run().await;
    }
}
