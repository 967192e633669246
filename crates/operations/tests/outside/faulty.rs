//! The sandbox behind a bad line: answers are lost, requests do not arrive, keys are busy.
//!
//! What the sandbox did all the same is its own truth, and is read past the line.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, Weak};

use async_trait::async_trait;
use connectors::processor::sandbox::Sandbox;
use connectors::processor::{
    Dispute, Event, EventPage, FraudWarning, Method, NewPayment, NewRefund, Payment, PaymentStatus, Presence,
    Processor, ProcessorError, Refund, Setup,
};
use store::Reader;
use tokio::sync::{Notify, Semaphore};
use units::Instant;

/// What happens to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not leave: no connection, or 429.
    NotSent,
    /// It leaves, and nothing comes of it: 500 before anything was done.
    LostOnTheWay,
    /// It is done, and the answer is lost: a time-out, or 500 after it.
    AnswerLost,
    /// Another request has the key: 409.
    Busy,
    /// No fault of the processor: we die waiting for the answer. The call was done, or did not arrive.
    Death { is_done: bool },
}

impl Fault {
    /// All faults of the processor.
    pub const ALL: [Self; 4] = [Self::NotSent, Self::LostOnTheWay, Self::AnswerLost, Self::Busy];

    /// Our own.
    pub const DEATHS: [Self; 2] = [Self::Death { is_done: false }, Self::Death { is_done: true }];
}

/// The calls that can be hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    Create,
    Confirm,
    Get,
    Cancel,
    Refund,
    GetRefund,
    FindRefund,
    ListEvents,
}

impl Call {
    pub const ALL: [Self; 8] = [
        Self::Create,
        Self::Confirm,
        Self::Get,
        Self::Cancel,
        Self::Refund,
        Self::GetRefund,
        Self::FindRefund,
        Self::ListEvents,
    ];
}

pub struct Faulty {
    sandbox: Weak<Sandbox>,
    /// What happens to the next calls of a kind, in this order; then the line is good.
    faults: Mutex<BTreeMap<Call, Vec<Fault>>>,
    died: Notify,
    buried: Semaphore,
}

impl Faulty {
    pub fn new(sandbox: Arc<Sandbox>) -> Self {
        let sandbox = Arc::downgrade(&sandbox);
        Self { sandbox, faults: Mutex::default(), died: Notify::new(), buried: Semaphore::new(0) }
    }

    /// Does the work. `None` when we died in the middle of it: nothing of it goes on.
    pub async fn unless_we_die<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            done = work => Some(done),
            () = self.died.notified() => {
                self.buried.close();
                None
            }
        }
    }

    /// Waits for ever where nobody waits for this task, else until whoever began it is gone. Then it is gone too, and lets
    /// go of what it had.
    async fn die<T>(&self) -> T {
        self.died.notify_one();
        let _ = self.buried.acquire().await;
        std::panic::resume_unwind(Box::new("its node died"))
    }

    /// It belongs to its world, and goes when that is closed or crashes.
    fn sandbox(&self) -> Arc<Sandbox> {
        self.sandbox.upgrade().expect("a world has its sandbox")
    }

    /// The next calls of this kind are hit.
    pub fn hit(&self, call: Call, faults: &[Fault]) {
        self.faults.lock().unwrap().insert(call, faults.to_vec());
    }

    /// How many payments the sandbox charged, and how many refunds it made, whoever knows of them: what is on its shelf, for
    /// whoever dies of a call can no longer say what came of it.
    pub async fn truth(&self, reader: &Reader) -> (usize, usize) {
        let mut charged = 0;
        for item in reader.list_sandbox_items("pi_", "", u32::MAX).await.unwrap() {
            let payment = self.sandbox().get_payment(&item.id).await.unwrap();
            charged += usize::from(payment.status == PaymentStatus::Succeeded);
        }
        (charged, reader.list_sandbox_items("re_", "", u32::MAX).await.unwrap().len())
    }

    async fn through<T: Send>(
        &self,
        call: Call,
        work: impl Future<Output = Result<T, ProcessorError>> + Send,
    ) -> Result<T, ProcessorError> {
        let fault = {
            let mut faults = self.faults.lock().unwrap();
            faults.get_mut(&call).filter(|faults| !faults.is_empty()).map(|faults| faults.remove(0))
        };
        match fault {
            None => work.await,
            Some(Fault::NotSent) => Err(ProcessorError::NotSent("no connection".to_owned())),
            Some(Fault::LostOnTheWay) => Err(ProcessorError::Unknown("it answered 500".to_owned())),
            Some(Fault::Busy) => Err(ProcessorError::Unknown("it answered 409".to_owned())),
            Some(Fault::AnswerLost) => {
                let _ = work.await;
                Err(ProcessorError::Unknown("it took longer than 30 seconds".to_owned()))
            }
            Some(Fault::Death { is_done }) => {
                if is_done {
                    let _ = work.await;
                }
                self.die().await
            }
        }
    }
}

#[async_trait]
impl Processor for Faulty {
    /// It stands in for the sandbox.
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn is_live(&self) -> bool {
        false
    }

    async fn create_customer(&self, account: &str, key: &str) -> Result<String, ProcessorError> {
        self.sandbox().create_customer(account, key).await
    }

    async fn begin_setup(&self, customer: &str, return_url: &str, key: &str) -> Result<Setup, ProcessorError> {
        self.sandbox().begin_setup(customer, return_url, key).await
    }

    async fn get_setup(&self, id: &str) -> Result<Setup, ProcessorError> {
        self.sandbox().get_setup(id).await
    }

    async fn get_method(&self, id: &str) -> Result<Method, ProcessorError> {
        self.sandbox().get_method(id).await
    }

    async fn create_payment(&self, new: &NewPayment, key: &str) -> Result<Payment, ProcessorError> {
        let sandbox = self.sandbox();
        self.through(Call::Create, sandbox.create_payment(new, key)).await
    }

    async fn confirm_payment(&self, id: &str, presence: &Presence, key: &str) -> Result<Payment, ProcessorError> {
        let sandbox = self.sandbox();
        self.through(Call::Confirm, sandbox.confirm_payment(id, presence, key)).await
    }

    async fn get_payment(&self, id: &str) -> Result<Payment, ProcessorError> {
        let sandbox = self.sandbox();
        self.through(Call::Get, sandbox.get_payment(id)).await
    }

    async fn cancel_payment(&self, id: &str, key: &str) -> Result<Payment, ProcessorError> {
        let sandbox = self.sandbox();
        self.through(Call::Cancel, sandbox.cancel_payment(id, key)).await
    }

    async fn refund_payment(&self, new: &NewRefund, key: &str) -> Result<Refund, ProcessorError> {
        let sandbox = self.sandbox();
        self.through(Call::Refund, sandbox.refund_payment(new, key)).await
    }

    async fn get_refund(&self, id: &str) -> Result<Refund, ProcessorError> {
        let sandbox = self.sandbox();
        self.through(Call::GetRefund, sandbox.get_refund(id)).await
    }

    async fn find_refund(&self, payment: &str, refund: &str) -> Result<Option<Refund>, ProcessorError> {
        let sandbox = self.sandbox();
        self.through(Call::FindRefund, sandbox.find_refund(payment, refund)).await
    }

    async fn get_dispute(&self, id: &str) -> Result<Dispute, ProcessorError> {
        self.sandbox().get_dispute(id).await
    }

    async fn get_fraud_warning(&self, id: &str) -> Result<FraudWarning, ProcessorError> {
        self.sandbox().get_fraud_warning(id).await
    }

    async fn list_events(&self, since: Instant, after: Option<&str>) -> Result<EventPage, ProcessorError> {
        let sandbox = self.sandbox();
        self.through(Call::ListEvents, sandbox.list_events(since, after)).await
    }

    fn parse_event(&self, signature: &str, body: &[u8], now: Instant) -> Result<Event, ProcessorError> {
        self.sandbox().parse_event(signature, body, now)
    }
}
