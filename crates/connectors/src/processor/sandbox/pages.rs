//! What the sandbox's pages show: whose a setup or payment is, and where its person goes on.

use billing::payment::Failure;
use units::Cents;

use super::Sandbox;
use super::desk::change;
use super::objects::Object;
use super::setups::{told, told_method};
use crate::processor::{PaymentStatus, ProcessorError, SetupStatus};

/// The page on which a card is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupPage {
    /// Our own id of who pays.
    pub account: String,
    /// Where it stands.
    pub status: SetupStatus,
    /// Why the last card was refused.
    pub failure: Option<Failure>,
    /// Where the person goes on.
    pub return_url: String,
}

/// The page on which a bank sees the person who pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentPage {
    /// Our own id of who pays.
    pub account: String,
    /// Where it stands.
    pub status: PaymentStatus,
    /// How much.
    pub amount: Cents,
    /// What for.
    pub description: String,
    /// With which card: its network and its last four digits.
    pub card: (String, String),
    /// Where the person goes on.
    pub return_url: Option<String>,
}

impl Sandbox {
    /// What the page of a setup shows.
    pub async fn setup_page(&self, id: &str) -> Result<SetupPage, ProcessorError> {
        let ids = [id.to_owned()];
        let setup = change(&*self.shelf, self.now(), &ids, |desk| desk.setup(id)).await?;
        Ok(SetupPage {
            account: self.account(&setup.customer).await?,
            status: told(id, &setup, "").status,
            failure: setup.failure,
            return_url: setup.return_url,
        })
    }

    /// What the page of a payment shows.
    pub async fn payment_page(&self, id: &str) -> Result<PaymentPage, ProcessorError> {
        let ids = self.with_method(id).await?;
        let [payment_id, method_id] = &ids;
        let (payment, method) = change(&*self.shelf, self.now(), &ids, |desk| {
            Ok((desk.payment(payment_id)?, told_method(method_id, &desk.method(method_id)?)?))
        })
        .await?;
        Ok(PaymentPage {
            account: self.account(&payment.customer).await?,
            status: super::payments::told(id, &payment, "").status,
            amount: payment.amount,
            description: payment.description,
            card: (method.brand, method.last4),
            return_url: payment.return_url,
        })
    }

    async fn account(&self, customer: &str) -> Result<String, ProcessorError> {
        let ids = [customer.to_owned()];
        change(&*self.shelf, self.now(), &ids, |desk| match desk.find(customer) {
            Some(Object::Customer { account }) => Ok(account.clone()),
            _ => Err(ProcessorError::NotFound(format!("customer {customer}"))),
        })
        .await
    }
}
