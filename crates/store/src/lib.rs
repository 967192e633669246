//! Every line of SQL, for SQLite and PostgreSQL, and the one queue through which the books are written.
//!
//! [`Store::post`] is the way of all money: postings queue up while the last batch is being committed,
//! are decided together by `ledger`, written as sets of rows, and answered after one commit. People,
//! keys and everything else go through [`Store::write`], an ordinary transaction. Reads go through the
//! [`Reader`], beside both.
//!
//! What is kept true: nothing is acknowledged before it is committed; a batch is written whole or not at
//! all; a command that fails, fails alone. No decision, no id and no time is made here.

mod fault;
pub use fault::Fault;

mod database;
pub use database::Database;

mod value;

mod posting;
pub use posting::{IdempotencyKey, PostError, Posting};

mod batch;

mod cache;

mod rows;
pub use rows::LONGEST_LABEL;

mod log;

mod queue;

mod session;

mod books;

mod past;

mod migrate;

mod job;
pub use job::{GivenUpJob, Job};

mod answer;
pub use answer::{AnswerRow, Claim};

mod byok;
pub use byok::ByokKeyRow;

mod invoice;
pub use invoice::InvoiceFilter;

mod payment;
pub use payment::{AttemptRow, CardRow, PaymentRow};

mod wished;

mod bill;
pub use bill::Buys;

mod debt;
pub use debt::{DebtEnd, DebtKey, DebtRow};

mod seat;
pub use seat::SeatEventRow;

mod purge;
pub use purge::PurgeCounts;

mod card_refund;
pub use card_refund::CardRefundRow;

mod contest;
pub use contest::ContestRow;

mod sandbox;
pub use sandbox::SandboxItem;

mod watch;
pub use watch::{WatchKind, WatchRow};

mod gauge;
pub use gauge::GaugeRow;

mod pass;
pub use pass::{PassGrantRow, PassRow};

mod card_try;
pub use card_try::CardTryRow;

mod expiring;
pub use expiring::ExpiringRow;

mod top_up;
pub use top_up::{TopUpAttemptRow, TopUpAttemptState, TopUpConsentRow, TopUpRow, TopUpTally};

mod sqlite;

mod postgres;
pub use postgres::Scratch;

mod reader;
pub use reader::{AccountTotals, BookSize, ChargeRow, PastRow, Reader, TermsRow, UsageDailyRow, UsageSumRow};

mod segments;
pub use segments::{Flow, Flows, Segment};

mod roots;
pub use roots::{HeadRow, RootRow};

mod verify;
pub use verify::{Difference, Progress, VerifyReport, check_quickly, platform_difference, verify};

mod finding;
pub use finding::FindingRow;

mod dump;
pub use dump::dump;

mod tx;
pub use tx::Tx;

mod people;
pub use people::{
    ActorKind, ApiKeyRow, ApiKeyUse, AuditFilter, AuditRow, DeviceCodeRow, DeviceState, Holder, HolderRow,
    InvitationRow, KnownKeyRow, KnownSessionRow, MemberRow, MemberUse, OidcSetoutRow, OrganizationRow, PolicyRow,
    SessionKind, SessionRow, SessionUse, SignInCodeRow, StandingRow, SuspensionRow, UserRow, WalletRow,
};

mod store;
pub use store::Store;

/// The most postings that one commit takes. Ten thousand wallets in one transaction are still reasonable;
/// a longer one would only keep its callers waiting.
pub(crate) const MOST_IN_A_BATCH: usize = 4096;

/// How many postings may queue before callers wait, and how long they wait before they are sent away.
pub(crate) const LONGEST_QUEUE: usize = 16_384;
pub(crate) const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);
