//! The kinds of work, and how each waits in a row.

use connectors::mail::{Letter, Mail, MailFault};
use serde::{Deserialize, Serialize};
use store::{DebtKey, Job};
use units::{DisputeId, InvoiceId, JobId, OrganizationId, PassId, PaymentId, RefundId, Seconds};

use crate::{Context, Error, Services, dispute, dunning, invoice, pass, payment, refund, seat, sign_in};

/// One piece of work.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Task {
    /// Sends a letter.
    Mail {
        /// The reader's address.
        to: String,
        /// What it says.
        letter: Letter,
    },
    /// Makes the code of a challenge and mails it.
    SignInCode {
        /// The SHA-256 of the challenge.
        challenge_hash: [u8; 32],
    },
    /// Prints an invoice or a credit note and mails it.
    MailInvoice {
        /// The reader's address.
        to: String,
        /// Which document.
        invoice: InvoiceId,
    },
    /// Gives the credits of a payment that is paid.
    Credit {
        /// The payment.
        payment: PaymentId,
    },
    /// Looks at a payment whose fate is open.
    Look {
        /// The payment.
        payment: PaymentId,
    },
    /// Looks at the payment that an event tells of.
    PaymentEvent {
        /// The processor's id of it.
        object: String,
    },
    /// Looks at a refund that has not ended, or that could come back.
    LookAtRefund {
        /// The refund.
        refund: RefundId,
    },
    /// Burns or frees the credits of a refund that has ended.
    BookRefund {
        /// The refund.
        refund: RefundId,
    },
    /// Looks at the refund that an event tells of.
    RefundEvent {
        /// The processor's id of it.
        object: String,
    },
    /// Looks at the dispute that an event tells of.
    DisputeEvent {
        /// The processor's id of it.
        object: String,
    },
    /// Freezes, takes or thaws the credits of a contested payment.
    BookContest {
        /// The contest.
        contest: DisputeId,
    },
    /// Looks at the warning of fraud that an event tells of.
    WarningEvent {
        /// The processor's id of it.
        object: String,
    },
    /// Refunds what a bank suspects, or freezes it.
    AnswerWarning {
        /// The warning.
        contest: DisputeId,
    },
    /// Thaws what was frozen by a warning of which nothing came.
    ThawWarning {
        /// The warning.
        contest: DisputeId,
    },
    /// Looks at a term that is not paid.
    Dun {
        /// Which.
        debt: DebtKey,
    },
    /// Lets the seats of an organization do what is due.
    AdvanceSeats {
        /// Whose.
        organization: OrganizationId,
    },
    /// Does what the time of a pass makes due.
    AdvancePass {
        /// The pass.
        pass: PassId,
    },
    /// Posts what a pass granted to the books.
    BookPass {
        /// The pass.
        pass: PassId,
    },
}

/// Why a piece of work was not done.
#[derive(Debug)]
pub(crate) enum Failed {
    /// It is tried again later.
    Once(String),
    /// It will never succeed.
    ForGood(String),
}

/// The job that sends this letter. A letter that is only good for a while is not sent after it.
pub fn mail(ctx: &Context, to: &str, letter: Letter) -> Job {
    let expires_at = letter.minutes().map(|minutes| ctx.now.plus(Seconds(i64::from(minutes) * 60)));
    Job { expires_at, ..Task::Mail { to: to.to_owned(), letter }.job(ctx) }
}

impl Task {
    fn kind(&self) -> &'static str {
        match self {
            Self::Mail { .. } => "mail",
            Self::SignInCode { .. } => "sign_in_code",
            Self::MailInvoice { .. } => "mail_invoice",
            Self::Credit { .. } => "credit",
            Self::Look { .. } => "look",
            Self::PaymentEvent { .. } => "payment_event",
            Self::LookAtRefund { .. } => "look_at_refund",
            Self::BookRefund { .. } => "book_refund",
            Self::RefundEvent { .. } => "refund_event",
            Self::DisputeEvent { .. } => "dispute_event",
            Self::BookContest { .. } => "book_contest",
            Self::WarningEvent { .. } => "warning_event",
            Self::AnswerWarning { .. } => "answer_warning",
            Self::ThawWarning { .. } => "thaw_warning",
            Self::Dun { .. } => "dun",
            Self::AdvanceSeats { .. } => "advance_seats",
            Self::AdvancePass { .. } => "advance_pass",
            Self::BookPass { .. } => "book_pass",
        }
    }

    /// As a row that is due at once.
    pub(crate) fn job(&self, ctx: &Context) -> Job {
        Job {
            id: JobId::from_uuid(ctx.ids.uuid()),
            kind: self.kind().to_owned(),
            payload: serde_json::to_string(self).expect("a task is plain data"),
            lane: None,
            created_at: ctx.now,
            due_at: ctx.now,
            expires_at: None,
            attempts: 0,
        }
    }

    /// Does it.
    pub(crate) async fn perform(self, services: &Services, ctx: &Context, id: JobId) -> Result<(), Failed> {
        match self {
            Self::Mail { to, letter } => {
                let (postbox, catalog) = (&services.outside.postbox, services.catalog.current());
                let mail = Mail::write(id, &to, &letter, &catalog.brand.name, postbox, ctx.now)?;
                Ok(postbox.mailer.send(&postbox.from, &mail).await?)
            }
            Self::SignInCode { challenge_hash } => sign_in::mail_code(services, ctx, id, challenge_hash).await,
            Self::MailInvoice { to, invoice } => invoice::mail_document(services, id, &to, invoice).await,
            Self::Credit { payment } => Ok(payment::credit(services, ctx, payment).await?),
            Self::Look { payment } => Ok(payment::look(services, ctx, payment).await?),
            Self::PaymentEvent { object } => Ok(payment::look_by_foreign_id(services, ctx, &object).await?),
            Self::LookAtRefund { refund } => Ok(refund::look(services, ctx, refund).await?),
            Self::BookRefund { refund } => Ok(refund::book(services, ctx, refund).await?),
            Self::RefundEvent { object } => Ok(refund::look_by_foreign_id(services, ctx, &object).await?),
            Self::DisputeEvent { object } => Ok(dispute::look_at_dispute(services, ctx, &object).await?),
            Self::BookContest { contest } => Ok(dispute::book(services, ctx, contest).await?),
            Self::WarningEvent { object } => Ok(dispute::look_at_warning(services, ctx, &object).await?),
            Self::AnswerWarning { contest } => Ok(dispute::answer_warning(services, ctx, contest).await?),
            Self::ThawWarning { contest } => Ok(dispute::thaw(services, ctx, contest).await?),
            Self::Dun { debt } => Ok(dunning::look(services, ctx, debt).await?),
            Self::AdvanceSeats { organization } => Ok(seat::advance(services, ctx, organization).await?),
            Self::AdvancePass { pass } => Ok(pass::advance(services, ctx, pass).await.map(drop)?),
            Self::BookPass { pass } => Ok(pass::book(services, ctx, pass).await?),
        }
    }
}

/// What fails about money is tried again: an operator sees what was given up.
impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Once(error.to_string())
    }
}

impl From<MailFault> for Failed {
    fn from(fault: MailFault) -> Self {
        match fault {
            MailFault::Temporary(why) => Self::Once(why),
            MailFault::Permanent(why) => Self::ForGood(why),
        }
    }
}
