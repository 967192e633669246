//! Credits as pieces on a heap.
//!
//! The ledger keeps what is left and what is held as numbers on a grant, and subtracts. Here every
//! nanodollar lies in exactly one piece, which says whose it is and who holds it. Pieces are split,
//! relabelled or taken away; nothing is ever computed as a difference. So the two cannot share a mistake.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use ledger::Source;
use units::{GrantId, HoldId, Instant, RefundId};

/// What was said about a grant when it was issued. None of it ever changes.
#[derive(Clone, Debug)]
pub struct Facts {
    pub id: GrantId,
    pub source: Source,
    pub nanos: i128,
    pub paid: bool,
    pub from: Instant,
    pub until: Option<Instant>,
}

/// Who holds a piece. A hold and a refund may have the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    Request(HoldId),
    Card(RefundId),
}

impl From<HoldId> for Holder {
    fn from(id: HoldId) -> Self {
        Self::Request(id)
    }
}

impl From<RefundId> for Holder {
    fn from(id: RefundId) -> Self {
        Self::Card(id)
    }
}

#[derive(Clone, Debug)]
struct Piece {
    grant: GrantId,
    hold: Option<Holder>,
    nanos: i128,
}

/// All credits of a wallet that are not gone yet.
#[derive(Clone, Debug, Default)]
pub struct Heap {
    facts: Vec<Facts>,
    pieces: Vec<Piece>,
    /// Grants whose payment is disputed.
    pub frozen: HashSet<GrantId>,
    /// Grants whose payment the bank took back.
    pub lost: HashSet<GrantId>,
    /// Every grant that ever was.
    ever: HashMap<GrantId, Facts>,
}

impl Facts {
    pub fn is_over(&self, now: Instant) -> bool {
        match self.until {
            Some(until) => now >= until,
            None => false,
        }
    }

    fn is_current(&self, now: Instant) -> bool {
        now >= self.from && !self.is_over(now)
    }

    /// The order of use, rule by rule as the specification has it.
    fn compare(&self, other: &Self) -> Ordering {
        let sooner_expiry = match (self.until, other.until) {
            (Some(mine), Some(theirs)) => mine.cmp(&theirs),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        if sooner_expiry != Ordering::Equal {
            return sooner_expiry;
        }
        if self.paid != other.paid {
            return if other.paid { Ordering::Less } else { Ordering::Greater };
        }
        if self.from != other.from {
            return if self.from < other.from { Ordering::Less } else { Ordering::Greater };
        }
        self.id.uuid().as_bytes().cmp(other.id.uuid().as_bytes())
    }
}

impl Heap {
    /// A new grant: one free piece.
    pub fn put(&mut self, facts: Facts) {
        self.ever.insert(facts.id, facts.clone());
        self.put_back(facts.id, facts.nanos);
    }

    /// A free piece on a grant that may have none left.
    pub fn put_back(&mut self, grant: GrantId, nanos: i128) {
        if !self.facts.iter().any(|facts| facts.id == grant) {
            self.facts.push(self.ever[&grant].clone());
            self.facts.sort_by(Facts::compare);
        }
        self.add(grant, None, nanos);
    }

    /// What was said about a grant, whether or not it has pieces.
    pub fn facts(&self, grant: GrantId) -> Option<&Facts> {
        self.ever.get(&grant)
    }

    /// Every grant that ever was, in no order.
    pub fn ever(&self) -> impl Iterator<Item = &Facts> {
        self.ever.values()
    }

    /// Whether something new may use the grant.
    pub fn is_spendable(&self, facts: &Facts, now: Instant) -> bool {
        facts.is_current(now) && !self.frozen.contains(&facts.id)
    }

    /// Grants that have pieces, in the order of use.
    pub fn grants(&self) -> &[Facts] {
        &self.facts
    }

    /// What lies on a grant under this hold, or free.
    pub fn on(&self, grant: GrantId, hold: Option<Holder>) -> i128 {
        let here = self.pieces.iter().filter(|piece| piece.grant == grant && piece.hold == hold);
        here.map(|piece| piece.nanos).sum()
    }

    /// What lies on a grant in all.
    pub fn left(&self, grant: GrantId) -> i128 {
        self.pieces.iter().filter(|piece| piece.grant == grant).map(|piece| piece.nanos).sum()
    }

    /// What lies on a grant for cards.
    pub fn for_cards(&self, grant: GrantId) -> i128 {
        let here = self.pieces.iter().filter(|piece| piece.grant == grant);
        here.filter(|piece| matches!(piece.hold, Some(Holder::Card(_)))).map(|piece| piece.nanos).sum()
    }

    /// What any hold or refund has.
    pub fn held(&self) -> i128 {
        self.pieces.iter().filter(|piece| piece.hold.is_some()).map(|piece| piece.nanos).sum()
    }

    /// What one hold has.
    pub fn held_by(&self, hold: HoldId) -> i128 {
        self.pieces.iter().filter(|piece| piece.hold == Some(hold.into())).map(|piece| piece.nanos).sum()
    }

    /// What can be spent.
    pub fn available(&self, now: Instant) -> i128 {
        self.facts.iter().filter(|facts| self.is_spendable(facts, now)).map(|facts| self.on(facts.id, None)).sum()
    }

    /// What can be spent, what somebody holds, and what is frozen.
    pub fn balance(&self, now: Instant) -> i128 {
        let current = self.facts.iter().filter(|facts| facts.is_current(now));
        self.held() + current.map(|facts| self.on(facts.id, None)).sum::<i128>()
    }

    /// Moves an amount of a grant from one holder to another.
    pub fn relabel(&mut self, grant: GrantId, from: Option<Holder>, to: Option<Holder>, nanos: i128) {
        self.take(grant, from, nanos);
        self.add(grant, to, nanos);
    }

    /// Takes an amount of a grant off the heap for good.
    pub fn take(&mut self, grant: GrantId, from: Option<Holder>, nanos: i128) {
        let place = self.pieces.iter().position(|piece| piece.grant == grant && piece.hold == from);
        let place = place.expect("the model takes only what lies there");
        let piece = &mut self.pieces[place];
        assert!(piece.nanos >= nanos, "the model takes only what lies there");
        piece.nanos -= nanos;
        if piece.nanos == 0 {
            self.pieces.swap_remove(place);
        }
    }

    /// Forgets grants that have no piece any more.
    pub fn tidy(&mut self) {
        let pieces = &self.pieces;
        self.facts.retain(|facts| pieces.iter().any(|piece| piece.grant == facts.id));
    }

    fn add(&mut self, grant: GrantId, hold: Option<Holder>, nanos: i128) {
        match self.pieces.iter_mut().find(|piece| piece.grant == grant && piece.hold == hold) {
            Some(piece) => piece.nanos += nanos,
            None => self.pieces.push(Piece { grant, hold, nanos }),
        }
    }
}
