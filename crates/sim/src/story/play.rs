//! Plays the lines of a story against the ledger, with a store in memory behind it.

use std::collections::BTreeMap;

use ledger::{
    Auditor, Changes, Command, LateSettle, MoveIn, MoveOut, Outcome, Part, Place, Settle, Spender, Wallet, decide,
};
use units::{Amount, Cost, GrantId, HoldId, Instant, WalletId};

use super::{Line, START, claim::Claim, transcript};
use crate::{Rows, names};

pub(super) fn play(lines: &[(usize, Line)]) -> Result<String, String> {
    let mut world = World::new();
    for (number, line) in lines {
        world.play(line).map_err(|error| format!("line {number}: {error}"))?;
    }
    world.close()?;
    Ok(world.printed)
}

struct World {
    now: Instant,
    current: WalletId,
    books: BTreeMap<WalletId, Book>,
    rows: Rows,
    changes: Changes,
    printed: String,
}

struct Book {
    wallet: Wallet,
    auditor: Auditor,
}

impl World {
    fn new() -> Self {
        Self {
            now: START.parse().expect("a constant instant"),
            current: WalletId::from_uuid(names::uuid("w").expect("a constant name")),
            books: BTreeMap::new(),
            rows: Rows::default(),
            changes: Changes::default(),
            printed: String::new(),
        }
    }

    fn play(&mut self, line: &Line) -> Result<(), String> {
        match line {
            Line::At(moment) => self.now = *moment,
            Line::Wallet(wallet) => {
                self.current = *wallet;
                self.print(&format!("wallet {}", names::name(wallet.uuid())));
            }
            Line::Command { words, command, refused } => self.command(words, command, refused.as_deref())?,
            Line::Expect(claims) => claims.iter().try_for_each(|claim| self.expect(claim))?,
            Line::Requests { words, count, hold, cost } => self.requests(words, *count, *hold, *cost)?,
            Line::Save => self.save()?,
        }
        Ok(())
    }

    fn command(&mut self, words: &str, command: &Command, refused: Option<&str>) -> Result<(), String> {
        if command.stands_alone() {
            self.save()?;
        }
        let before = self.changes.transfers.len();
        let answer = self.decide(self.current, command);
        let code = answer.as_ref().err().map(ledger::Refusal::code);
        if code != refused {
            return Err(format!("`{words}` was {}", transcript::answer(&answer)));
        }
        self.print(words);
        self.print(&format!("  {}", transcript::answer(&answer)));
        self.print_journal(before)?;
        match (command, answer) {
            (Command::MoveOut(asked), Ok(Outcome::Moved(moved))) => self.arrive(asked, moved.parts),
            _ => Ok(()),
        }
    }

    /// The other side of a move.
    fn arrive(&mut self, asked: &MoveOut, parts: Vec<Part>) -> Result<(), String> {
        let before = self.changes.transfers.len();
        let answer = self.decide(asked.to, &Command::MoveIn(MoveIn { id: asked.id, parts }));
        self.print(&format!("  {}: {}", names::name(asked.to.uuid()), transcript::answer(&answer)));
        self.print_journal(before)
    }

    fn decide(&mut self, wallet: WalletId, command: &Command) -> Result<Outcome, ledger::Refusal> {
        let book = self.books.entry(wallet).or_insert_with_key(Book::new);
        self.rows.tell(&mut book.wallet, command);
        decide(&mut book.wallet, command, self.now, &mut self.changes)
    }

    fn print_journal(&mut self, from: usize) -> Result<(), String> {
        for index in from..self.changes.transfers.len() {
            let transfer = self.changes.transfers[index].clone();
            let book = self.books.entry(transfer.wallet).or_insert_with_key(Book::new);
            book.auditor.take(&transfer).map_err(|error| names::in_words(&error.to_string()))?;
            self.print(&transcript::transfer(&transfer));
        }
        Ok(())
    }

    /// Many requests, each held and settled in a batch of its own.
    fn requests(&mut self, words: &str, count: u32, hold: Amount, cost: Cost) -> Result<(), String> {
        self.save()?;
        let (mut debited, mut lost) = (Vec::new(), Vec::new());
        for number in 0..count {
            let id = HoldId::from_uuid(names::uuid(&format!("request-{number}")).expect("a plain name"));
            let settled = self.request(id, hold, cost)?;
            debited.push(settled.debited);
            lost.push(settled.lost);
        }
        let (debited, lost): (Amount, Amount) = (debited.into_iter().sum(), lost.into_iter().sum());
        let seq = self.book().wallet.head.seq;
        self.print(words);
        self.print(&format!("  debited {debited}, lost {lost}, the journal ends at {seq}"));
        Ok(())
    }

    fn request(&mut self, hold: HoldId, amount: Amount, cost: Cost) -> Result<ledger::Settled, String> {
        let now = self.now;
        let place = Place {
            hold,
            wanted: amount,
            least: amount,
            lease_until: now,
            is_fresh: true,
            spender: Spender::default(),
        };
        let settle = Settle { hold, cost, late: LateSettle::Refuse };
        let mut changes = Changes::default();
        let book = self.book();
        decide(&mut book.wallet, &Command::Place(place), now, &mut changes).map_err(|refusal| refusal.to_string())?;
        let answer = decide(&mut book.wallet, &Command::Settle(settle), now, &mut changes);
        let Ok(Outcome::Settled(settled)) = answer else { return Err(transcript::answer(&answer)) };
        for transfer in &changes.transfers {
            book.auditor.take(transfer).map_err(|error| error.to_string())?;
        }
        book.wallet.forget_fates();
        // Nobody names these requests again, so their charges need no row.
        changes.charges.clear();
        self.rows.save(&changes, [&self.books[&self.current].wallet])?;
        Ok(settled)
    }

    /// Writes the batch, and goes on with what was written.
    fn save(&mut self) -> Result<(), String> {
        let changes = std::mem::take(&mut self.changes);
        self.rows.save(&changes, self.books.values().map(|book| &book.wallet))?;
        for (id, book) in &mut self.books {
            book.wallet.forget_fates();
            let loaded = self.rows.load(*id);
            if loaded != book.wallet {
                return Err(format!("the wallet is {:?}, but was stored as {loaded:?}", book.wallet));
            }
            book.wallet = loaded;
        }
        Ok(())
    }

    fn expect(&mut self, claim: &Claim) -> Result<(), String> {
        let now = self.now;
        let Book { wallet, auditor } = self.book();
        // As decisions do: never behind the last line of the journal.
        claim.check(wallet, auditor, now.max(wallet.head.at))
    }

    /// After every story the world is closed: saved, audited, and no hold open.
    fn close(&mut self) -> Result<(), String> {
        self.save()?;
        let mut endings = Vec::new();
        for (id, Book { wallet, auditor }) in &self.books {
            if let Some(open) = wallet.holds().next() {
                return Err(format!("{} is still open at the end", names::name(open.id.uuid())));
            }
            let left: Vec<(GrantId, Amount)> = self.rows.grants(*id).map(|grant| (grant.id, grant.left)).collect();
            let sum: i128 = left.iter().map(|(_, left)| i128::from(left.nanos())).sum();
            if sum + auditor.platform().values().sum::<i128>() != 0 {
                return Err("the books do not sum to zero".to_owned());
            }
            auditor.finish(wallet.head, left).map_err(|error| names::in_words(&error.to_string()))?;
            endings.push(transcript::closing(wallet, auditor));
        }
        endings.iter().for_each(|ending| self.print(ending));
        Ok(())
    }

    fn book(&mut self) -> &mut Book {
        self.books.entry(self.current).or_insert_with_key(Book::new)
    }

    fn print(&mut self, line: &str) {
        self.printed += line;
        self.printed.push('\n');
    }
}

impl Book {
    fn new(wallet: &WalletId) -> Self {
        Self { wallet: Wallet::new(*wallet), auditor: Auditor::new(*wallet) }
    }
}
