//! Writes a command as a line of a story: the way back from a failing seed to a text.

use ledger::{Command, Issue, LateSettle, Place, Source};
use units::Instant;

use crate::names::name;
use crate::step::verb;

/// The line that stands for a command given at this moment.
pub fn command_line(command: &Command, now: Instant) -> String {
    match command {
        Command::Issue(issue) => grant_line(issue, now),
        Command::Place(place) => hold_line(place),
        Command::Settle(settle) => {
            let late = if settle.late == LateSettle::Charge { " late" } else { "" };
            format!("settle {} {}{late}", name(settle.hold.uuid()), settle.cost)
        }
        Command::Release(hold) => format!("release {}", name(hold.uuid())),
        Command::Lapse(hold) => format!("lapse {}", name(hold.uuid())),
        Command::Renew(lease) => format!("renew {} until {}", name(lease.hold.uuid()), lease.until),
        Command::Expire => "expire".to_owned(),
        Command::Adjust(adjust) => format!("adjust {} {}", name(adjust.grant.uuid()), adjust.amount),
        Command::ReserveRefund(asked) => {
            format!("refund {} {} {}", name(asked.refund.uuid()), name(asked.grant.uuid()), asked.amount)
        }
        Command::FinishRefund(asked) => format!("{} {}", verb(command), name(asked.refund.uuid())),
        Command::Contest(asked) => {
            format!("dispute {} {} {}", name(asked.dispute.uuid()), name(asked.grant.uuid()), asked.state.name())
        }
        Command::Correct(asked) => {
            format!("correct {} {} {}", name(asked.correction.uuid()), name(asked.charge.uuid()), asked.amount)
        }
        Command::MoveOut(asked) => {
            format!("move {} {} to {}", name(asked.id.uuid()), asked.amount, name(asked.to.uuid()))
        }
        Command::MoveIn(_) => unreachable!("the other side of a move has no line of its own"),
    }
}

fn grant_line(issue: &Issue, now: Instant) -> String {
    let mut line = format!("grant {} {}", name(issue.grant.uuid()), issue.amount);
    if issue.paid {
        line += " paid";
    }
    if issue.source != (if issue.paid { Source::Purchase } else { Source::Operator }) {
        line += &format!(" as {}", issue.source.name());
    }
    if issue.effective_at != now {
        line += &format!(" from {}", issue.effective_at);
    }
    if let Some(end) = issue.expires_at {
        line += &format!(" until {end}");
    }
    line
}

fn hold_line(place: &Place) -> String {
    let mut line = format!("hold {} {}", name(place.hold.uuid()), place.wanted);
    if place.least != place.wanted {
        line += &format!(" least {}", place.least);
    }
    line += &format!(" lease {}", place.lease_until);
    if place.is_fresh {
        line += " fresh";
    }
    line
}
