//! Two more copies of a wallet that live through the same commands with another expiry job: one has it
//! before every command, sometimes several times, the other never (I15).

use ledger::{ChainHash, Changes, Command, Outcome, Refusal, Transfer, Wallet, decide};
use units::{Instant, WalletId};

use super::{Violation, check};
use crate::Rows;

pub(super) struct Twins {
    eager: Twin,
    lazy: Twin,
    /// The seals of the one journal that all three must write, each at its own pace.
    journal: Vec<ChainHash>,
    commands: u64,
}

struct Twin {
    wallet: Wallet,
    /// Each has its own store: what is written depends on when the job ran.
    rows: Rows,
    changes: Changes,
    /// How many lines of the batch were compared.
    compared: usize,
}

impl Twins {
    pub fn new(id: WalletId) -> Self {
        let twin = || Twin { wallet: Wallet::new(id), rows: Rows::default(), changes: Changes::default(), compared: 0 };
        Self { eager: twin(), lazy: twin(), journal: Vec::new(), commands: 0 }
    }

    pub fn play(
        &mut self,
        command: &Command,
        now: Instant,
        answer: &Result<Outcome, Refusal>,
        lines: &[Transfer],
    ) -> Result<(), Violation> {
        self.commands += 1;
        same_journal(&mut self.journal, lines)?;
        let is_sweep = matches!(command, Command::Expire | Command::Lapse(_));

        for _ in 0..self.commands % 4 {
            sweep(&mut self.eager, &Command::Expire, now)?;
        }
        if command.stands_alone() {
            same_journal(&mut self.journal, self.eager.new_lines())?;
            self.eager.write()?;
        }
        same_answer(command, &self.eager.play(command, now), answer)?;
        if is_sweep {
            sweep(&mut self.eager, command, now)?;
        }
        same_journal(&mut self.journal, self.eager.new_lines())?;

        if *command != Command::Expire {
            same_answer(command, &self.lazy.play(command, now), answer)?;
            same_journal(&mut self.journal, self.lazy.new_lines())?;
        }
        Ok(())
    }

    /// Once the job has run on all three, they are equal.
    pub fn save(&mut self, wallet: &Wallet, now: Instant) -> Result<(), Violation> {
        let swept = |wallet: &Wallet| {
            let mut wallet = wallet.clone();
            let swept = decide(&mut wallet, &Command::Expire, now, &mut Changes::default());
            swept.map(|_| wallet).map_err(|refusal| Violation { rule: RULE, found: refusal.to_string() })
        };
        let due = swept(wallet)?;
        for twin in [&mut self.eager, &mut self.lazy] {
            twin.wallet.forget_fates();
            twin.write()?;
            check::same_wallet(RULE, &swept(&twin.wallet)?, &due)?;
        }
        Ok(())
    }
}

const RULE: &str = "the expiry job may run never, once or often (I15)";

impl Twin {
    fn play(&mut self, command: &Command, now: Instant) -> Result<Outcome, Refusal> {
        self.rows.tell(&mut self.wallet, command);
        decide(&mut self.wallet, command, now, &mut self.changes)
    }

    /// Writes the batch.
    fn write(&mut self) -> Result<(), Violation> {
        let written = self.rows.save(&self.changes, [&self.wallet]);
        (self.changes, self.compared) = (Changes::default(), 0);
        written.map_err(|found| Violation { rule: RULE, found })
    }

    fn new_lines(&mut self) -> &[Transfer] {
        let before = std::mem::replace(&mut self.compared, self.changes.transfers.len());
        &self.changes.transfers[before..]
    }
}

/// A sweep more than the wallet had. There is nothing that it could be refused for.
fn sweep(twin: &mut Twin, command: &Command, now: Instant) -> Result<(), Violation> {
    let swept = twin.play(command, now);
    swept.map(|_| ()).map_err(|refusal| Violation { rule: RULE, found: refusal.to_string() })
}

/// How much the job books depends on how often it runs; everything else is answered alike.
fn same_answer(
    command: &Command,
    found: &Result<Outcome, Refusal>,
    due: &Result<Outcome, Refusal>,
) -> Result<(), Violation> {
    let is_same = *command == Command::Expire || found == due;
    check::same(RULE, is_same, || format!("{found:?}, but the wallet answered {due:?}"))
}

/// Every line is the one that stands at its place already, or the next.
fn same_journal(journal: &mut Vec<ChainHash>, lines: &[Transfer]) -> Result<(), Violation> {
    for line in lines {
        let place = usize::try_from(line.seq - 1).expect("a run is short");
        let is_same = match journal.get(place) {
            Some(seal) => *seal == line.hash,
            None => {
                journal.push(line.hash);
                journal.len() == place + 1
            }
        };
        check::same(RULE, is_same, || format!("{line:?} stands in one journal only"))?;
    }
    Ok(())
}
