//! A page: what one batch, or several in a row, changed in one wallet.
//!
//! A row of the log begins with its version, then page after page: the wallet's id, how many bytes follow, and
//! the changes. A program refuses a version that it does not know; so whoever changes what is in a page raises
//! it, and the tail must be empty when the program is replaced, which it is after every orderly stop.

use billing::UsageRecord;
use foldhash::HashMap;
use ledger::{Changes, Grant, TransferKind, Wallet};
use units::{Amount, GrantId, WalletId};
use uuid::Uuid;

use super::code::{Code, In, Out};
use super::recent::Recent;
use crate::batch::{Answer, Draft};
use crate::books::{self, Head};
use crate::rows::KeyRow;
use crate::{Fault, Posting};

pub(super) const VERSION: u8 = 3;

/// Changes of one wallet, ready to be projected.
pub(crate) struct Page {
    pub wallet: WalletId,
    /// The batch in which they were made; the last one of several.
    pub number: i64,
    /// Where the wallet's journal ends afterwards, when it grew.
    pub head: Option<Head>,
    /// The least that was available behind a charge or an expiry, and the most behind credits that came in: what
    /// watches over the wallet compare with their lines.
    pub low: Option<Amount>,
    pub high: Option<Amount>,
    pub changes: Changes,
    /// What each of the charges used.
    pub usage: Vec<Option<UsageRecord>>,
    pub keys: Vec<KeyRow>,
}

/// The bytes of a batch.
pub(crate) fn body(
    drafts: &HashMap<WalletId, Box<Draft>>,
    wallets: &HashMap<WalletId, Wallet>,
    postings: &[&Posting],
    answers: &[Answer],
) -> Vec<u8> {
    let bytes = Vec::with_capacity(64 + 256 * postings.len());
    let mut out = Out { bytes, own: WalletId::from_uuid(Uuid::nil()), recent: Recent::new() };
    VERSION.encode(&mut out);
    for (id, draft) in drafts {
        (out.own, out.recent) = (*id, Recent::new());
        id.uuid().into_bytes().encode(&mut out);
        let start = out.bytes.len();
        [0u8; 4].encode(&mut out);
        put_draft(&mut out, draft, &wallets[id], postings, answers);
        let length = u32::try_from(out.bytes.len() - start - 4).expect("a batch is far below four gigabytes");
        out.bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }
    out.bytes
}

fn put_draft(out: &mut Out, draft: &Draft, wallet: &Wallet, postings: &[&Posting], answers: &[Answer]) {
    let Changes { transfers, charges, receivables, .. } = &draft.changes;
    let has_grown = !(transfers.is_empty() && charges.is_empty() && receivables.is_empty());
    has_grown.then_some(head_of(wallet)).encode(out);
    let available = || wallet.available(wallet.head.at);
    has_fallen(&draft.changes).then(available).encode(out);
    (!draft.changes.issued.is_empty()).then(available).encode(out);
    draft.changes.encode(out);
    for cause in &draft.causes {
        let usage = &postings[*cause].usage;
        usage.encode(out);
    }
    let row = |(hash, cause): &(_, usize)| KeyRow::new(wallet.id, *hash, postings[*cause], &answers[*cause]);
    let keys: Vec<KeyRow> = draft.keys.iter().filter_map(row).collect();
    keys.encode(out);
}

/// Whether something was charged or has expired. What is held, refunded or disputed crosses no line.
fn has_fallen(Changes { charges, transfers, .. }: &Changes) -> bool {
    charges.iter().any(|charge| charge.debited.is_positive())
        || transfers.iter().any(|transfer| transfer.kind == TransferKind::Expiry)
}

fn head_of(wallet: &Wallet) -> Head {
    Head { remainder: wallet.remainder, receivable: wallet.receivable, head: wallet.head }
}

/// The pages of a batch, still as bytes.
pub(crate) fn pages(number: i64, body: &[u8]) -> Result<Vec<(WalletId, &[u8])>, Fault> {
    let broken = || Fault::corrupt(format!("batch {number} of the log"));
    match body.first() {
        Some(&VERSION) => {}
        Some(version) => {
            return Err(Fault::Unusable(format!(
                "batch {number} of the log has version {version}, this program writes {VERSION}. \
                 Start and stop the program that wrote it once more, then this one"
            )));
        }
        None => return Err(broken()),
    }
    let (mut found, mut rest) = (Vec::new(), &body[1..]);
    while !rest.is_empty() {
        let (id, behind) = rest.split_first_chunk().ok_or_else(broken)?;
        let (length, behind) = behind.split_first_chunk().ok_or_else(broken)?;
        let length = u32::from_be_bytes(*length) as usize;
        let (page, behind) = behind.split_at_checked(length).ok_or_else(broken)?;
        found.push((WalletId::from_uuid(Uuid::from_bytes(*id)), page));
        rest = behind;
    }
    Ok(found)
}

impl Page {
    /// Pages of one wallet in their order, netted into one.
    pub(crate) fn fold<'a>(wallet: WalletId, pages: impl Iterator<Item = (i64, &'a [u8])>) -> Result<Self, Fault> {
        let (changes, usage, keys) = (Changes::default(), Vec::new(), Vec::new());
        let mut folded = Self { wallet, number: 0, head: None, low: None, high: None, changes, usage, keys };
        // One page after the other is read into the same place.
        let mut later = Changes::default();
        for (number, bytes) in pages {
            let read = folded.read_on(&mut In::page(wallet, bytes), &mut later);
            read.ok_or_else(|| Fault::corrupt(format!("the page of {wallet} in batch {number} of the log")))?;
            folded.number = number;
        }
        Ok(folded)
    }

    /// Adds a later page. `None` when the bytes are not one.
    fn read_on(&mut self, from: &mut In<'_>, later: &mut Changes) -> Option<()> {
        self.head = Option::decode(from)?.or(self.head);
        self.low = [self.low, Option::decode(from)?].into_iter().flatten().min();
        self.high = self.high.max(Option::decode(from)?);
        later.decode_into(from)?;
        for _ in &later.charges {
            self.usage.push(Option::decode(from)?);
        }
        self.keys.extend(Vec::decode(from)?);
        self.changes.absorb(later);
        from.bytes.is_empty().then_some(())
    }

    /// The wallet as it is after these changes; an error when they speak of what the wallet does not know, and
    /// it must be read anew.
    pub(crate) fn apply(&self, wallet: Wallet) -> Result<Wallet, Fault> {
        let Changes { issued, spent, revived, marked, opened, closed, renewed, .. } = &self.changes;
        let head = self.head.unwrap_or(head_of(&wallet));
        let (grants, mut holds) = wallet.into_parts();
        let mut grants: HashMap<GrantId, Grant> = grants.into_iter().map(|grant| (grant.id, grant)).collect();
        grants.extend(issued.values().map(|grant| (grant.id, grant.clone())));
        for ((_, id), left) in spent.iter().chain(revived) {
            let grant = grants.get_mut(id).ok_or_else(|| Fault::corrupt(format!("{id} in {}", self.wallet)))?;
            grant.left = *left;
        }
        // Of a grant that is used up, marks change nothing here.
        for ((_, id), marks) in marked {
            grants.entry(*id).and_modify(|grant| grant.marks = *marks);
        }
        closed.iter().for_each(|(_, id)| _ = holds.remove(id));
        holds.extend(opened.values().map(|hold| (hold.id, hold.clone())));
        for ((_, id), until) in renewed {
            holds.entry(*id).and_modify(|hold| hold.lease_until = *until);
        }
        books::restore(self.wallet, head, grants.into_values().collect(), holds)
    }
}
