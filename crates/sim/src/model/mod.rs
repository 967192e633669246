//! A naive second opinion about the books, written from the specification and not from the ledger.
//!
//! For every command it predicts the answer and the lines of the journal. It knows the whole past (the
//! ledger must be told what became of a hold) and takes its time: amounts are 128 bits wide, debits are
//! the difference of whole sums since the beginning, and credits lie in pieces on a [`heap`].

pub mod heap;

mod corrections;
mod credits;
mod debts;
mod disputes;
mod holds;
mod moves;
mod refunds;
mod settle;

use std::collections::HashMap;

use ledger::{Account, Command, DisputeState, Draw, Freed, Outcome, TransferKind};
use units::{Amount, CorrectionId, Cost, DisputeId, GrantId, HoldId, Instant, RefundId};
use uuid::Uuid;

use heap::Heap;

/// What the model thinks of one wallet.
#[derive(Clone, Debug)]
pub struct Model {
    pub heap: Heap,
    pub open: Vec<OpenHold>,
    ended: HashMap<HoldId, End>,
    /// All costs since the beginning, in attodollars.
    costs: i128,
    /// What of them was debited or lost since the beginning, in nanodollars.
    billed: i128,
    /// When the last line of the journal is dated.
    pub latest: Instant,
    /// How many lines the journal has.
    pub lines: u64,
    batch: u64,
    /// What moved between grants and the platform since the beginning, by grant and reason.
    moved: HashMap<(GrantId, TransferKind), i128>,
    /// What the wallet owes.
    pub owed: i128,
    /// Refunds: of which grant, how much, and how it ended.
    pub refunds: HashMap<RefundId, (GrantId, i128, Option<bool>)>,
    pub disputes: HashMap<DisputeId, (GrantId, DisputeState)>,
    /// What can be undone of each charge; the top of the stack first. Nothing stands for the loss.
    pub charges: HashMap<HoldId, Stack>,
    corrections: HashMap<(HoldId, CorrectionId), (i128, Stack)>,
}

/// What grants gave, and what the platform lost.
type Stack = Vec<(Option<GrantId>, i128)>;

/// A hold that is open.
#[derive(Clone, Debug)]
pub struct OpenHold {
    pub id: HoldId,
    pub wanted: Amount,
    pub least: Amount,
    pub placed_at: Instant,
    pub lease_until: Instant,
}

#[derive(Clone, Debug)]
enum End {
    Settled { cost: Cost, debited: Amount, lost: Amount, draws: Vec<Draw>, batch: u64 },
    Released,
    Lapsed,
}

/// What a command must lead to.
#[derive(Debug)]
pub struct Prediction {
    /// The answer.
    pub answer: Result<Outcome, Refused>,
    /// The lines that the journal gains.
    pub lines: Vec<Line>,
    /// What kind of case this was, for the count of what a run has seen.
    pub case: &'static str,
}

/// A refusal by its code, with the numbers when there are some: what is needed and what is available.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub code: &'static str,
    pub numbers: Option<(i128, i128)>,
}

/// A line of the journal without its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub at: Instant,
    pub kind: TransferKind,
    pub from: Account,
    pub to: Account,
    pub nanos: i128,
    pub reference: Uuid,
}

type Answer = (Result<Outcome, Refused>, &'static str);

impl Model {
    pub fn new() -> Self {
        Self {
            heap: Heap::default(),
            open: Vec::new(),
            ended: HashMap::new(),
            costs: 0,
            billed: 0,
            latest: Instant::from_micros(i64::MIN),
            lines: 0,
            batch: 0,
            moved: HashMap::new(),
            owed: 0,
            refunds: HashMap::new(),
            disputes: HashMap::new(),
            charges: HashMap::new(),
            corrections: HashMap::new(),
        }
    }

    /// Plays a command and says what it must lead to.
    pub fn play(&mut self, command: &Command, now: Instant) -> Prediction {
        let now = self.clock(now);
        let mut lines = Vec::new();
        let (answer, case) = match command {
            Command::Issue(issue) => self.issue(issue, now, &mut lines),
            Command::Place(place) => self.place(place, now),
            Command::Settle(settle) => self.settle(settle, now, &mut lines),
            Command::Release(hold) => self.release(*hold, now, &mut lines),
            Command::Renew(lease) => self.renew(lease),
            Command::Lapse(hold) => self.lapse(*hold, now, &mut lines),
            Command::Expire => self.expire(now, &mut lines),
            Command::Adjust(adjust) => self.adjust(adjust, now, &mut lines),
            Command::ReserveRefund(asked) => self.reserve_refund(asked, now),
            Command::FinishRefund(asked) => self.finish_refund(asked, now, &mut lines),
            Command::Contest(asked) => self.contest(asked, now, &mut lines),
            Command::Correct(asked) => self.correct(asked, now, &mut lines),
            Command::MoveOut(asked) => self.move_out(asked, now, &mut lines),
            Command::MoveIn(asked) => self.move_in(asked, now, &mut lines),
        };
        lines.iter().for_each(|line| self.count(line));
        self.lines += lines.len() as u64;
        self.latest = lines.last().map_or(self.latest, |line| line.at);
        self.heap.tidy();
        Prediction { answer, lines, case }
    }

    fn count(&mut self, line: &Line) {
        for grant in [line.from.grant(), line.to.grant()].into_iter().flatten() {
            // A refund that comes back is one that never was.
            let has_come_back = line.kind == TransferKind::Refund && line.to == Account::Grant(grant);
            *self.moved.entry((grant, line.kind)).or_default() += if has_come_back { -line.nanos } else { line.nanos };
        }
    }

    /// What moved for one reason on one grant, as the journal has it.
    pub fn moved(&self, grant: GrantId, kind: TransferKind) -> i128 {
        self.moved.get(&(grant, kind)).copied().unwrap_or_default()
    }

    /// The batch was written: what is asked from now on is asked of the store.
    pub fn save(&mut self) {
        self.batch += 1;
    }

    /// The moment that a decision goes by: never before the last line of the journal.
    pub fn clock(&self, now: Instant) -> Instant {
        if now < self.latest { self.latest } else { now }
    }

    /// The part of all costs that is not debited yet, in attodollars.
    pub fn remainder(&self) -> i128 {
        self.costs - self.billed * 1_000_000_000
    }

    /// Whether the id was ever used for a hold or charge.
    pub fn knows_hold(&self, id: HoldId) -> bool {
        self.ended.contains_key(&id) || self.is_open(id)
    }

    fn is_open(&self, id: HoldId) -> bool {
        self.open.iter().any(|hold| hold.id == id)
    }

    fn available(&self, now: Instant) -> Amount {
        amount(self.heap.available(now))
    }

    fn freed(&self, nanos: i128, now: Instant) -> Freed {
        Freed { amount: amount(nanos), available: self.available(now) }
    }
}

/// Nanodollars as the ledger counts them.
pub fn amount(nanos: i128) -> Amount {
    Amount::from_nanos(i64::try_from(nanos).expect("no wallet has more than a billion dollars"))
}

fn nanos(amount: Amount) -> i128 {
    i128::from(amount.nanos())
}

fn refused(code: &'static str) -> Answer {
    (Err(Refused { code, numbers: None }), code)
}

fn insufficient(needed: i128, available: i128) -> Answer {
    (Err(Refused { code: "insufficient_credits", numbers: Some((needed, available)) }), "insufficient_credits")
}
