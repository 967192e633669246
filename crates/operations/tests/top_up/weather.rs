//! What a life meets on the line to the processor, and what its holder wishes of automatic top-up: drawn from its seed.

use std::ops::Range;

use billing::top_up::Wish;
use sim::Random;
use units::{Amount, Cents};

use crate::faulty::{Call, Fault};
use crate::line::CALLS;

/// Each kind of call is hit in half of the cases, up to three times: not sent, lost, unanswered, busy, or the last thing that
/// a node does.
pub fn bad_weather(random: &mut Random) -> Vec<(Call, Vec<Fault>)> {
    let mut faults = Vec::new();
    let all = [Fault::ALL.as_slice(), &Fault::DEATHS].concat();
    for call in CALLS {
        if random.percent(50) {
            let times = 1 + random.below(3);
            faults.push((call, (0..times).map(|_| *random.pick(&all).unwrap()).collect()));
        }
    }
    faults
}

/// One of these amounts, a threshold up to it, and a monthly cap that is often soon reached.
pub fn draw_wish(random: &mut Random, dollars: &[i64]) -> Wish {
    let amount = *random.pick(dollars).unwrap();
    let cap = amount * [1, 2, 3, 20][random.below(4) as usize];
    let threshold = random.percent(50).then(|| Amount::from_dollars(1 + random.below(amount as u64) as i64));
    Wish { threshold, amount: Some(Cents::from_count(amount * 100)), monthly_cap: Some(Cents::from_count(cap * 100)) }
}

/// As many worlds, or as many as a release lives with `TARE_TEST_SIZE=release`. `TARE_TEST_SEED` begins elsewhere, and
/// `TARE_TEST_WORLDS` says how many: a part of a long run.
pub fn seeds(worlds: u64, of_release: u64) -> Range<u64> {
    let number = |name| std::env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let is_release = std::env::var("TARE_TEST_SIZE").is_ok_and(|size| size == "release");
    let first = number("TARE_TEST_SEED").unwrap_or(1);
    first..first + number("TARE_TEST_WORLDS").unwrap_or(if is_release { of_release } else { worlds })
}
