//! Reads the lines of a story.

use std::str::FromStr;

use ledger::{
    Adjust, Cap, Capped, Command, Contest, Correct, DisputeState, FinishRefund, Issue, LateSettle, Lease, MoveOut,
    Place, ReserveRefund, Settle, Source, Spender,
};
use units::{
    ApiKeyId, CorrectionId, Day, DisputeId, GrantId, HoldId, Instant, MoveId, RefundId, Seconds, UserId, WalletId,
};

use super::{Line, START, claim::Claim};
use crate::names;

/// How long a hold lives that does not say so.
const LEASE: Seconds = Seconds(600);

pub(super) fn lines(text: &str) -> Result<Vec<(usize, Line)>, String> {
    let mut now = START.parse().expect("a constant instant");
    let mut lines: Vec<(usize, Line)> = Vec::new();
    for (index, text) in text.lines().enumerate() {
        let told = text.split('#').next().unwrap_or_default().trim();
        if told.is_empty() {
            continue;
        }
        let numbered = |error| format!("line {}: {error}", index + 1);
        if let Some(code) = told.strip_prefix("refused ") {
            refuse_last(&mut lines, code).map_err(numbered)?;
            continue;
        }
        let line = line(told, now).map_err(numbered)?;
        if let Line::At(moment) = line {
            now = moment;
        }
        lines.push((index + 1, line));
    }
    Ok(lines)
}

fn refuse_last(lines: &mut [(usize, Line)], code: &str) -> Result<(), String> {
    match lines.last_mut() {
        Some((_, Line::Command { refused, .. })) => {
            *refused = Some(code.trim().to_owned());
            Ok(())
        }
        _ => Err("`refused` follows the command that it is about".to_owned()),
    }
}

fn line(told: &str, now: Instant) -> Result<Line, String> {
    let mut words = Words(told.split_whitespace());
    let line = match words.next("a verb")? {
        "at" => Line::At(words.instant()?),
        "wallet" => Line::Wallet(WalletId::from_uuid(words.name()?)),
        "expect" => return Ok(Line::Expect(claims(told)?)),
        "save" => Line::Save,
        "requests" => requests(&mut words, told)?,
        verb => Line::Command { words: single_spaced(told), command: command(verb, &mut words, now)?, refused: None },
    };
    match words.0.next() {
        Some(left_over) => Err(format!("`{left_over}` is not understood here")),
        None => Ok(line),
    }
}

fn command(verb: &str, words: &mut Words<'_>, now: Instant) -> Result<Command, String> {
    Ok(match verb {
        "grant" => Command::Issue(issue(words, now)?),
        "hold" => Command::Place(place(words, now)?),
        "settle" => Command::Settle(settle(words)?),
        "release" => Command::Release(words.hold()?),
        "lapse" => Command::Lapse(words.hold()?),
        "renew" => {
            let hold = words.hold()?;
            words.exactly("until")?;
            Command::Renew(Lease { hold, until: words.instant()? })
        }
        "expire" => Command::Expire,
        "adjust" => Command::Adjust(Adjust { grant: words.grant()?, amount: words.value()? }),
        verb => return amendment(verb, words),
    })
}

/// What amends what was done before.
fn amendment(verb: &str, words: &mut Words<'_>) -> Result<Command, String> {
    Ok(match verb {
        "refund" => Command::ReserveRefund(ReserveRefund {
            refund: RefundId::from_uuid(words.name()?),
            grant: words.grant()?,
            amount: words.value()?,
        }),
        "refund-paid" | "refund-failed" => Command::FinishRefund(FinishRefund {
            refund: RefundId::from_uuid(words.name()?),
            is_paid: verb == "refund-paid",
        }),
        "dispute" => Command::Contest(Contest {
            dispute: DisputeId::from_uuid(words.name()?),
            grant: words.grant()?,
            state: state(words.next("how the dispute stands")?)?,
        }),
        "correct" => Command::Correct(Correct {
            correction: CorrectionId::from_uuid(words.name()?),
            charge: words.hold()?,
            amount: words.value()?,
        }),
        "move" => {
            let (id, amount) = (MoveId::from_uuid(words.name()?), words.value()?);
            words.exactly("to")?;
            Command::MoveOut(MoveOut { id, to: WalletId::from_uuid(words.name()?), amount })
        }
        other => return Err(format!("`{other}` is not a verb of stories")),
    })
}

fn state(word: &str) -> Result<DisputeState, String> {
    let states = [DisputeState::Open, DisputeState::Won, DisputeState::Lost];
    let found = states.into_iter().find(|state| state.name() == word);
    found.ok_or_else(|| format!("a dispute is open, won or lost, not `{word}`"))
}

fn issue(words: &mut Words<'_>, now: Instant) -> Result<Issue, String> {
    let (grant, amount) = (words.grant()?, words.value()?);
    let mut issue = Issue { grant, source: Source::Operator, amount, paid: false, effective_at: now, expires_at: None };
    while let Some(option) = words.0.next() {
        match option {
            "paid" => (issue.paid, issue.source) = (true, Source::Purchase),
            "as" => {
                let source = words.next("a source")?;
                issue.source = Source::from_name(source).ok_or_else(|| format!("`{source}` is not a source"))?;
            }
            "from" => issue.effective_at = words.instant()?,
            "until" => issue.expires_at = Some(words.instant()?),
            other => return Err(format!("`{other}` is not an option of grants")),
        }
    }
    Ok(issue)
}

fn place(words: &mut Words<'_>, now: Instant) -> Result<Place, String> {
    let (hold, wanted) = (words.hold()?, words.value()?);
    let (lease_until, spender) = (now.plus(LEASE), Spender::default());
    let mut place = Place { hold, wanted, least: wanted, lease_until, is_fresh: false, spender };
    while let Some(option) = words.0.next() {
        match option {
            "least" => place.least = words.value()?,
            "lease" => place.lease_until = words.instant()?,
            "fresh" => place.is_fresh = true,
            "user" => place.spender.user = Some(UserId::from_uuid(words.name()?)),
            "key" => place.spender.api_key = Some(ApiKeyId::from_uuid(words.name()?)),
            "cap" => place.spender.caps.push(cap(words, &place.spender, now)?),
            other => return Err(format!("`{other}` is not an option of holds")),
        }
    }
    Ok(place)
}

/// `cap user 1.00 spent 0.20`: a bound on the person or the `key` of the hold.
fn cap(words: &mut Words<'_>, spender: &Spender, now: Instant) -> Result<Cap, String> {
    let on = match words.next("user or key")? {
        "user" => spender.user.map(Capped::User),
        "key" => spender.api_key.map(Capped::ApiKey),
        other => return Err(format!("`{other}` is neither user nor key")),
    };
    let on = on.ok_or("the hold must name its user or key before the cap on it")?;
    let limit = words.value()?;
    match words.next("spent")? {
        "spent" => Ok(Cap { on, limit, since: now.day(), spent: words.value()? }),
        other => Err(format!("`{other}` stands where `spent` should")),
    }
}

fn settle(words: &mut Words<'_>) -> Result<Settle, String> {
    let (hold, cost) = (words.hold()?, words.value()?);
    let late = match words.0.next() {
        None => LateSettle::Refuse,
        Some("late") => LateSettle::Charge,
        Some(other) => return Err(format!("`{other}` is not an option of settlements")),
    };
    Ok(Settle { hold, cost, late })
}

fn requests(words: &mut Words<'_>, told: &str) -> Result<Line, String> {
    let count = words.value()?;
    words.exactly("hold")?;
    let hold = words.value()?;
    words.exactly("cost")?;
    Ok(Line::Requests { words: single_spaced(told), count, hold, cost: words.value()? })
}

fn claims(told: &str) -> Result<Vec<Claim>, String> {
    let claims = told.trim_start_matches("expect ").split(',').map(str::trim);
    claims
        .map(|claim| {
            let (what, value) = claim.rsplit_once(' ').ok_or_else(|| format!("`{claim}` says no value"))?;
            Ok(Claim { what: single_spaced(what), value: value.to_owned() })
        })
        .collect()
}

fn single_spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Words<'a>(std::str::SplitWhitespace<'a>);

impl<'a> Words<'a> {
    fn next(&mut self, what: &str) -> Result<&'a str, String> {
        self.0.next().ok_or_else(|| format!("{what} is missing"))
    }

    fn exactly(&mut self, word: &str) -> Result<(), String> {
        match self.next(word)? {
            found if found == word => Ok(()),
            found => Err(format!("`{found}` stands where `{word}` was due")),
        }
    }

    fn value<T: FromStr<Err: ToString>>(&mut self) -> Result<T, String> {
        self.next("a value")?.parse().map_err(|error: T::Err| error.to_string())
    }

    /// An instant, or a day for its first moment.
    fn instant(&mut self) -> Result<Instant, String> {
        let text = self.next("an instant")?;
        match text.parse::<Day>() {
            Ok(day) if !text.contains('T') => Ok(day.start()),
            _ => text.parse().map_err(|error: units::ParseInstantError| error.to_string()),
        }
    }

    fn name(&mut self) -> Result<uuid::Uuid, String> {
        let name = self.next("a name")?;
        names::uuid(name).ok_or_else(|| format!("`{name}` is not a name of 1 to 16 lower-case letters and digits"))
    }

    fn grant(&mut self) -> Result<GrantId, String> {
        self.name().map(GrantId::from_uuid)
    }

    fn hold(&mut self) -> Result<HoldId, String> {
        self.name().map(HoldId::from_uuid)
    }
}
