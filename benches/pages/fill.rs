//! An organization of fifty whose requests of a year stand in one wallet, through the ledger.

use benches::Failure;
use billing::seat::Seating;
use billing::{CostSource, Role, Usage, UsageRecord};
use futures_util::future::try_join_all;
use indicatif::{ProgressBar, ProgressStyle};
use ledger::{Command, Issue, LateSettle, Settle, Source};
use store::{MemberRow, OrganizationRow, Posting, Store, UserRow};
use units::{Amount, Cost, GrantId, HoldId, OrganizationId, RequestId, Seconds, UserId, WalletId};
use uuid::{Builder, Uuid};

/// The owner, who looks at everything.
pub const OWNER: &str = "owner@example.com";
const MEMBERS: u64 = 50;
const MODELS: [&str; 6] = [
    "demo/small",
    "demo/large",
    "demo/reports-cost",
    "anthropic/claude-sonnet-4.5",
    "openai/gpt-5",
    "google/gemini-2.5-pro",
];
const PROJECTS: u64 = 8;
/// A year before the machine's clock, so that the pages of the past year have all of it.
const YEAR: i64 = 365 * 86_400;
const IN_FLIGHT: u64 = 4_096;

fn id(kind: u8, count: u64) -> Uuid {
    let mut random = [0; 10];
    random[0] = kind;
    random[2..].copy_from_slice(&count.to_be_bytes());
    Builder::from_unix_timestamp_millis(1_700_000_000_000 + count, &random).into_uuid()
}

pub async fn fill(store: &Store, charges: u64) -> Result<(), Failure> {
    let start = super::ask::now().plus(Seconds(-YEAR));
    let wallet = people(store, start).await?;
    let grant = Command::Issue(Issue {
        grant: GrantId::from_uuid(id(3, 0)),
        source: Source::Purchase,
        amount: Amount::from_dollars(1_000_000),
        paid: true,
        effective_at: start,
        expires_at: None,
    });
    store.post(Posting { wallet, now: start, command: grant, key: None, usage: None }).await?;
    let style = ProgressStyle::with_template("{bar:30} {percent}%  {human_pos} of {human_len}, {per_sec}, {eta} to go");
    let bar = ProgressBar::new(charges).with_style(style.expect("a fixed template"));
    for first in (0..charges).step_by(IN_FLIGHT as usize) {
        let batch = first..(first + IN_FLIGHT).min(charges);
        try_join_all(batch.map(|number| store.post(charge(wallet, start, number, charges)))).await?;
        bar.set_position(first);
    }
    bar.finish_and_clear();
    Ok(())
}

/// The organization's wallet, when everybody is in it.
async fn people(store: &Store, start: units::Instant) -> Result<WalletId, Failure> {
    let wallet = WalletId::from_uuid(id(1, 0));
    let organization = OrganizationRow {
        id: OrganizationId::from_uuid(id(6, 0)),
        name: "A long history".to_owned(),
        wallet,
        seating: Seating::on_trial(u32::try_from(MEMBERS)?, start.plus_days(500)),
        suspension: None,
        created_at: start,
    };
    let row = organization.clone();
    store.write(async move |tx| tx.insert_organization_with_wallet(&row).await).await?;
    for number in 0..MEMBERS {
        let (name, role) = match number {
            0 => (OWNER.to_owned(), Role::Owner),
            _ => (format!("member-{number}@example.com"), Role::Member),
        };
        let own = WalletId::from_uuid(id(1, number + 1));
        let user =
            UserRow { email: Some(name.clone()), ..UserRow::new(UserId::from_uuid(id(2, number)), own, name, start) };
        let member = MemberRow {
            organization: organization.id,
            user: user.id,
            role,
            daily_limit: None,
            joined_at: start,
            last_active_at: Some(start),
        };
        store
            .write(async move |tx| {
                tx.insert_user_with_wallet(&user).await?;
                tx.insert_member(&member).await
            })
            .await?;
    }
    Ok(wallet)
}

/// The n-th charge, with its usage record. Each day everybody works on one project, with two models.
fn charge(wallet: WalletId, start: units::Instant, number: u64, all: u64) -> Posting {
    let seconds = i64::try_from(i128::from(number) * i128::from(YEAR) / i128::from(all)).unwrap_or(YEAR);
    let (now, member, day) = (start.plus(Seconds(seconds)), number % MEMBERS, seconds.unsigned_abs() / 86_400);
    let model = MODELS[((member + day + number / MEMBERS % 2) % MODELS.len() as u64) as usize];
    let settle = Settle {
        hold: HoldId::from_uuid(id(4, number)),
        cost: Cost::from_attos(1_234_567_890_123_456 + i128::from(number % 1_000)),
        late: LateSettle::Charge,
    };
    let usage = UsageRecord {
        request: RequestId::from_uuid(id(5, number)),
        user: Some(UserId::from_uuid(id(2, member))),
        api_key: None,
        model: model.to_owned(),
        provider: model.split('/').next().unwrap_or_default().to_owned(),
        project: format!("project {}", (member + day) % PROJECTS),
        admitted_at: now,
        price_version: None,
        cost_source: CostSource::Priced,
        own_cost: None,
        usage: Usage { input: 1_000, output: 100, ..Usage::default() },
    };
    Posting { wallet, now, command: Command::Settle(settle), key: None, usage: Some(usage) }
}
