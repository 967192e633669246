//! Why an operation did not do what was asked.

use connectors::processor::ProcessorError;
use ledger::Refusal;
use store::{Fault, PostError};
use thiserror::Error;
use units::{ByokKeyId, Instant, RefundId};

/// A refusal is an answer, a fault is the world failing. Only the doors turn them into HTTP.
#[derive(Debug, Error)]
pub enum Error {
    /// The rules say no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No such key, or it may not be used any more. The text says which, and nothing about other keys.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// Nothing of that kind has that name or id for this caller.
    #[error("there is no {what} {name}")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// By which name or id.
        name: String,
    },
    /// The price book has no such model, or no prices for it at that moment.
    #[error("the model {model} is not known here")]
    ModelUnknown {
        /// Its public id.
        model: String,
    },
    /// It is there already.
    #[error("{what} {name} exists already")]
    Exists {
        /// What.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// A field that no rule allows.
    #[error("{field}: {reason}")]
    Invalid {
        /// Which field.
        field: &'static str,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// Who asks may see it and may not do this.
    #[error("you may not {what}; {who} may")]
    Forbidden {
        /// What was asked for, in words.
        what: &'static str,
        /// Who may do it.
        who: String,
    },
    /// The rules of seats or of the pass say no.
    #[error(transparent)]
    Subscription(#[from] billing::Refusal),
    /// It is not as it was when somebody looked at it.
    #[error("{what} changed meanwhile. {now}")]
    ChangedMeanwhile {
        /// What changed.
        what: &'static str,
        /// How it is now, and what to do.
        now: String,
    },
    /// The only owner cannot go or become something else.
    #[error("an organization keeps at least one owner. Make somebody else an owner first")]
    LastOwner,
    /// The digits are not those of the mail.
    #[error("this code is wrong; tries left: {left}")]
    CodeWrong {
        /// How many wrong tries the code still bears.
        left: u32,
    },
    /// The code was used, has expired, was guessed at too often, or never was.
    #[error("this code cannot be used any more. Ask for a new one")]
    CodeClosed,
    /// Too many codes were asked for.
    #[error("{limit} codes were asked for within an hour. The next one is possible in {retry_after} seconds")]
    TooManyCodes {
        /// How many are possible.
        limit: u32,
        /// In how many seconds the next one is.
        retry_after: u64,
    },
    /// The invitation leads nowhere any more.
    #[error("this invitation {how}. Ask for a new one")]
    InvitationClosed {
        /// Why, in words.
        how: &'static str,
    },
    /// Too many devices wait for their people.
    #[error(
        "{limit} devices of this network wait for an answer, which is the most. Answer one, or wait until it expires"
    )]
    TooManyDevices {
        /// How many may wait.
        limit: u32,
    },
    /// The device's code was collected, has expired, or never was.
    #[error("this code is not known or has expired. Start again on the device")]
    DeviceCodeClosed,
    /// The organization's trial or subscription is over, and it has no plan.
    #[error("this organization has had no plan since {ended_at}. Choose a plan to go on; credits and data are kept")]
    SubscriptionRequired {
        /// When the last one ended, or the trial.
        ended_at: Instant,
    },
    /// What it owes was not paid in time.
    #[error("this account is suspended since {since}, as its last bill is not paid. Paying restores it at once")]
    AccountSuspended {
        /// Since when.
        since: Instant,
    },
    /// An operator has stopped its service by hand.
    #[error("this account is suspended since {since} by whoever runs this server, who says: {reason}")]
    SuspendedByOperator {
        /// Since when.
        since: Instant,
        /// Why, as the operator wrote it.
        reason: String,
    },
    /// No provider key can be kept here.
    #[error(
        "this server keeps no provider keys, since it has no master key. Its operator makes one with `tare keys new FILE` and starts the server with --master-keys FILE"
    )]
    NoMasterKey,
    /// Receipts cannot be signed here.
    #[error(
        "this server signs no receipts, since it has no key for them. Its operator makes one with `tare receipt make-key FILE` and starts the server with --receipt-key FILE"
    )]
    NoReceiptKey,
    /// What is kept was sealed under a master key that is not there.
    #[error(
        "provider keys are sealed under the master key {name}, which is not among those that were given. Add it again; without it those keys are lost"
    )]
    MasterKeyMissing {
        /// Its name.
        name: String,
    },
    /// What is kept does not open.
    #[error(
        "the provider key {id} does not open: either {master_key} is not the master key that it was sealed under, or its row was changed"
    )]
    ProviderKeyAltered {
        /// Which provider key.
        id: ByokKeyId,
        /// Under which master key it says it is.
        master_key: String,
    },
    /// The provider does not take the key.
    #[error("{provider} does not take this key ({status}). Check that it is whole and in force there")]
    ProviderKeyRefused {
        /// Which provider.
        provider: String,
        /// What it answered.
        status: u16,
    },
    /// The provider did not say.
    #[error("{provider} could not be asked whether it takes this key, so it is not kept. Try again in a moment")]
    ProviderKeyUnchecked {
        /// Which provider.
        provider: String,
    },
    /// The caller's key came with other content than the first time.
    #[error(
        "the key {key} was used before for other content: {first} then, {given} now. Use a new key for a new request"
    )]
    KeyConflict {
        /// The key.
        key: String,
        /// The beginning of the hash of what was asked the first time.
        first: String,
        /// The same of what was asked now.
        given: String,
    },
    /// The provider's word, or the way it came, is not believed.
    #[error("the sign-in was refused: {why}. Start again")]
    SignInRefused {
        /// Why.
        why: &'static str,
    },
    /// The provider could not be asked.
    #[error("the sign-in provider does not answer. Try again in a moment, or sign in with a code by mail")]
    SignInUnavailable,
    /// Nothing can be paid, because no card is saved.
    #[error("no card is saved here. Add one, then pay again")]
    CardMissing,
    /// The bank said no. Nothing was charged.
    #[error("the payment was declined: {reason}")]
    CardDeclined {
        /// Why, in words for the customer.
        reason: &'static str,
    },
    /// The bank wants to see the person first. Nothing was charged.
    #[error("your bank asks you to confirm this. Continue at {page}")]
    AuthenticationRequired {
        /// Where.
        page: String,
    },
    /// The payment processor cannot be used now, or none is configured.
    #[error("payments are not possible now: {reason}. Try again in a moment")]
    ProcessorUnavailable {
        /// What is known of it.
        reason: String,
    },
    /// The card's bank contests a payment of it, or suspects a fraud.
    #[error("this card pays nothing here while its bank contests a payment. Use another one")]
    CardBlocked,
    /// The processor does not pay a refund. Its credits are free again.
    #[error("the refund {refund} was not paid; the credits are as before. Whoever runs this server sees why")]
    RefundFailed {
        /// Which.
        refund: RefundId,
    },
    /// Too many cards were tried.
    #[error("too many cards or payments were tried. The next try is possible in {retry_after} seconds")]
    TooManyCardTries {
        /// In how many seconds the next one is.
        retry_after: u64,
    },
    /// Too many different cards were saved.
    #[error(
        "{limit} different cards were saved within a day, which is the most. Use one of them, or add this one in {retry_after} seconds"
    )]
    TooManyCards {
        /// How many are possible.
        limit: u32,
        /// In how many seconds the next one is.
        retry_after: u64,
    },
    /// The document is there, and cannot be printed.
    #[error("this invoice cannot be printed now: {reason}. Its data can be read all the same")]
    InvoiceNotPrinted {
        /// Why.
        reason: String,
    },
    /// An event that its processor did not sign.
    #[error("this event is not accepted")]
    EventRefused,
    /// The database or another part of the world failed.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl Error {
    /// The stable code, as listed in `docs/errors.md`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Unauthenticated(_) => "unauthenticated",
            Self::NotFound { .. } => "not_found",
            Self::ModelUnknown { .. } => "model_unknown",
            Self::Exists { .. } => "exists",
            Self::Invalid { .. } => "invalid_field",
            Self::Forbidden { .. } => "forbidden",
            Self::Subscription(refusal) => refusal.code(),
            Self::ChangedMeanwhile { .. } => "changed_meanwhile",
            Self::LastOwner => "last_owner",
            Self::CodeWrong { .. } => "code_wrong",
            Self::CodeClosed => "code_closed",
            Self::TooManyCodes { .. } => "too_many_codes",
            Self::InvitationClosed { .. } => "invitation_closed",
            Self::TooManyDevices { .. } => "too_many_devices",
            Self::DeviceCodeClosed => "device_code_closed",
            Self::SubscriptionRequired { .. } => "subscription_required",
            Self::AccountSuspended { .. } | Self::SuspendedByOperator { .. } => "account_suspended",
            Self::NoMasterKey => "no_master_key",
            Self::NoReceiptKey => "no_receipt_key",
            Self::MasterKeyMissing { .. } => "master_key_missing",
            Self::ProviderKeyAltered { .. } => "provider_key_altered",
            Self::ProviderKeyRefused { .. } => "provider_key_refused",
            Self::ProviderKeyUnchecked { .. } => "provider_key_unchecked",
            Self::KeyConflict { .. } => "idempotency_conflict",
            Self::SignInRefused { .. } => "sign_in_refused",
            Self::SignInUnavailable => "sign_in_unavailable",
            Self::CardMissing => "payment_method_missing",
            Self::CardDeclined { .. } => "card_declined",
            Self::AuthenticationRequired { .. } => "authentication_required",
            Self::ProcessorUnavailable { .. } => "processor_unavailable",
            Self::CardBlocked => "card_blocked",
            Self::RefundFailed { .. } => "refund_failed",
            Self::TooManyCardTries { .. } => "too_many_card_tries",
            Self::TooManyCards { .. } => "too_many_cards",
            Self::InvoiceNotPrinted { .. } => "invoice_not_printed",
            Self::EventRefused => "event_refused",
            Self::Fault(_) => "unavailable",
        }
    }
}

impl From<PostError> for Error {
    fn from(error: PostError) -> Self {
        match error {
            PostError::Refused(refusal) => Self::Refused(refusal),
            PostError::UnknownWallet(wallet) => Self::NotFound { what: "wallet", name: wallet.to_string() },
            PostError::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<ProcessorError> for Error {
    fn from(error: ProcessorError) -> Self {
        match error {
            ProcessorError::BadSignature | ProcessorError::BadEvent => Self::EventRefused,
            ProcessorError::NotFound(what) => Self::NotFound { what: "object of the processor", name: what },
            error => Self::ProcessorUnavailable { reason: error.to_string() },
        }
    }
}
