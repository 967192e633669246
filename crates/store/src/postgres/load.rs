//! What a batch must know before it is decided: one pipelined round trip behind the fence, and a second one only
//! when a command names a hold that is not open.

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};
use futures_util::future::{join, join3, join5};
use ledger::{Command, Fate, Grant, Hold, Wallet};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row as PgRow, Statement};
use units::{HoldId, WalletId};
use uuid::Uuid;

use super::memory::Memory;
use super::spent;
use super::statements::{Asking, BEGIN};
use crate::batch::{Known, key_hash, must_be_in_tables, new_grant};
use crate::books::{self, Head};
use crate::session::Session;
use crate::{Fault, Posting, past};

/// What went wrong on the way.
pub(super) enum Failure {
    /// The connection or the database.
    Postgres(Error),
    /// What it answered.
    Fault(Fault),
    /// The tables do not have yet what a posting asks them. They must catch up behind the fence.
    Behind,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// Pairs that a statement looks up, as the arrays that it takes.
#[derive(Default)]
struct Pairs<T> {
    wallets: Vec<Uuid>,
    others: Vec<T>,
}

impl<T> Pairs<T> {
    fn push(&mut self, wallet: WalletId, other: T) {
        self.wallets.push(wallet.uuid());
        self.others.push(other);
    }
}

/// How far the tables are, whose pages they refused, and what was appended behind a batch.
pub(super) type LogRead = (i64, Vec<WalletId>, Vec<(i64, Vec<u8>)>);

/// Learns what other nodes appended and reads what the postings name. The transaction has the fence when `log` is
/// ready, and its snapshot is taken here. Afterwards the memory has the wallets as the log says they are.
pub(super) async fn load(
    client: &Client,
    statements: &Asking,
    memory: &mut Memory,
    postings: &[&Posting],
    log: impl Future<Output = Result<LogRead, Error>>,
) -> Result<Known, Failure> {
    let asked = must_be_in_tables(&mut memory.cache, postings);
    let mut wallets: Vec<Uuid> = postings.iter().flat_map(|posting| posting.wallets()).map(|id| id.uuid()).collect();
    wallets.sort_unstable();
    wallets.dedup();
    wallets.retain(|id| !memory.cache.has(WalletId::from_uuid(*id)));
    let (keys, grants, placed) = named(postings);

    // The requests leave in this order in one go.
    let (log, parts, keys, grants, (placed, spent)) = join5(
        log,
        read_parts(client, statements, &wallets),
        pairs(client, &statements.keys, &keys),
        pairs(client, &statements.grants, &grants),
        join(fates(client, statements, &placed), spent::find(client, statements, postings)),
    )
    .await;
    let (projected, refused, batches) = log?;
    memory.projected(projected);
    memory.read_on(batches)?;
    let mut known = Known::default();
    for wallet in refused {
        memory.cache.forget([wallet]);
        known.broken.insert(wallet, Fault::corrupt(format!("{wallet}: the tables refused a change of it")));
    }
    let read: HashSet<WalletId> = wallets.iter().map(|id| WalletId::from_uuid(*id)).collect();
    let has = |id| read.contains(&id) || memory.cache.has(id) || known.broken.contains_key(&id);
    if memory.is_behind(&asked) || !postings.iter().flat_map(|posting| posting.wallets()).all(has) {
        return Err(Failure::Behind);
    }
    learn(memory, &mut known, parts?)?;
    for row in &keys? {
        let mut row = super::row(row)?;
        let (wallet, hash, content) = (row.take()?, row.take()?, row.take()?);
        known.keys.insert((wallet, hash), (content, books::outcome(wallet, &row.take::<String>()?)?));
    }
    for row in &grants? {
        let mut row = super::row(row)?;
        known.grants.insert((row.take()?, row.take()?));
    }
    take_fates(&mut known, placed?)?;
    known.spent = spent::read(spent?, postings)?;

    let missing = ended_before(postings, memory.wallets());
    if !missing.wallets.is_empty() {
        if memory.is_behind(&missing.wallets.iter().map(|id| WalletId::from_uuid(*id)).collect()) {
            return Err(Failure::Behind);
        }
        take_fates(&mut known, fates(client, statements, &missing).await?)?;
    }
    find_draws(client, statements, &mut known).await?;
    if let [posting] = postings {
        past::recall(&mut Session::postgres(client, "reading the books"), &mut known, posting).await?;
    }
    Ok(known)
}

/// Takes the fence and reads the log behind it, in one round trip: it is granted before anything is read.
pub(super) async fn begin(client: &Client, statements: &Asking, seen: i64) -> Result<LogRead, Error> {
    let (begun, log) = join(client.batch_execute(BEGIN), read_log(client, statements, seen)).await;
    begun?;
    log
}

/// Reads the log behind a batch.
pub(super) async fn read_log(client: &Client, statements: &Asking, seen: i64) -> Result<LogRead, Error> {
    let (projected, refused, batches) = join3(
        client.query_one(&statements.projected, &[]),
        client.query(&statements.refused, &[]),
        client.query(&statements.log_since, &[&seen]),
    )
    .await;
    let refused = refused?.iter().map(|row| row.try_get(0).map(WalletId::from_uuid)).collect::<Result<_, _>>()?;
    let batch = |row: &PgRow| Ok((row.try_get(0)?, row.try_get(1)?));
    Ok((projected?.try_get(0)?, refused, batches?.iter().map(batch).collect::<Result<_, Error>>()?))
}

/// Keys, grants that would be new, and holds that would be placed under an id of the caller's choice.
fn named(postings: &[&Posting]) -> (Pairs<Vec<u8>>, Pairs<Uuid>, Pairs<Uuid>) {
    let (mut keys, mut grants, mut placed) = (Pairs::default(), Pairs::default(), Pairs::default());
    for posting in postings {
        if let Some(key) = &posting.key {
            keys.push(posting.wallet, key_hash(key).to_vec());
        }
        if let Some(grant) = new_grant(&posting.command) {
            grants.push(posting.wallet, grant.uuid());
        }
        if let Command::Place(place) = &posting.command
            && !place.is_fresh
        {
            placed.push(posting.wallet, place.hold.uuid());
        }
    }
    (keys, grants, placed)
}

/// Holds that commands name, that are not open, and that no command of the batch places.
fn ended_before(postings: &[&Posting], wallets: &HashMap<WalletId, Wallet>) -> Pairs<Uuid> {
    let mut missing = Pairs::default();
    let mut asked: HashSet<(WalletId, HoldId)> = HashSet::new();
    for posting in postings {
        let Some(wallet) = wallets.get(&posting.wallet) else { continue };
        if let Command::Place(place) = &posting.command {
            asked.insert((wallet.id, place.hold));
            continue;
        }
        if let Some(hold) = posting.command.needs_fate(wallet)
            && asked.insert((wallet.id, hold))
        {
            missing.push(wallet.id, hold.uuid());
        }
    }
    missing
}

async fn pairs<T: ToSql + Sync>(client: &Client, statement: &Statement, asked: &Pairs<T>) -> Result<Vec<PgRow>, Error> {
    match asked.wallets.is_empty() {
        true => Ok(Vec::new()),
        false => client.query(statement, &[&asked.wallets, &asked.others]).await,
    }
}

type FateRows = (Vec<PgRow>, Vec<PgRow>);

async fn fates(client: &Client, statements: &Asking, asked: &Pairs<Uuid>) -> Result<FateRows, Error> {
    let charged = pairs(client, &statements.charged, asked);
    let ended = pairs(client, &statements.ended, asked);
    let (charged, ended) = join(charged, ended).await;
    Ok((charged?, ended?))
}

/// A hold that lapsed and was charged late has both rows; then the charge is what became of it.
fn take_fates(known: &mut Known, (charged, ended): FateRows) -> Result<(), Fault> {
    for row in &ended {
        let mut row = super::row(row)?;
        let (wallet, hold) = (row.take()?, row.take()?);
        known.fates.push((wallet, hold, books::fate(row.take()?, hold)?));
    }
    for row in &charged {
        let charge = books::charge(&mut super::row(row)?)?;
        known.fates.push((charge.wallet, charge.id, Fate::Settled(charge)));
    }
    Ok(())
}

/// Which grants paid for the charges that are asked for again.
async fn find_draws(client: &Client, statements: &Asking, known: &mut Known) -> Result<(), Failure> {
    let (mut ranges, mut until) = (Pairs::default(), Vec::new());
    for (wallet, _, fate) in &known.fates {
        if let Fate::Settled(charge) = fate {
            ranges.push(*wallet, charge.first_seq as i64);
            until.push((charge.first_seq + u64::from(charge.transfers)) as i64);
        }
    }
    if until.is_empty() {
        return Ok(());
    }
    let rows = client.query(&statements.transfers_of, &[&ranges.wallets, &ranges.others, &until]).await?;
    for row in &rows {
        let transfer = books::transfer(&mut super::row(row)?)?;
        let hold = HoldId::from_uuid(Uuid::from_bytes(transfer.reference));
        known.draws.entry((transfer.wallet, hold)).or_default().extend(books::draw(&transfer));
    }
    Ok(())
}

type PartRows = (Vec<PgRow>, Vec<PgRow>, Vec<PgRow>);
type Parts = HashMap<WalletId, (Vec<Grant>, HashMap<HoldId, Hold>)>;

/// Heads, live grants and open holds of wallets.
async fn read_parts(client: &Client, statements: &Asking, wallets: &Vec<Uuid>) -> Result<PartRows, Error> {
    if wallets.is_empty() {
        return Ok((Vec::new(), Vec::new(), Vec::new()));
    }
    let wallets: [&(dyn ToSql + Sync); 1] = [wallets];
    let heads = client.query(&statements.heads, &wallets);
    let live = client.query(&statements.live_grants, &wallets);
    let open = client.query(&statements.open_holds, &wallets);
    let (heads, live, open) = join3(heads, live, open).await;
    Ok((heads?, live?, open?))
}

/// Puts wallets together that were not in memory.
fn learn(memory: &mut Memory, known: &mut Known, (heads, live, open): PartRows) -> Result<(), Fault> {
    let mut parts = Parts::new();
    for row in &live {
        let mut row = super::row(row)?;
        let (wallet, grant) = books::grant(&mut row)?;
        parts.entry(wallet).or_default().0.push(grant);
    }
    for row in &open {
        let hold = books::hold(&mut super::row(row)?)?;
        parts.entry(hold.wallet).or_default().1.insert(hold.id, hold);
    }
    for row in &heads {
        let (id, head): (WalletId, Head) = books::head(&mut super::row(row)?)?;
        let (grants, holds) = parts.remove(&id).unwrap_or_default();
        if known.broken.contains_key(&id) {
            continue;
        }
        match books::restore(id, head, grants, holds) {
            Ok(wallet) => _ = memory.cache.young.insert(id, wallet),
            Err(fault) => _ = known.broken.insert(id, fault),
        }
    }
    Ok(())
}
