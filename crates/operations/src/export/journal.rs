//! The whole book as plain-text accounting, wallet by wallet.
//!
//! The file ends each account with its balance as Tare's own sums have it, not as the lines before add up. So
//! the program that reads the file proves that both are the same, to the last nanodollar.

use std::collections::BTreeMap;
use std::io::Write;

use ledger::{Account, Transfer};
use store::Reader;
use units::{Day, Instant, WalletId};

use super::format::{Booking, Format};
use super::{Progress, accounts};
use crate::Error;
use crate::question::EntryAnswer;

/// What to write.
#[derive(Clone, Copy, Debug)]
pub struct ExportJournal {
    /// For which program.
    pub format: Format,
    /// From this day on; what was before becomes opening balances.
    pub from: Option<Day>,
    /// Before this day.
    pub until: Option<Day>,
}

const WALLETS: u32 = 1_000;
const PAGE: u32 = 2_000;

/// Writes the journal.
pub async fn journal(
    reader: &Reader,
    request: ExportJournal,
    out: &mut (dyn Write + Send),
    progress: Progress<'_>,
) -> Result<(), Error> {
    if let (Some(from), Some(until)) = (request.from, request.until)
        && until <= from
    {
        return Err(Error::Invalid { field: "to", reason: format!("a day after {from}") });
    }
    let all = reader.size().await?.transfers;
    let mut export = Export { reader, request, out, progress, done: 0, all, last: None, totals: BTreeMap::new() };
    export.write(&request.format.opening())?;
    for account in accounts::all() {
        export.write(&request.format.account(account))?;
    }
    let mut after = None;
    loop {
        let page = reader.list_wallet_ids(after, WALLETS).await?;
        for wallet in &page {
            export.wallet(*wallet).await?;
        }
        match page.last() {
            Some(last) if page.len() == WALLETS as usize => after = Some(*last),
            _ => break,
        }
    }
    export.close()
}

struct Export<'e> {
    reader: &'e Reader,
    request: ExportJournal,
    out: &'e mut (dyn Write + Send),
    progress: Progress<'e>,
    done: u64,
    all: u64,
    /// The latest day of any line.
    last: Option<Day>,
    /// What the platform's accounts come to, in Tare's signs.
    totals: BTreeMap<Account, i128>,
}

impl Export<'_> {
    fn write(&mut self, text: &str) -> Result<(), Error> {
        let failed = |error: std::io::Error| Error::Invalid { field: "out", reason: format!("cannot write: {error}") };
        self.out.write_all(text.as_bytes()).map_err(failed)
    }

    async fn wallet(&mut self, wallet: WalletId) -> Result<(), Error> {
        let (format, until) = (self.request.format, self.request.until);
        let closing = self.reader.account_totals(wallet, until).await?;
        let mut seq = 0;
        if let Some(from) = self.request.from {
            let before = Instant::from_micros(from.start().micros() - 1);
            seq = self.reader.find_position(wallet, before).await?.map_or(0, |(seq, _)| seq);
        }
        let mut last = None;
        let credits = accounts::credits(wallet);
        let mut is_open = false;
        if seq > 0 {
            let from = self.request.from.expect("only a beginning skips anything");
            let opening = self.reader.account_totals(wallet, Some(from)).await?;
            self.write(&format!("\n{}", format.account(&credits)))?;
            self.open(wallet, from, &opening)?;
            (last, is_open) = (Some(from), true);
        }
        'pages: loop {
            let page = self.reader.list_transfers(wallet, seq, PAGE).await?;
            for transfer in &page {
                if until.is_some_and(|until| transfer.at.day() >= until) {
                    break 'pages;
                }
                if !is_open {
                    self.write(&format!("\n{}", format.account(&credits)))?;
                    is_open = true;
                }
                self.transfer(transfer)?;
                (last, seq) = (Some(transfer.at.day()), transfer.seq);
            }
            self.done += page.len() as u64;
            (self.progress)(self.done, self.all);
            if page.len() < PAGE as usize {
                break;
            }
        }
        let Some(last) = last else { return Ok(()) };
        self.last = self.last.max(Some(last));
        for (account, nanos) in closing.platform {
            *self.totals.entry(account).or_default() += nanos;
        }
        self.write(&format.balance(last, &credits, -closing.grants))
    }

    fn transfer(&mut self, transfer: &Transfer) -> Result<(), Error> {
        let nanos = i128::from(transfer.amount.nanos());
        let [from, to] = [transfer.from, transfer.to].map(|account| accounts::name(account, transfer.wallet));
        let mut lines = vec![(from.as_str(), nanos), (to.as_str(), -nanos)];
        for (account, nanos) in [(transfer.to, nanos), (transfer.from, -nanos)] {
            if account == Account::Revenue {
                lines.extend([(accounts::PROVIDER_COST, nanos), (accounts::PROVIDERS, -nanos)]);
            }
        }
        let entry = EntryAnswer::of(transfer);
        let notes = [
            ("entry", format!("{} of {}", transfer.seq, transfer.wallet)),
            ("because-of", entry.reference),
            ("at", transfer.at.to_string()),
            ("seal", entry.seal),
        ];
        let booking = Booking { day: transfer.at.day(), title: entry.kind, notes: &notes, lines: &lines };
        let text = self.request.format.booking(&booking);
        self.write(&text)
    }

    /// What a wallet brought about before the first day of the range.
    fn open(&mut self, wallet: WalletId, day: Day, totals: &store::AccountTotals) -> Result<(), Error> {
        let credits = accounts::credits(wallet);
        let mut lines = vec![(credits.as_str(), -totals.grants)];
        for (account, nanos) in &totals.platform {
            lines.push((accounts::platform(*account), -nanos));
            if *account == Account::Revenue {
                lines.extend([(accounts::PROVIDER_COST, *nanos), (accounts::PROVIDERS, -nanos)]);
            }
        }
        lines.retain(|(_, nanos)| *nanos != 0);
        let notes = [("entry", format!("all before {day} of {wallet}"))];
        let text =
            self.request.format.booking(&Booking { day, title: "opening balances", notes: &notes, lines: &lines });
        self.write(&text)
    }

    fn close(mut self) -> Result<(), Error> {
        let Some(last) = self.last else { return Ok(()) };
        let format = self.request.format;
        let revenue = self.totals.get(&Account::Revenue).copied().unwrap_or_default();
        let own = [(accounts::PROVIDER_COST, revenue), (accounts::PROVIDERS, -revenue)];
        let platform: Vec<_> =
            self.totals.iter().map(|(account, nanos)| (accounts::platform(*account), -nanos)).collect();
        for (account, nanos) in platform.into_iter().chain(own) {
            self.write(&format.balance(last, account, nanos))?;
        }
        Ok(())
    }
}
