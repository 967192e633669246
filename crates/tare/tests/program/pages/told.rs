//! What a script tells: what the books should say after a flow, or who becomes a member.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use billing::invoice::{Document, Series};
use serde::Deserialize;
use store::InvoiceFilter;
use tokio::time::sleep;
use units::{Amount, Cents, Cost, WalletId};

use crate::books::{Books, now};
use crate::office::Office;
use crate::servers::Place;

/// The tables follow the log of changes within moments.
const PATIENCE: Duration = Duration::from_secs(20);

/// More than anybody here has.
const MANY: u32 = 100;

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Told {
    Books(Flow),
    Join(Join),
}

#[derive(Debug, Deserialize)]
pub struct Flow {
    flow: String,
    /// By the mail address of a person or the name of an organization.
    wallets: BTreeMap<String, Wallet>,
}

/// What is absent is not looked at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wallet {
    balance: Option<Balance>,
    /// What cards paid, in dollars.
    paid: Option<Cents>,
    /// Invoices, which together are what was paid.
    invoices: Option<usize>,
    /// What went back to cards, by credit notes.
    refunded: Option<Cents>,
    /// The roles of an organization's members, by mail address.
    members: Option<BTreeMap<String, String>>,
}

/// An amount, or what is left of it after costs: what is below a nanodollar is carried, not debited.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Balance {
    Is(Amount),
    After(Vec<Cost>),
}

impl Balance {
    fn amount(&self) -> Amount {
        match self {
            Self::Is(amount) => *amount,
            Self::After(all) => {
                let (first, costs) = all.split_first().expect("there is an amount before the costs");
                let spent: Cost = costs.iter().copied().sum();
                let nanos = |cost: Cost| i64::try_from(cost.attos() / 1_000_000_000).unwrap();
                Amount::from_nanos(nanos(*first) - nanos(spent))
            }
        }
    }
}

impl Flow {
    /// What is wrong, if anything still is after a while.
    pub async fn compare(&self, books: &Books) -> Option<String> {
        let began = Instant::now();
        loop {
            let mut wrong = Vec::new();
            for (name, wallet) in &self.wallets {
                wrong.extend(wallet.compare(books, name).await);
            }
            if wrong.is_empty() {
                return None;
            }
            if began.elapsed() > PATIENCE {
                return Some(format!("after \"{}\": {}", self.flow, wrong.join("; ")));
            }
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Somebody becomes a member, whatever they are called.
#[derive(Debug, Deserialize)]
pub struct Join {
    organization: String,
    member: String,
}

impl Join {
    pub async fn perform(&self, place: &Place, books: &Books) -> Option<String> {
        place.command(&["user", "add", &self.member]).await.well();
        let all = books.reader().list_organizations(None, MANY).await.unwrap();
        let Some(row) = all.into_iter().find(|row| row.name == self.organization) else {
            return Some(format!("there is no {}", self.organization));
        };
        let office = Office::open(&place.database).await;
        let user = office.user(&self.member).await;
        office.join(row.id, user).await;
        office.close().await;
        None
    }
}

impl Wallet {
    async fn compare(&self, books: &Books, name: &str) -> Vec<String> {
        let Some((id, members)) = find(books, name).await else { return vec![format!("there is no {name}")] };
        let mut wrong = Vec::new();
        let mut compare = |what: &str, wanted: String, is: String| {
            if wanted != is {
                wrong.push(format!("{name}: {what} should be {wanted} and is {is}"));
            }
        };
        if let Some(balance) = &self.balance {
            compare("the balance", balance.amount().to_string(), books.wallet(id).await.balance(now()).to_string());
        }
        let payments = books.reader().list_payments(id, None, MANY).await.unwrap();
        let paid = sum(payments.iter().filter(|row| row.paid_at.is_some()).map(|row| row.amount));
        if let Some(wanted) = self.paid {
            compare("what was paid", wanted.to_string(), paid.to_string());
        }
        if let Some(wanted) = self.invoices {
            let all = documents(books, id, Series::Invoice).await;
            let total = sum(all.iter().map(|document| document.content.total));
            compare("the invoices", format!("{wanted} over {paid}"), format!("{} over {total}", all.len()));
        }
        if let Some(wanted) = self.refunded {
            let notes = documents(books, id, Series::CreditNote).await;
            compare("what went back", wanted.to_string(), sum(notes.iter().map(|note| note.content.total)).to_string());
        }
        if let Some(wanted) = &self.members {
            compare("the members", format!("{wanted:?}"), format!("{members:?}"));
        }
        wrong
    }
}

async fn documents(books: &Books, wallet: WalletId, series: Series) -> Vec<Document> {
    let filter = InvoiceFilter { wallet: Some(wallet), series: Some(series), ..InvoiceFilter::default() };
    books.reader().list_invoices(filter, None, MANY).await.unwrap()
}

fn sum(amounts: impl Iterator<Item = Cents>) -> Cents {
    Cents::from_count(amounts.map(Cents::count).sum())
}

/// A wallet by the name of its holder, with the members of an organization.
async fn find(books: &Books, name: &str) -> Option<(WalletId, BTreeMap<String, String>)> {
    let reader = books.reader();
    if let Some(user) = reader.find_user_by_email(name).await.unwrap() {
        return Some((user.wallet, BTreeMap::new()));
    }
    let all = reader.list_organizations(None, MANY).await.unwrap();
    let row = all.into_iter().find(|row| row.name == name)?;
    let members = reader.list_members(row.id, None, MANY).await.unwrap();
    let roles =
        members.into_iter().map(|(member, user)| (user.email.unwrap_or(user.name), member.role.name().to_owned()));
    Some((row.wallet, roles.collect()))
}
