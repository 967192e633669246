//! A few wallets, the model of each, and a store. Every step is played on all of them and compared.
//!
//! Checked after each step (numbers of the invariants in brackets): the answer and the new lines of the
//! journal are those that the model predicted (I5, I12, I13, I14); each line continues the sealed chain
//! (I2) and the books sum to zero (I1); a charge names its lines; every grant, every hold and every sum of the wallet is what the
//! model has and what the journal adds up to (I3, I4, I6); a refusal left nothing behind. The twins of
//! each wallet, one with the expiry job before every command and one without any, give the same answers
//! and the same journal (I15). What is owed is what was spent of payments that the bank took back (I35).
//!
//! Checked at the end of each batch: the database's constraints, and that the wallets loaded from what was
//! written equal the live ones; that the twins are equal once the job ran. At the end of the run: the
//! auditor agrees with what the store has as left on every grant, and with the head of the journal.

mod check;
mod twins;

use std::collections::{HashMap, HashSet};

use ledger::{Account, Auditor, Changes, Command, MoveIn, MoveOut, Outcome, Transfer, Wallet, decide, moved_grant};
use units::{GrantId, Instant};

use crate::model::Model;
use crate::step::{Action, Step, verb, wallet_id};
use crate::{Rows, Tally};
use twins::Twins;

/// The books did something that they must not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which rule; two violations of one rule are taken for the same fault when a run is made shorter.
    pub rule: &'static str,
    /// What was found and what was due.
    pub found: String,
}

/// The world of one seed.
pub struct World {
    sides: Vec<Side>,
    rows: Rows,
    changes: Changes,
    /// What was seen.
    pub tally: Tally,
    now: Instant,
}

struct Side {
    wallet: Wallet,
    model: Model,
    auditor: Auditor,
    /// The journal, added up for each account.
    sums: HashMap<Account, i128>,
    twins: Option<Twins>,
    issued: HashSet<GrantId>,
}

impl World {
    /// So many empty wallets. Twins need a clock that never jumps back: a job that ran before the jump
    /// has seen an expiry that the wallet without it has not.
    pub fn new(wallets: usize, has_twins: bool) -> Self {
        Self {
            sides: (0..wallets).map(|index| Side::new(index, has_twins)).collect(),
            rows: Rows::default(),
            changes: Changes::default(),
            tally: Tally::default(),
            now: Instant::EPOCH,
        }
    }

    /// How many wallets there are.
    pub fn wallets(&self) -> usize {
        self.sides.len()
    }

    /// Whether each wallet has its twins.
    pub fn has_twins(&self) -> bool {
        self.sides.iter().all(|side| side.twins.is_some())
    }

    /// What the model thinks of a wallet.
    pub fn model(&self, wallet: usize) -> &Model {
        &self.sides[wallet].model
    }

    /// Whether the layers above would let a step through. A grant's id is made at the door, so it comes
    /// again only while the books can know it; the store refuses it later. An id is fresh once.
    pub fn admits(&self, step: &Step) -> bool {
        let side = &self.sides[step.wallet];
        match &step.action {
            Action::Command(Command::Issue(issue)) => side.may_issue(issue.grant, step.at),
            Action::Command(Command::Adjust(adjust)) => side.may_issue(adjust.grant, step.at),
            Action::Command(Command::Place(place)) => !(place.is_fresh && side.model.knows_hold(place.hold)),
            Action::Command(Command::MoveOut(asked)) => self.may_move(side, asked, step.at),
            Action::Command(Command::MoveIn(_)) => false,
            _ => true,
        }
    }

    /// A move's id is made at the door, and its other side is there and takes it: the store undoes both sides
    /// of one that is refused.
    fn may_move(&self, from: &Side, asked: &MoveOut, now: Instant) -> bool {
        let to = self.sides.iter().find(|side| side.wallet.id == asked.to);
        to.is_some_and(|to| {
            let has_room = || to.model.has_room(asked.amount.nanos().into(), to.model.clock(now));
            to.wallet.id != from.wallet.id
                && !to.issued.contains(&moved_grant(asked.id, 0))
                && (!asked.amount.is_positive() || has_room())
        })
    }

    /// Plays a step and checks everything that can be checked now.
    pub fn play(&mut self, step: &Step) -> Result<(), Violation> {
        self.now = step.at;
        match &step.action {
            Action::Command(command) => {
                if command.stands_alone() {
                    self.save()?;
                }
                let answer = self.command(step.wallet, command, step.at)?;
                self.other_side(command, answer, step.at)
            }
            Action::Save => {
                self.tally.count("save", "batch");
                self.save()
            }
        }
    }

    /// What a move asks of the wallet that it goes to.
    fn other_side(&mut self, command: &Command, answer: Option<Outcome>, now: Instant) -> Result<(), Violation> {
        let (Command::MoveOut(asked), Some(Outcome::Moved(moved))) = (command, answer) else { return Ok(()) };
        let Some(index) = self.sides.iter().position(|side| side.wallet.id == asked.to) else { return Ok(()) };
        let arrives = Command::MoveIn(MoveIn { id: asked.id, parts: moved.parts });
        self.command(index, &arrives, now).map(drop)
    }

    fn command(&mut self, index: usize, command: &Command, now: Instant) -> Result<Option<Outcome>, Violation> {
        let before = self.changes.transfers.len();
        let side = &mut self.sides[index];
        let predicted = side.model.play(command, now);
        self.rows.tell(&mut side.wallet, command);
        let answer = decide(&mut side.wallet, command, now, &mut self.changes);
        let lines = &self.changes.transfers[before..];
        self.tally.count(verb(command), predicted.case);
        lines.iter().for_each(|line| self.tally.count("(journal)", line.kind.name()));

        check::answer(&answer, &predicted)?;
        check::lines(lines, &predicted)?;
        check::charge(&self.changes.charges, command, &predicted, lines)?;
        side.book(lines)?;
        side.issued.extend(lines.iter().filter_map(|line| line.to.grant()));
        let now = side.model.clock(now);
        check::state(&side.wallet, &side.model, &side.sums, now)?;
        if let Command::Place(place) = command
            && predicted.case.starts_with("reserved")
            && let Some(hold) = side.wallet.hold(place.hold)
        {
            check::order_of_use(hold, &side.model, now)?;
        }
        if let Some(twins) = &mut side.twins {
            twins.play(command, now, &answer, lines)?;
        }
        Ok(answer.ok())
    }

    /// Writes the batch and goes on with the wallets as they are loaded from it.
    fn save(&mut self) -> Result<(), Violation> {
        let changes = std::mem::take(&mut self.changes);
        let written = self.rows.save(&changes, self.sides.iter().map(|side| &side.wallet));
        written.map_err(|broken| Violation { rule: "a constraint of the database", found: broken })?;
        for side in &mut self.sides {
            side.wallet.forget_fates();
            side.model.save();
            let loaded = self.rows.load(side.wallet.id);
            check::same_wallet("what was written is what was decided", &loaded, &side.wallet)?;
            if let Some(twins) = &mut side.twins {
                twins.save(&side.wallet, side.model.clock(self.now))?;
            }
            side.wallet = loaded;
        }
        Ok(())
    }

    /// Writes what is left and lets the auditor compare the whole journal with the store.
    pub fn finish(&mut self) -> Result<(), Violation> {
        self.save()?;
        for side in &self.sides {
            let left = self.rows.grants(side.wallet.id).map(|grant| (grant.id, grant.left));
            let agreed = side.auditor.finish(side.wallet.head, left);
            agreed.map_err(|found| Violation { rule: "the auditor agrees (I2, I3)", found: found.to_string() })?;
        }
        Ok(())
    }
}

impl Side {
    fn new(index: usize, has_twins: bool) -> Self {
        let id = wallet_id(index);
        Self {
            wallet: Wallet::new(id),
            model: Model::new(),
            auditor: Auditor::new(id),
            sums: HashMap::new(),
            twins: has_twins.then(|| Twins::new(id)),
            issued: HashSet::new(),
        }
    }

    fn may_issue(&self, id: GrantId, now: Instant) -> bool {
        let now = self.model.clock(now);
        let is_live = || self.model.heap.grants().iter().any(|facts| facts.id == id && !facts.is_over(now));
        !self.issued.contains(&id) || is_live()
    }

    /// Adds the new lines to the sums, and lets the auditor look at them.
    fn book(&mut self, lines: &[Transfer]) -> Result<(), Violation> {
        for line in lines {
            let nanos = i128::from(line.amount.nanos());
            *self.sums.entry(line.from).or_default() -= nanos;
            *self.sums.entry(line.to).or_default() += nanos;
            let taken = self.auditor.take(line);
            taken.map_err(|found| Violation { rule: "the auditor agrees (I2, I3)", found: found.to_string() })?;
        }
        Ok(())
    }
}
