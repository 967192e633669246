//! Stories: plain text commands, answered with the journal that the books print.
//!
//! ```text
//! # What is not used returns to the wallet.
//! at     2026-01-31
//! grant  g1  10.00  until 2026-03-01
//! hold   h1   4.00
//! settle h1   3.00
//! expect available 7.00, held 0.00
//! ---
//! the answers and the journal, compared letter by letter
//! ```
//!
//! Above the line somebody said what must happen: a refusal that is not announced with `refused CODE`
//! fails the story, and so does a wrong `expect`. Below the line is what the books printed; run with
//! `TARE_ACCEPT=1` to write it, and read the difference before you commit it.
//!
//! | line | meaning |
//! |---|---|
//! | `at 2026-01-31` or `at 2026-01-31T10:00:00Z` | the clock, also backwards; it starts at `2026-01-31` |
//! | `wallet ana` | whose books the next lines are about; `w` before the first |
//! | `grant NAME AMOUNT [paid] [as SOURCE] [from T] [until T]` | credits enter; from now, never expiring |
//! | `hold NAME AMOUNT [least AMOUNT] [lease T] [fresh]` | credits are reserved; all of it, for ten minutes |
//! | `... [user NAME] [key NAME] [cap user or key AMOUNT spent AMOUNT]` | for whom, and how much they may spend |
//! | `settle NAME COST [late]` | the hold is charged; `late` also when it is gone |
//! | `release NAME`, `lapse NAME`, `renew NAME until T` | the hold is freed, swept, kept |
//! | `expire` | the expiry job runs |
//! | `adjust NAME AMOUNT` | an operator adds or takes |
//! | `refund NAME GRANT AMOUNT` | credits of a purchase are set aside to go back to its card |
//! | `refund-paid NAME`, `refund-failed NAME` | the processor paid the refund, or will not |
//! | `dispute NAME GRANT open`, `won` or `lost` | the bank about the payment that brought the grant |
//! | `correct NAME HOLD AMOUNT` | so much of the charge that ended the hold is given back |
//! | `move NAME AMOUNT to WALLET` | credits leave for another wallet |
//! | `refused CODE` | the line above was refused so |
//! | `expect WHAT VALUE, ...` | available, held, frozen, balance, remainder, holds, transfers, `left NAME`, platform accounts |
//! | `save` | the batch is written, and all wallets are loaded again from what was written |
//! | `requests N hold AMOUNT cost COST` | N requests one after the other |
//!
//! A story ends with everything saved, audited from the first transfer, and no hold open.

mod claim;
mod failure;
mod parse;
mod play;
mod transcript;
mod write;

use std::{fs, path::Path};

use ledger::Command;
use units::{Amount, Cost, Instant, WalletId};

use claim::Claim;
pub use failure::of_failure;
pub use write::command_line;

/// A story that was read.
#[derive(Debug)]
pub struct Story {
    lines: Vec<(usize, Line)>,
    answer: String,
}

#[derive(Debug)]
enum Line {
    At(Instant),
    Wallet(WalletId),
    Command { words: String, command: Command, refused: Option<String> },
    Expect(Vec<Claim>),
    Requests { words: String, count: u32, hold: Amount, cost: Cost },
    Save,
}

/// When a story begins that does not say so: a 31st.
const START: &str = "2026-01-31T00:00:00Z";
const ANSWER_BELOW: &str = "\n---\n";

impl Story {
    /// Reads a story; the error names the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (told, answer) = text.split_once(ANSWER_BELOW).unwrap_or((text, ""));
        Ok(Self { lines: parse::lines(told)?, answer: answer.to_owned() })
    }

    /// Plays it and answers what the books print; the error says which line went otherwise.
    pub fn play(&self) -> Result<String, String> {
        play::play(&self.lines)
    }
}

/// Plays a story file and compares the answer. With `accept`, writes it into the file instead.
pub fn check(path: &Path, accept: bool) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let story = Story::parse(&text)?;
    let answer = story.play()?;
    if accept && answer != story.answer {
        let told = text.split_once(ANSWER_BELOW).map_or(text.trim_end(), |(told, _)| told);
        return fs::write(path, format!("{told}{ANSWER_BELOW}{answer}")).map_err(|error| error.to_string());
    }
    match first_difference(&story.answer, &answer) {
        None => Ok(()),
        Some(difference) => Err(format!("{difference}\n(TARE_ACCEPT=1 accepts the new answer)")),
    }
}

fn first_difference(expected: &str, answered: &str) -> Option<String> {
    if expected == answered {
        return None;
    }
    let mut pairs = expected.lines().zip(answered.lines()).enumerate();
    let (index, written, found) = match pairs.find(|(_, (written, found))| written != found) {
        Some((index, (written, found))) => (index, written, found),
        None => {
            let common = expected.lines().count().min(answered.lines().count());
            let at = |text| str::lines(text).nth(common).unwrap_or("(nothing)");
            (common, at(expected), at(answered))
        }
    };
    Some(format!("line {} below the answer's rule\n  written:  {written}\n  answered: {found}", index + 1))
}
