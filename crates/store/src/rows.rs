//! Pages of the log as the rows that they put into the tables, the same for both databases.
//!
//! Rollups are summed here, so that a projection touches each of their rows once.

use std::borrow::Cow;
use std::collections::BTreeMap;

use billing::UsageRecord;
use foldhash::{HashMap, HashMapExt};
use ledger::{
    Account, Changes, Charge, Correction, Dispute, Draw, Fate, Grant, Hold, Marks, Outcome, Refund, Transfer,
};
use units::{Amount, Cost, GrantId, HoldId, Instant, WalletId};
use uuid::Uuid;

use crate::Posting;
use crate::batch::{Answer, KeyHash};
use crate::gauge::Taken;
use crate::log::Page;

/// The most bytes that are kept of the name of a model, a provider or a project. They are part of the key
/// of the rollup, and databases bound their keys.
pub const LONGEST_LABEL: usize = 200;

/// No honest request counts more tokens. Rollups count at most this many for one request, so that a lying
/// provider cannot overflow a sum; the charge keeps what was reported.
const MOST_TOKENS: u64 = 1_000_000_000_000;

const ATTOS_PER_NANO: i128 = 1_000_000_000;

/// What moved into the accounts on one day, in nanodollars, in the order of their codes: all grants of the
/// wallet together, cash, revenue, promotions, breakage, loss, receivable, transit.
pub(crate) type Accounts = [i64; ACCOUNTS];

/// How many accounts there are.
pub(crate) const ACCOUNTS: usize = 8;

/// The columns of the accounts, in the same order.
pub(crate) const ACCOUNT_DAILY: &str =
    "wallet, day, grants, cash, revenue, promotions, breakage, loss, receivable, transit";

/// The place of an account among them.
pub(crate) const fn place(account: Account) -> usize {
    account.code() as usize - 1
}

/// Everything that pages put into the tables.
pub(crate) struct Rows<'a> {
    /// The pages, ordered by wallet: where its journal ends, and which batch was its last.
    pub pages: &'a [Page],
    pub transfers: Vec<&'a Transfer>,
    pub issued: Vec<(WalletId, &'a Grant)>,
    pub spent: Vec<(WalletId, GrantId, Amount)>,
    pub opened: Vec<&'a Hold>,
    pub closed: Vec<(WalletId, HoldId)>,
    pub ended: Vec<(WalletId, HoldId, i64)>,
    pub renewed: Vec<(WalletId, HoldId, Instant)>,
    pub charges: Vec<(&'a Charge, Option<Used<'a>>)>,
    pub usage: HashMap<UsageKey<'a>, UsageSum>,
    pub accounts: BTreeMap<(WalletId, i64), Accounts>,
    pub keys: Vec<&'a KeyRow>,
    /// What was available in wallets of which a charge or an expiry took something, and when: it may cross the line
    /// of a watch.
    pub fallen: Vec<(WalletId, Amount, Instant)>,
    /// What charges took from each wallet that they took something from: gauges count it.
    pub taken: Vec<Taken>,
    /// What was available in wallets that got credits: it may arm a watch again.
    pub risen: Vec<(WalletId, Amount)>,
    /// Grants that changed otherwise than by being spent: what is left where that changed too, and their marks.
    pub amended: Vec<(WalletId, GrantId, Option<Amount>, Option<Marks>)>,
    pub receivables: Vec<(WalletId, Amount)>,
    pub refunds: Vec<&'a Refund>,
    pub disputes: Vec<&'a Dispute>,
    pub corrections: Vec<&'a Correction>,
}

/// A usage record and its names as they are kept.
pub(crate) struct Used<'a> {
    pub record: &'a UsageRecord,
    pub model: Cow<'a, str>,
    pub provider: Cow<'a, str>,
    pub project: Cow<'a, str>,
}

/// One row of the usage by day. Absent persons and keys are the UUID of zeros.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct UsageKey<'a> {
    pub wallet: WalletId,
    pub day: i64,
    pub model: Cow<'a, str>,
    pub provider: Cow<'a, str>,
    pub project: Cow<'a, str>,
    pub user: Uuid,
    pub api_key: Uuid,
}

/// What one day's charges of one kind add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct UsageSum {
    pub requests: i64,
    pub input: i64,
    pub cache_read: i64,
    pub cache_write: i64,
    pub output: i64,
    pub reasoning: i64,
    pub cost_nanos: i64,
    pub cost_attos: i64,
    pub debited_nanos: i64,
    pub lost_nanos: i64,
}

/// An answer to remember.
pub(crate) struct KeyRow {
    pub wallet: WalletId,
    pub hash: KeyHash,
    pub content: [u8; 32],
    pub outcome: String,
    pub at: Instant,
}

impl<'a> Rows<'a> {
    /// Lays out the pages of different wallets, which must be ordered by wallet: so both databases touch
    /// neighbouring rows of one table in one direction.
    pub(crate) fn lay_out(pages: &'a [Page]) -> Self {
        let mut rows = Self {
            pages,
            transfers: Vec::new(),
            issued: Vec::new(),
            spent: Vec::new(),
            opened: Vec::new(),
            closed: Vec::new(),
            ended: Vec::new(),
            renewed: Vec::new(),
            charges: Vec::new(),
            usage: HashMap::new(),
            accounts: BTreeMap::new(),
            keys: Vec::new(),
            fallen: Vec::new(),
            taken: Vec::new(),
            risen: Vec::new(),
            amended: Vec::new(),
            receivables: Vec::new(),
            refunds: Vec::new(),
            disputes: Vec::new(),
            corrections: Vec::new(),
        };
        pages.iter().for_each(|page| rows.lay_out_page(page));
        rows
    }

    fn lay_out_page(&mut self, page: &'a Page) {
        let changes = &page.changes;
        for transfer in &changes.transfers {
            self.add_transfer(transfer);
        }
        self.issued.extend(changes.issued.iter().map(|((wallet, _), grant)| (*wallet, grant)));
        let spent = changes.spent.iter().filter(|(grant, _)| !changes.marked.contains_key(grant));
        self.spent.extend(spent.map(|((wallet, grant), left)| (*wallet, *grant, *left)));
        self.amend(changes);
        self.opened.extend(changes.opened.values());
        self.closed.extend(changes.closed.iter().copied());
        self.ended.extend(changes.ended.iter().filter_map(|(wallet, hold, fate)| Some((*wallet, *hold, how(fate)?))));
        self.renewed.extend(changes.renewed.iter().map(|((wallet, hold), until)| (*wallet, *hold, *until)));
        for (charge, usage) in changes.charges.iter().zip(&page.usage) {
            self.add_charge(charge, usage.as_ref());
        }
        self.keys.extend(&page.keys);
        let at = page.head.map(|head| head.head.at);
        self.fallen.extend(page.low.zip(at).map(|(low, at)| (page.wallet, low, at)));
        self.taken.extend(Taken::of(page.wallet, &changes.charges));
        self.risen.extend(page.high.map(|high| (page.wallet, high)));
    }

    fn amend(&mut self, changes: &'a Changes) {
        let left = |key| changes.spent.get(key).or_else(|| changes.revived.get(key)).copied();
        let marked = changes.marked.iter().map(|(key, marks)| (key.0, key.1, left(key), Some(*marks)));
        self.amended.extend(marked);
        let revived = changes.revived.iter().filter(|(key, _)| !changes.marked.contains_key(key));
        self.amended.extend(revived.map(|((wallet, grant), left)| (*wallet, *grant, Some(*left), None)));
        self.receivables.extend(changes.receivables.iter().map(|(wallet, owed)| (*wallet, *owed)));
        self.refunds.extend(changes.refunds.values());
        self.disputes.extend(changes.disputes.values());
        self.corrections.extend(&changes.corrections);
    }

    fn add_transfer(&mut self, transfer: &'a Transfer) {
        let day = i64::from(transfer.at.day().number());
        let nanos = transfer.amount.nanos();
        let accounts = self.accounts.entry((transfer.wallet, day)).or_default();
        accounts[place(transfer.from)] -= nanos;
        accounts[place(transfer.to)] += nanos;
        self.transfers.push(transfer);
    }

    fn add_charge(&mut self, charge: &'a Charge, usage: Option<&'a UsageRecord>) {
        let used = usage.map(Used::new);
        let sum = self.usage.entry(UsageKey::of(charge, used.as_ref())).or_default();
        sum.add(charge, usage);
        self.charges.push((charge, used));
    }
}

impl KeyRow {
    /// The answer to a posting with a key, when there is one to remember.
    pub(crate) fn new(wallet: WalletId, hash: KeyHash, posting: &Posting, answer: &Answer) -> Option<Self> {
        let (Some(key), Ok(outcome)) = (&posting.key, answer) else { return None };
        Some(Self { wallet, hash, content: key.content, outcome: outcome_text(outcome), at: posting.now })
    }
}

impl<'a> Used<'a> {
    fn new(record: &'a UsageRecord) -> Self {
        let (model, provider, project) = (label(&record.model), label(&record.provider), label(&record.project));
        Self { record, model, provider, project }
    }
}

impl<'a> UsageKey<'a> {
    fn of(charge: &Charge, used: Option<&Used<'a>>) -> Self {
        Self {
            wallet: charge.wallet,
            day: i64::from(charge.at.day().number()),
            model: used.map(|used| used.model.clone()).unwrap_or_default(),
            provider: used.map(|used| used.provider.clone()).unwrap_or_default(),
            project: used.map(|used| used.project.clone()).unwrap_or_default(),
            user: used.and_then(|used| used.record.user).map(|user| user.uuid()).unwrap_or_default(),
            api_key: used.and_then(|used| used.record.api_key).map(|key| key.uuid()).unwrap_or_default(),
        }
    }
}

impl UsageSum {
    pub(crate) fn add(&mut self, charge: &Charge, usage: Option<&UsageRecord>) {
        let (nanos, attos) = split(charge.cost);
        self.requests += 1;
        self.cost_nanos += nanos;
        self.cost_attos += attos;
        self.debited_nanos += charge.debited.nanos();
        self.lost_nanos += charge.lost.nanos();
        if let Some(UsageRecord { usage, .. }) = usage {
            self.input += countable(usage.input);
            self.cache_read += countable(usage.cache_read);
            self.cache_write += countable(usage.cache_write.saturating_add(usage.cache_write_1h));
            self.output += countable(usage.output);
            self.reasoning += countable(usage.reasoning);
        }
    }
}

fn countable(tokens: u64) -> i64 {
    tokens.min(MOST_TOKENS) as i64
}

/// A count of tokens as a column holds it.
pub(crate) fn tokens(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Whole nanodollars, and the attodollars below them.
pub(crate) fn split(cost: Cost) -> (i64, i64) {
    let nanos = cost.attos().div_euclid(ATTOS_PER_NANO);
    let nanos = i64::try_from(nanos).expect("the rules bound a cost to a million dollars");
    (nanos, cost.attos().rem_euclid(ATTOS_PER_NANO) as i64)
}

/// The cost of both columns.
pub(crate) fn join(nanos: i64, attos: i64) -> Cost {
    Cost::from_attos(i128::from(nanos) * ATTOS_PER_NANO + i128::from(attos))
}

/// A name as it is kept: no zero bytes, which PostgreSQL refuses, and of bounded length.
pub(crate) fn label(text: &str) -> Cow<'_, str> {
    let mut end = text.len().min(LONGEST_LABEL);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let text = &text[..end];
    match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', " ")),
        false => Cow::Borrowed(text),
    }
}

/// The number that stands for how a hold ended without a charge.
fn how(fate: &Fate) -> Option<i64> {
    match fate {
        Fate::Released => Some(1),
        Fate::Lapsed => Some(2),
        Fate::Settled(_) => None,
    }
}

/// How a hold ended, from its stored number.
pub(crate) fn ended(how: i64) -> Option<Fate> {
    match how {
        1 => Some(Fate::Released),
        2 => Some(Fate::Lapsed),
        _ => None,
    }
}

const DRAW_BYTES: usize = 24;

/// Draws as an open hold stores them.
pub(crate) fn pack(draws: &[Draw]) -> Vec<u8> {
    let mut packed = Vec::with_capacity(draws.len() * DRAW_BYTES);
    for draw in draws {
        packed.extend_from_slice(draw.grant.uuid().as_bytes());
        packed.extend_from_slice(&draw.amount.nanos().to_be_bytes());
    }
    packed
}

/// Draws of a stored hold; `None` when the bytes are not draws.
pub(crate) fn unpack(packed: &[u8]) -> Option<Vec<Draw>> {
    let (draws, rest) = packed.as_chunks::<DRAW_BYTES>();
    let read = |draw: &[u8; DRAW_BYTES]| {
        let (grant, nanos) = draw.split_at(16);
        let grant = GrantId::from_uuid(Uuid::from_slice(grant).ok()?);
        Some(Draw { grant, amount: Amount::from_nanos(i64::from_be_bytes(nanos.try_into().ok()?)) })
    };
    rest.is_empty().then(|| draws.iter().map(read).collect())?
}

/// An outcome as it is remembered with its key.
fn outcome_text(outcome: &Outcome) -> String {
    serde_json::to_string(outcome).expect("an outcome is plain data")
}

/// The grant of a transfer, which has at most one on either side.
pub(crate) fn grant_of(transfer: &Transfer) -> Option<Uuid> {
    let side = |account: Account| account.grant();
    side(transfer.from).or_else(|| side(transfer.to)).map(|grant| grant.uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_cut_between_characters_and_has_no_zero_bytes() {
        let long = "é".repeat(150);
        assert_eq!(label(&long).len(), LONGEST_LABEL);
        assert_eq!(label(&format!("a{long}")).len(), LONGEST_LABEL - 1);
        assert_eq!(label("a\0b"), "a b");
        assert!(matches!(label("gpt-4.1"), Cow::Borrowed("gpt-4.1")));
    }

    #[test]
    fn draws_read_back_and_broken_ones_do_not() {
        let draw =
            |n: u128, nanos| Draw { grant: GrantId::from_uuid(Uuid::from_u128(n)), amount: Amount::from_nanos(nanos) };
        let draws = vec![draw(1, 1), draw(u128::MAX, i64::MAX)];
        assert_eq!(unpack(&pack(&draws)), Some(draws));
        assert_eq!(unpack(&[]), Some(Vec::new()));
        assert_eq!(unpack(&[0; 25]), None);
    }

    #[test]
    fn costs_split_and_join_exactly() {
        for attos in [0, 1, 999_999_999, 1_000_000_000, 10i128.pow(24)] {
            let (nanos, rest) = split(Cost::from_attos(attos));
            assert_eq!(join(nanos, rest), Cost::from_attos(attos));
        }
    }
}
