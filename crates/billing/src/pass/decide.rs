//! One command in, its effects out.

use ledger::Source;
use serde::{Deserialize, Serialize};
use units::{Amount, Cents, Instant};

use super::bonus::{bonus, credits, percent, threshold};
use super::{Ended, EndedBy, Month, Pass, Scheduled};
use crate::catalog;
use crate::period::{Cadence, Term};
use crate::refusal::Refusal;

/// What is wanted of a pass, or has happened to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Another tier or cadence from the end of the term on.
    Change {
        /// The wanted tier.
        tier: Cents,
        /// The wanted cadence.
        cadence: Cadence,
    },
    /// The end, at the end of the term.
    Cancel,
    /// Nothing of what was scheduled.
    Resume,
    /// Whatever is due: a bonus that was unlocked, months of a paid term, the next term, the end.
    Advance,
    /// The money for the term that begins in this month is there. News of another term, or the same again, changes
    /// nothing. Where the user has subscribed anew since a lapse, cancel right behind it.
    Paid {
        /// Months from the anchor to the start of the term.
        month: u32,
    },
    /// The bank took the money of that term back: what of it is not granted yet never is, and the pass is over.
    TakenBack {
        /// Months from the anchor to the start of the term.
        month: u32,
    },
    /// The grace of that term is over and no attempt to take its money is open.
    Lapse {
        /// Months from the anchor to the start of the term.
        month: u32,
    },
}

/// What the rules have to know beside the pass.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The moment.
    pub now: Instant,
    /// What the wallet used within [`Pass::counts`].
    pub used: Amount,
    /// Tiers and percentages.
    pub rules: &'a catalog::Pass,
}

/// What follows from a command. It is written in the transaction that writes the pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Credits enter the wallet: once for each (pass, month, source).
    Grant(Grant),
    /// A term has to be paid: once for each (pass, month).
    Bill(Bill),
    /// The pass is over.
    End(Ended),
}

/// Credits for the wallet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Which month they belong to.
    pub month: u32,
    /// Base or bonus.
    pub source: Source,
    /// How many.
    pub amount: Amount,
    /// Whether they were paid for: the base is, but for the months that a cheaper year gives on top.
    pub paid: bool,
    /// When they expire; the base never does.
    pub expires_at: Option<Instant>,
}

/// What has to be paid for a term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Of which tier.
    pub tier: Cents,
    /// For which term.
    pub term: Term,
    /// How much.
    pub amount: Cents,
}

/// What a term costs.
pub fn price(tier: Cents, cadence: Cadence, rules: &catalog::Pass) -> Cents {
    let months = match cadence {
        Cadence::Monthly => 1,
        Cadence::Yearly => i64::from(rules.yearly_factor),
    };
    tier.scaled_half_up(months, 1).expect("tiers are bounded by the catalog")
}

/// A first term: kept with its payment, and begun when that is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Of which tier.
    pub tier: Cents,
    /// How long.
    pub cadence: Cadence,
    /// What it costs.
    pub price: Cents,
}

/// What a first term would be, where the user may subscribe. It is paid before there is a pass.
pub fn subscribe(
    current: Option<&Pass>,
    tier: Cents,
    cadence: Cadence,
    rules: &catalog::Pass,
) -> Result<Offer, Refusal> {
    if current.is_some_and(|pass| pass.ended.is_none()) {
        return Err(Refusal::SubscriptionExists { what: "a pass" });
    }
    known(tier, rules)?;
    Ok(Offer { tier, cadence, price: price(tier, cadence, rules) })
}

/// The pass whose offer was paid at this moment, and its first credits. `is_first` when the user had none before.
pub fn begin(offer: Offer, is_first: bool, facts: &Facts<'_>) -> (Pass, Vec<Effect>) {
    let mut pass = Pass {
        tier: offer.tier,
        term: Term::first(facts.now, offer.cadence),
        price: offer.price,
        is_paid: true,
        streak: 0,
        is_first,
        granted: None,
        scheduled: None,
        ended: None,
    };
    let effects = pass.advance(facts);
    (pass, effects)
}

/// Decides one command. On refusal the pass is untouched.
pub fn decide(pass: &mut Pass, command: Command, facts: &Facts<'_>) -> Result<Vec<Effect>, Refusal> {
    match command {
        Command::Change { tier, cadence } => pass.change(tier, cadence, facts.rules)?,
        Command::Cancel => {
            pass.in_force()?;
            if !pass.is_paid {
                // Nobody pays for a term that they do not want: it ends with what was paid before.
                return Ok(vec![pass.end(facts.now, EndedBy::Cancellation)]);
            }
            pass.scheduled = Some(Scheduled::Cancel);
        }
        Command::Resume => {
            pass.in_force()?;
            pass.scheduled = None;
        }
        Command::Advance => return Ok(pass.advance(facts)),
        Command::Paid { month } => {
            pass.paid(month);
            return Ok(pass.advance(facts));
        }
        Command::Lapse { month } if month == pass.term.month && !pass.is_paid && pass.ended.is_none() => {
            return Ok(vec![pass.end(facts.now, EndedBy::Lapse)]);
        }
        Command::TakenBack { month } if month == pass.term.month && pass.prepaid() > Cents::ZERO => {
            pass.is_paid = false;
            return Ok(pass.ended.is_none().then(|| pass.end(facts.now, EndedBy::Lapse)).into_iter().collect());
        }
        Command::Lapse { .. } | Command::TakenBack { .. } => {}
    }
    Ok(Vec::new())
}

impl Pass {
    fn in_force(&self) -> Result<(), Refusal> {
        match self.ended {
            None => Ok(()),
            Some(_) => Err(Refusal::SubscriptionRequired { what: "pass" }),
        }
    }

    fn change(&mut self, tier: Cents, cadence: Cadence, rules: &catalog::Pass) -> Result<(), Refusal> {
        self.in_force()?;
        let wanted = Scheduled::Change { tier, cadence };
        let is_same = (tier, cadence) == (self.tier, self.term.cadence);
        match self.scheduled {
            Some(scheduled) if scheduled == wanted => return Ok(()),
            Some(Scheduled::Cancel) => {
                return Err(Refusal::ChangePending {
                    pending: "the pass ends with its period",
                    instead: "Resume it first",
                });
            }
            Some(Scheduled::Change { .. }) if !is_same => {
                return Err(Refusal::ChangePending {
                    pending: "another change comes with the end of the period",
                    instead: "Take it back first",
                });
            }
            _ => {}
        }
        if !is_same {
            known(tier, rules)?;
        }
        self.scheduled = (!is_same).then_some(wanted);
        Ok(())
    }

    /// Late success wins over a lapse, and over a cancellation for one more term: credits follow every payment.
    fn paid(&mut self, month: u32) {
        if month != self.term.month || self.is_paid {
            return;
        }
        self.is_paid = true;
        if self.ended.take().is_some_and(|ended| ended.why == EndedBy::Cancellation) {
            self.scheduled = Some(Scheduled::Cancel);
        }
    }

    fn end(&mut self, at: Instant, why: EndedBy) -> Effect {
        let ended = Ended { at, why };
        self.ended = Some(ended);
        self.scheduled = None;
        if why == EndedBy::Lapse {
            self.streak = 0;
            self.is_first = false;
        }
        Effect::End(ended)
    }

    /// All that is due, in order, until something has to be paid.
    fn advance(&mut self, facts: &Facts<'_>) -> Vec<Effect> {
        let mut effects: Vec<_> = self.unlock(facts).into_iter().collect();
        while self.ended.is_none() && self.is_paid {
            let month = self.next_month();
            let after = self.term.next(self.term.cadence).month;
            if month < after && self.term.month_at(month).start <= facts.now {
                effects.push(self.grant(month, facts));
            } else if month >= after && self.term.end() <= facts.now {
                effects.push(self.renew(facts.rules));
            } else {
                break;
            }
        }
        effects
    }

    fn unlock(&mut self, facts: &Facts<'_>) -> Option<Effect> {
        let month = self.granted.as_mut().filter(|month| month.bonus_at.is_none())?;
        if facts.used < threshold(month.base) {
            return None;
        }
        month.bonus_at = Some(facts.now);
        let amount = credits(bonus(month.base, month.percent));
        let expires_at = Some(facts.now.plus_months(facts.rules.bonus.months));
        let grant = Grant { month: month.number, source: Source::PassBonus, amount, paid: false, expires_at };
        // A bonus of nothing is no grant.
        amount.is_positive().then_some(Effect::Grant(grant))
    }

    fn grant(&mut self, number: u32, facts: &Facts<'_>) -> Effect {
        self.streak += 1;
        let percent = percent(self.term.cadence, self.streak, self.is_first, &facts.rules.bonus);
        self.granted = Some(Month { number, base: self.tier, percent, granted_at: facts.now, bonus_at: None });
        let (amount, paid) = (credits(self.tier), self.price_from(number) >= self.tier);
        Effect::Grant(Grant { month: number, source: Source::PassBase, amount, paid, expires_at: None })
    }

    fn renew(&mut self, rules: &catalog::Pass) -> Effect {
        let Some((tier, cadence)) = self.following() else {
            return self.end(self.term.end(), EndedBy::Cancellation);
        };
        self.tier = tier;
        self.term = self.term.next(cadence);
        self.price = price(tier, cadence, rules);
        self.is_paid = false;
        self.scheduled = None;
        Effect::Bill(Bill { tier, term: self.term, amount: self.price })
    }
}

fn known(tier: Cents, rules: &catalog::Pass) -> Result<(), Refusal> {
    if rules.tiers.contains(&tier) {
        return Ok(());
    }
    let tiers = rules.tiers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Err(Refusal::TierUnknown { given: tier, tiers })
}
