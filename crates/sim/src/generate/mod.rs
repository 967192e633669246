//! Random commands, likely to collide: few ids, equal amounts, and moments right at, before and after an
//! expiry, a start or the end of a lease.
//!
//! Each seed has its own habits (swarm testing): some commands switched off, some made frequent, a slow or
//! a fast clock, one to three wallets, batches of one or of many. A habit that is never absent hides the
//! faults that need its absence.

mod amendments;
mod amounts;
mod moments;

use ledger::{Adjust, Command, Issue, LateSettle, Lease, Place, Settle, Source, Spender};
use units::{GrantId, HoldId, Instant};

use crate::model::Model;
use crate::random::Random;
use crate::world::World;
use crate::{Action, Step, names};

/// The commands that are made up, each with its own weight in a seed.
#[derive(Clone, Copy)]
enum Idea {
    Grant,
    Hold,
    Settle,
    SettleLate,
    Release,
    Renew,
    Lapse,
    Expire,
    Add,
    Take,
    Again,
    Refund,
    FinishRefund,
    Dispute,
    Correct,
    Move,
}

const IDEAS: [Idea; 16] = [
    Idea::Grant,
    Idea::Hold,
    Idea::Settle,
    Idea::SettleLate,
    Idea::Release,
    Idea::Renew,
    Idea::Lapse,
    Idea::Expire,
    Idea::Add,
    Idea::Take,
    Idea::Again,
    Idea::Refund,
    Idea::FinishRefund,
    Idea::Dispute,
    Idea::Correct,
    Idea::Move,
];

/// Beyond so many, grants and holds are spent rather than made.
const MANY: usize = 12;

/// The habits of a seed and where it is.
pub struct Generator {
    random: Random,
    weights: [u64; IDEAS.len()],
    /// Of 100 steps, how many end a batch.
    saves: u64,
    clock_jumps_back: bool,
    /// How far the clock usually moves, in microseconds.
    pace: u64,
    now: Instant,
    ids: u64,
    recent_holds: Vec<HoldId>,
    recent: Vec<(usize, Command)>,
}

impl Generator {
    /// The habits of this seed.
    pub fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let mut weights = IDEAS.map(|_| [0, 1, 2, 4, 8][random.below(5) as usize]);
        // Without grants and holds there is nothing to see, in all but a few seeds.
        if random.percent(95) {
            weights[Idea::Grant as usize] += 3;
            weights[Idea::Hold as usize] += 4;
        }
        Self {
            weights,
            saves: [2, 10, 50][random.below(3) as usize],
            clock_jumps_back: random.percent(25),
            pace: [1_000, 60_000_000, 3_600_000_000, 86_400_000_000][random.below(4) as usize],
            now: moments::start(&mut random),
            ids: 0,
            recent_holds: Vec::new(),
            recent: Vec::new(),
            random,
        }
    }

    /// The world in which this seed plays.
    pub fn world(&mut self) -> World {
        World::new([1, 1, 2, 3][self.random.below(4) as usize], !self.clock_jumps_back)
    }

    /// What happens next.
    pub fn step(&mut self, world: &World) -> Step {
        let wallet = self.random.below(world.wallets() as u64) as usize;
        let model = world.model(wallet);
        self.move_clock(model);
        let at = self.now;
        if self.random.percent(self.saves) {
            return Step { at, wallet, action: Action::Save };
        }
        let idea = IDEAS[self.random.weighted(&self.weights)];
        let (wallet, command) = match idea {
            Idea::Again => self.again().unwrap_or((wallet, Command::Expire)),
            Idea::Move => (wallet, self.move_out(wallet, world)),
            idea => (wallet, self.command(idea, model)),
        };
        self.remember(wallet, &command);
        Step { at, wallet, action: Action::Command(command) }
    }

    fn command(&mut self, idea: Idea, model: &Model) -> Command {
        match self.sober(idea, model) {
            Idea::Grant => Command::Issue(self.issue(model)),
            Idea::Hold => Command::Place(self.place(model)),
            Idea::Settle => Command::Settle(self.settle(model, LateSettle::Refuse)),
            Idea::SettleLate => Command::Settle(self.settle(model, LateSettle::Charge)),
            Idea::Release => Command::Release(self.hold(model)),
            Idea::Renew => Command::Renew(Lease { hold: self.hold(model), until: self.lease_end() }),
            Idea::Lapse => Command::Lapse(self.hold(model)),
            Idea::Expire | Idea::Again | Idea::Move => Command::Expire,
            Idea::Add => Command::Adjust(Adjust { grant: self.grant_id(model), amount: self.amount(model) }),
            Idea::Refund => self.refund(model),
            Idea::FinishRefund => self.finish_refund(model),
            Idea::Dispute => self.contest(model),
            Idea::Correct => self.correct(model),
            Idea::Take => Command::Adjust(Adjust { grant: self.new_grant(), amount: self.amount_to_take(model) }),
        }
    }

    /// Keeps the world small: with many grants or holds, they are mostly spent.
    fn sober(&mut self, idea: Idea, model: &Model) -> Idea {
        let has_many = match idea {
            Idea::Grant | Idea::Add | Idea::Move => model.heap.grants().len() >= MANY,
            Idea::Hold => model.open.len() >= MANY,
            _ => false,
        };
        match has_many && self.random.percent(90) {
            true if self.random.percent(30) => Idea::Take,
            true if self.random.percent(30) => Idea::Release,
            true => Idea::Settle,
            false => idea,
        }
    }

    fn issue(&mut self, model: &Model) -> Issue {
        let effective_at = self.effective_at(model);
        Issue {
            grant: self.grant_id(model),
            source: *self.random.pick(&Source::ALL).expect("there are sources"),
            amount: self.amount(model),
            paid: self.random.percent(50),
            effective_at,
            expires_at: self.expires_at(model, effective_at),
        }
    }

    fn place(&mut self, model: &Model) -> Place {
        let is_new = self.random.percent(80);
        let hold = if is_new { self.new_hold() } else { self.hold(model) };
        let is_fresh = is_new && !model.knows_hold(hold) && self.random.percent(50);
        let wanted = self.amount(model);
        let least = match self.random.below(100) {
            0..60 => wanted,
            60..95 => self.amount(model).min(wanted),
            _ => self.amount(model),
        };
        Place { hold, wanted, least, lease_until: self.lease_end(), is_fresh, spender: Spender::default() }
    }

    fn settle(&mut self, model: &Model, late: LateSettle) -> Settle {
        let is_unheard_of = late == LateSettle::Charge && self.random.percent(15);
        let hold = if is_unheard_of { self.new_hold() } else { self.hold(model) };
        Settle { hold, cost: self.cost(model, hold), late }
    }

    /// Mostly one that is open, sometimes one that was, seldom one that never was.
    fn hold(&mut self, model: &Model) -> HoldId {
        let open = self.random.percent(75).then(|| self.random.pick(&model.open).map(|hold| hold.id)).flatten();
        let known = open.or_else(|| self.random.pick(&self.recent_holds).copied());
        known.filter(|_| !self.random.percent(2)).unwrap_or_else(|| self.new_hold())
    }

    fn grant_id(&mut self, model: &Model) -> GrantId {
        let taken = self.random.percent(3).then(|| self.random.pick(model.heap.grants()).map(|facts| facts.id));
        taken.flatten().unwrap_or_else(|| self.new_grant())
    }

    /// New ids begin with a random letter, so that their order is not the order in which they came. Grants
    /// and holds take them from one row and may meet in one UUID with another wallet's.
    fn new_id(&mut self) -> uuid::Uuid {
        self.ids += u64::from(self.random.percent(70));
        let letter = char::from(b'a' + self.random.below(26) as u8);
        names::uuid(&format!("{letter}{}", self.ids)).expect("a letter and a number are a name")
    }

    fn new_grant(&mut self) -> GrantId {
        GrantId::from_uuid(self.new_id())
    }

    fn new_hold(&mut self) -> HoldId {
        HoldId::from_uuid(self.new_id())
    }

    /// Something that was asked a while ago, word for word.
    fn again(&mut self) -> Option<(usize, Command)> {
        self.random.pick(&self.recent).cloned()
    }

    fn remember(&mut self, wallet: usize, command: &Command) {
        if let Command::Place(place) = command {
            self.recent_holds.push(place.hold);
        }
        self.recent.push((wallet, command.clone()));
        let surplus = |length: usize| length.saturating_sub(20);
        self.recent_holds.drain(..surplus(self.recent_holds.len()));
        self.recent.drain(..surplus(self.recent.len()));
    }
}
