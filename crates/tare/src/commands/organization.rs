//! `tare org`: organizations, by the hand of who runs the server.

use std::process::ExitCode;

use billing::Catalog;
use operations::audit::{self, Scope};
use operations::dunning::{self, Purge};
use operations::invitation::{self, Invite};
use operations::organization::{self, CreateOrganization};
use operations::seat::{self, Forecast};
use operations::{Caller, Context, Door, Services, member};
use store::{AuditFilter, Reader};
use units::{Cents, OrganizationId};

use crate::cli::{self, OrganizationArgs};
use crate::clock::SystemDoor;
use crate::failure::Failure;
use crate::opened::{Opened, find_organization, find_user, open_reader, read_rules};
use crate::table::Table;

pub async fn run(command: cli::Organization) -> Result<ExitCode, Failure> {
    match command {
        cli::Organization::Create { name, owner, database, rules } => {
            open_reader(&database).await?;
            let opened = Opened::open(&database, &rules).await?;
            let owner = Some(find_user(opened.services.store.reader(), &owner).await?.id);
            let request = CreateOrganization { name: name.clone(), owner };
            let ctx = opened.door.context();
            let created = organization::create(&opened.services, &ctx, &Caller::Operator, request).await?;
            println!("{name}: organization {}, wallet {}", created.organization, created.wallet);
            println!("next: tare org invite {} bob@example.com", created.organization);
            opened.close().await;
        }
        cli::Organization::List { database } => list(&open_reader(&database).await?).await?,
        cli::Organization::Forecast { of, rules, seats, months } => {
            let reader = open_reader(&of.database).await?;
            let organization = find_organization(&reader, &of.organization).await?;
            forecast(&reader, &read_rules(&rules)?.0, organization, seats, months).await?;
        }
        cli::Organization::Purges { database, rules } => {
            purges(&open_reader(&database).await?, &read_rules(&rules)?.0).await?;
        }
        cli::Organization::Audit { of, action, out } => {
            let desk = Desk::open(&of).await?;
            let filter = AuditFilter { action, ..AuditFilter::default() };
            let text = audit::export(desk.services(), &Caller::Operator, Scope::Organization(desk.id), filter).await?;
            match out {
                Some(file) => std::fs::write(&file, text)?,
                None => print!("{text}"),
            }
            desk.opened.close().await;
        }
        cli::Organization::Show { ref of }
        | cli::Organization::Invite { ref of, .. }
        | cli::Organization::Role { ref of, .. }
        | cli::Organization::Limit { ref of, .. }
        | cli::Organization::Remove { ref of, .. } => {
            let desk = Desk::open(of).await?;
            change(&desk, command).await?;
            show(&desk).await?;
            desk.opened.close().await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// An opened database, and the organization that it is about.
struct Desk {
    opened: Opened,
    id: OrganizationId,
    ctx: Context,
}

impl Desk {
    async fn open(of: &OrganizationArgs) -> Result<Self, Failure> {
        let opened = Opened::open_existing(&of.database).await?;
        let id = find_organization(opened.services.store.reader(), &of.organization).await?;
        let ctx = opened.door.context();
        Ok(Self { opened, id, ctx })
    }

    fn services(&self) -> &Services {
        &self.opened.services
    }

    async fn person(&self, name: &str) -> Result<units::UserId, Failure> {
        Ok(find_user(self.services().store.reader(), name).await?.id)
    }
}

async fn change(desk: &Desk, command: cli::Organization) -> Result<(), Failure> {
    let (services, ctx, id, caller) = (desk.services(), &desk.ctx, desk.id, &Caller::Operator);
    match command {
        cli::Organization::Invite { email, role, .. } => {
            let request = Invite { organization: id, email, role };
            invitation::invite(services, ctx, caller, request).await?;
        }
        cli::Organization::Role { person, role, .. } => {
            member::set_role(services, ctx, caller, id, desk.person(&person).await?, role).await?;
        }
        cli::Organization::Limit { person, amount, .. } => {
            member::set_daily_limit(services, ctx, caller, id, desk.person(&person).await?, amount).await?;
        }
        cli::Organization::Remove { person, .. } => {
            member::remove(services, ctx, caller, id, desk.person(&person).await?).await?;
        }
        _ => {}
    }
    Ok(())
}

const PAGE: u32 = 200;

async fn list(reader: &Reader) -> Result<(), Failure> {
    let mut table = Table::new(&["NAME", ">SEATS", "ORGANIZATION", "WALLET"]);
    let mut after = None;
    loop {
        let page = reader.list_organizations(after, PAGE).await?;
        if after.is_none() && page.is_empty() {
            println!("none yet. Found one: tare org create Acme --owner ana@example.com");
            return Ok(());
        }
        for row in &page {
            table.row([row.name.clone(), row.seating.seats.to_string(), row.id.to_string(), row.wallet.to_string()]);
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.id),
            _ => break,
        }
    }
    table.print();
    Ok(())
}

async fn forecast(
    reader: &Reader,
    catalog: &Catalog,
    organization: OrganizationId,
    seats: Option<u32>,
    months: u32,
) -> Result<(), Failure> {
    let ctx = SystemDoor::new().context();
    let request = Forecast { organization, until: ctx.now.plus_months(months), prices: None, seats };
    let bills = seat::forecast(reader, catalog, &ctx, &Caller::Operator, request).await?;
    if bills.is_empty() {
        println!("nothing falls due: it has no plan, or its plan ends before");
        return Ok(());
    }
    let mut table = Table::new(&["DUE", ">AMOUNT"]);
    let mut total = 0;
    for (at, amount) in bills {
        total += amount.count();
        table.row([at.to_string(), amount.to_string()]);
    }
    table.row(["in all, without tax".to_owned(), Cents::from_count(total).to_string()]);
    table.print();
    Ok(())
}

async fn purges(reader: &Reader, catalog: &Catalog) -> Result<(), Failure> {
    let purges = dunning::preview_purge(reader, catalog, &SystemDoor::new().context(), &Caller::Operator).await?;
    if purges.is_empty() {
        println!("no organization is suspended, so nothing will be deleted");
        return Ok(());
    }
    let headings =
        ["ORGANIZATION", "DELETED AT", ">USAGE RECORDS", ">API KEYS", ">PROVIDER KEYS", ">SETTINGS", ">CARDS"];
    let mut table = Table::new(&headings);
    for Purge { organization, name, at, deletes } in purges {
        let counts = [deletes.usage_records, deletes.api_keys, deletes.provider_keys, deletes.settings, deletes.cards];
        let counts = counts.map(|count| count.to_string());
        table.row([format!("{name} ({organization})"), at.to_string()].into_iter().chain(counts));
    }
    table.print();
    println!("\nkept: the journal, charges, receipts, invoices, the audit log, members, and unspent credits");
    Ok(())
}

async fn show(desk: &Desk) -> Result<(), Failure> {
    let (services, id) = (desk.services(), desk.id);
    let shown = organization::show(services, &desk.ctx, &Caller::Operator, id).await?;
    let row = &shown.standing.organization;
    println!("{} ({}), wallet {}", row.name, row.id, row.wallet);
    let plan = match &row.seating.subscription {
        Some(it) => format!(", {} until {}", it.plan, it.term.end()),
        None => format!(", trial until {}", row.seating.trial_ends_at),
    };
    println!("{} of {} seats taken{plan}\n", shown.seats_used, row.seating.seats);
    let mut table = Table::new(&["MEMBER", "ROLE", ">DAILY LIMIT", "LAST ACTIVE"]);
    let mut after = None;
    loop {
        let page = member::list(services, &Caller::Operator, id, after, PAGE).await?;
        for (member, user) in &page {
            let limit = member.daily_limit.map_or("none".to_owned(), |limit| limit.to_string());
            let active = member.last_active_at.map_or("never".to_owned(), |at| at.to_string());
            table.row([user.name.clone(), member.role.to_string(), limit, active]);
        }
        match page.last() {
            Some((last, _)) if page.len() == PAGE as usize => after = Some(last.user),
            _ => break,
        }
    }
    table.print();
    let pending = invitation::list(services, &desk.ctx, &Caller::Operator, id).await?;
    if !pending.is_empty() {
        println!();
        let mut table = Table::new(&["INVITED", "ROLE", "UNTIL"]);
        pending.into_iter().for_each(|row| table.row([row.email, row.role.to_string(), row.expires_at.to_string()]));
        table.print();
    }
    Ok(())
}
