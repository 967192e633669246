//! What was spent already against the caps of a batch, read under the locks of its wallets.

use foldhash::{HashMap, HashMapExt};
use futures_util::future::join;
use ledger::{Cap, Capped, Command, Place};
use tokio_postgres::{Client, Error, Row as PgRow, Statement};
use units::{Amount, WalletId};
use uuid::Uuid;

use super::statements::Asking;
use crate::{Fault, Posting};

/// Sums by the place of their cap in [`caps`].
pub(super) type SpentRows = (Vec<PgRow>, Vec<PgRow>);

/// The caps of a list of postings, as the arrays that a statement takes.
#[derive(Default)]
struct Asked {
    wallets: Vec<Uuid>,
    ids: Vec<Uuid>,
    since: Vec<i64>,
    places: Vec<i64>,
}

pub(super) async fn find(client: &Client, statements: &Asking, postings: &[&Posting]) -> Result<SpentRows, Error> {
    let (mut users, mut keys) = (Asked::default(), Asked::default());
    for ((_, wallet, cap), place) in caps(postings).zip(0..) {
        match cap.on {
            Capped::User(user) => users.push(wallet, user.uuid(), cap, place),
            Capped::ApiKey(key) => keys.push(wallet, key.uuid(), cap, place),
        }
    }
    let by_user = users.find(client, &statements.spent_by_user);
    let with_key = keys.find(client, &statements.spent_with_key);
    let (by_user, with_key) = join(by_user, with_key).await;
    Ok((by_user?, with_key?))
}

/// The sums of each capped posting, in the order of its caps. A cap without a row had nothing spent.
pub(super) fn read(
    (by_user, with_key): SpentRows,
    postings: &[&Posting],
) -> Result<HashMap<usize, Vec<Amount>>, Fault> {
    let mut sums: HashMap<i64, Amount> = HashMap::new();
    for row in by_user.iter().chain(&with_key) {
        let mut row = super::row(row)?;
        sums.insert(row.take()?, row.take()?);
    }
    let mut spent: HashMap<usize, Vec<Amount>> = HashMap::new();
    for ((index, ..), place) in caps(postings).zip(0..) {
        spent.entry(index).or_default().push(sums.get(&place).copied().unwrap_or_default());
    }
    Ok(spent)
}

fn caps<'a>(postings: &'a [&Posting]) -> impl Iterator<Item = (usize, WalletId, &'a Cap)> {
    postings.iter().enumerate().flat_map(|(index, posting)| {
        let caps: &[Cap] = match &posting.command {
            Command::Place(Place { spender, .. }) => &spender.caps,
            _ => &[],
        };
        caps.iter().map(move |cap| (index, posting.wallet, cap))
    })
}

impl Asked {
    fn push(&mut self, wallet: WalletId, id: Uuid, cap: &Cap, place: i64) {
        self.wallets.push(wallet.uuid());
        self.ids.push(id);
        self.since.push(i64::from(cap.since.number()));
        self.places.push(place);
    }

    async fn find(&self, client: &Client, statement: &Statement) -> Result<Vec<PgRow>, Error> {
        match self.places.is_empty() {
            true => Ok(Vec::new()),
            false => client.query(statement, &[&self.wallets, &self.ids, &self.since, &self.places]).await,
        }
    }
}
