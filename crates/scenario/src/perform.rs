//! Carries out one step with the operations that the doors use.

use billing::{CostSource, Usage, UsageRecord, cost_of, limit};
use connectors::processor::SetupStatus;
use futures_util::{StreamExt, TryStreamExt, stream};
use ledger::{LateSettle, Source, Spender};
use operations::dunning::{self, PayDue};
use operations::grant::{self, AdjustWallet, IssueGrant};
use operations::hold::{self, PlaceHold, SettleHold};
use operations::payment::{self, AddCard, BeginCard, BuyCredits};
use operations::refund::{self, RefundPurchase};
use operations::top_up::{self, TurnOn};
use operations::{Caller, Context, Error, Services, access, invoice, payer};
use units::{Amount, AmountOverflow, Cents, Cost, HoldId, PaymentId, RequestId, Seconds, UserId, WalletId};

use crate::World;
use crate::step::{Action, AutoTopUp, DisputeOutcome, Step, UseCost};
use crate::{pass, seat, team};

/// How long a hold of a story lives. Stories that want it to lapse wait longer.
const LEASE: Seconds = Seconds(300);
/// How many requests of one step are on their way at once.
const IN_FLIGHT: usize = 1_024;

impl World {
    /// Does what a step says, after everything that falls due on the way to it.
    pub async fn live(&mut self, step: &Step) -> Result<(), Error> {
        if let Some(at) = step.at {
            self.advance(at).await?;
        }
        let done = perform(self, &step.action).await;
        if let Err(Error::Fault(fault)) = done {
            return Err(Error::Fault(fault));
        }
        self.run_jobs().await?;
        done
    }
}

async fn perform(world: &mut World, action: &Action) -> Result<(), Error> {
    match action {
        Action::SignUp { user, country } => {
            world.sign_up(user, country.clone()).await?;
        }
        Action::Grant { wallet, amount, free, expires } => {
            let request = IssueGrant {
                wallet: world.wallets[wallet],
                source: Source::Operator,
                amount: *amount,
                paid: !free,
                expires: (*expires).into(),
                key: None,
            };
            grant::issue(world.services(), &world.context(), request).await?;
        }
        Action::Adjust { wallet, amount, reason } => {
            let request =
                AdjustWallet { wallet: world.wallets[wallet], amount: *amount, reason: reason.clone(), key: None };
            grant::adjust(world.services(), &world.context(), request).await?;
        }
        Action::Use { wallet, by, cost, times, parallel } => {
            payer::require_served(world.services(), &world.context(), world.wallets[wallet]).await?;
            let spender = spender(world, wallet, by.as_deref()).await?;
            let request = Request::new(world, world.wallets[wallet], spender, cost)?;
            match parallel {
                true => together(world.services(), &world.context(), &request, *times).await?,
                false => one_by_one(world.services(), &world.context(), &request, *times).await?,
            }
        }
        Action::Hold { id, wallet, by, amount, least } => {
            payer::require_served(world.services(), &world.context(), world.wallets[wallet]).await?;
            let spender = spender(world, wallet, by.as_deref()).await?;
            place_hold(world, id, wallet, *amount, *least, spender).await?;
        }
        Action::Settle { id, cost } => {
            let (wallet, hold) = known_hold(world, id);
            let request = SettleHold { wallet, hold, cost: *cost, usage: None, late: LateSettle::Refuse };
            hold::settle(world.services(), &world.context(), request).await?;
        }
        Action::Release { id } => {
            let (wallet, hold) = known_hold(world, id);
            hold::release(world.services(), &world.context(), wallet, hold).await?;
        }
        Action::Team(action) => team::perform(world, action).await?,
        Action::Seats(action) => seat::perform(world, action).await?,
        Action::PayDue { wallet } => pay_due(world, world.wallets[wallet]).await?,
        Action::Pass(action) => pass::perform(world, action).await?,
        Action::AddCard { wallet, card } => add_card(world, world.wallets[wallet], card).await?,
        Action::BuyCredits { wallet, amount, by } => {
            let caller = by.as_ref().map_or(Caller::Operator, |by| world.caller(by));
            buy_credits(world, caller, world.wallets[wallet], *amount).await?;
        }
        Action::BillingDetails { wallet, details } => {
            let (services, ctx, wallet) = (world.services(), world.context(), world.wallets[wallet]);
            invoice::set_details(services, &ctx, &Caller::Operator, wallet, details.clone()).await?;
        }
        Action::AutoTopUp { wallet, wish } => auto_top_up(world, world.wallets[wallet], wish).await?,
        Action::Refund { wallet, purchase, amount } => {
            refund_purchase(world, world.wallets[wallet], *purchase, *amount).await?;
        }
        Action::Dispute { wallet, purchase, outcome } => {
            contest(world, world.wallets[wallet], *purchase, *outcome).await?;
        }
        Action::Deliver { way } => world.way = *way,
        Action::Crash => world.crash().await?,
        Action::Wait => {}
    }
    Ok(())
}

async fn auto_top_up(world: &World, wallet: WalletId, wish: &AutoTopUp) -> Result<(), Error> {
    let (services, ctx, caller) = (world.services(), world.context(), Caller::Operator);
    match wish {
        AutoTopUp::On(wish) => {
            top_up::turn_on(services, &ctx, TurnOn { caller, wallet, wish: *wish, address: None }).await
        }
        AutoTopUp::Resumed => top_up::resume(services, &ctx, &caller, wallet).await,
        AutoTopUp::Off => top_up::turn_off(services, &ctx, &caller, wallet).await,
    }
    .map(drop)
}

/// Types the card on the sandbox's page, and says yes when its bank asks.
async fn add_card(world: &World, wallet: WalletId, number: &str) -> Result<(), Error> {
    let (services, ctx) = (world.services(), world.context());
    let (caller, return_url) = (Caller::Operator, RETURN_URL.to_owned());
    let begin = BeginCard { caller, wallet, return_url, from: None };
    let setup = payment::begin_card(services, &ctx, begin).await?;
    if world.sandbox().submit_card(&setup.id, number).await?.status == SetupStatus::ActionRequired {
        world.sandbox().answer_setup(&setup.id, true).await?;
    }
    payment::add_card(services, &ctx, AddCard { caller: Caller::Operator, wallet, setup: setup.id }).await.map(drop)
}

/// Buys, says yes when the bank asks, and comes back to the page that shows how it went.
async fn buy_credits(world: &World, caller: Caller, wallet: WalletId, amount: Cents) -> Result<(), Error> {
    let (services, ctx) = (world.services(), world.context());
    let request =
        BuyCredits { caller, wallet, amount, card: None, key: None, return_url: RETURN_URL.to_owned(), from: None };
    let bought = payment::buy(services, &ctx, request).await?;
    seat::answer(world, &caller, &bought).await
}

async fn pay_due(world: &World, wallet: WalletId) -> Result<(), Error> {
    let caller = Caller::Operator;
    let request = PayDue { caller, wallet, card: None, return_url: RETURN_URL.to_owned(), from: None };
    for bought in dunning::pay_due(world.services(), &world.context(), request).await? {
        seat::answer(world, &caller, &bought).await?;
    }
    Ok(())
}

/// The n-th payment of the wallet that was paid.
async fn find_purchase(world: &World, wallet: WalletId, purchase: usize) -> Result<PaymentId, Error> {
    let payments = world.services().store.reader().list_payments(wallet, None, u32::MAX).await?;
    let found = payments.iter().filter(|row| row.paid_at.is_some()).nth(purchase - 1);
    found.map(|row| row.id).ok_or_else(|| Error::NotFound { what: "purchase", name: purchase.to_string() })
}

async fn refund_purchase(world: &World, wallet: WalletId, purchase: usize, amount: Option<Cents>) -> Result<(), Error> {
    let payment = find_purchase(world, wallet, purchase).await?;
    let reason = "asked for by its buyer".to_owned();
    let request = RefundPurchase { caller: Caller::Operator, wallet, payment, amount, reason, key: None };
    refund::refund_purchase(world.services(), &world.context(), request).await.map(drop)
}

/// At the sandbox, whose events tell of it. What was not contested before is now.
async fn contest(world: &World, wallet: WalletId, purchase: usize, outcome: DisputeOutcome) -> Result<(), Error> {
    let payment = find_purchase(world, wallet, purchase).await?;
    let attempt = world.services().store.reader().find_attempt(payment).await?;
    let object = attempt.and_then(|attempt| attempt.foreign_id).unwrap_or_default();
    world.sandbox().open_dispute(&object, outcome == DisputeOutcome::Inquiry).await?;
    if matches!(outcome, DisputeOutcome::Won | DisputeOutcome::Lost) {
        world.sandbox().close_dispute(&object, outcome == DisputeOutcome::Won).await?;
    }
    Ok(())
}

pub(crate) const RETURN_URL: &str = "http://localhost/credits";

async fn place_hold(
    world: &mut World,
    id: &str,
    wallet: &str,
    amount: Amount,
    least: Option<Amount>,
    spender: Spender,
) -> Result<(), Error> {
    let wallet = world.wallets[wallet];
    let (_, hold) = *world.holds.entry(id.to_owned()).or_insert_with(|| (wallet, HoldId::from_uuid(label_uuid(id))));
    let least = least.unwrap_or(amount);
    let request = PlaceHold { wallet, hold, wanted: amount, least, lease: LEASE, is_fresh: false, spender };
    hold::place(world.services(), &world.context(), request).await?;
    Ok(())
}

/// A hold's id is its label, so that the same label is the same hold, as with a caller's own ids.
fn label_uuid(label: &str) -> uuid::Uuid {
    let mut bytes = [0u8; 16];
    for (index, byte) in label.bytes().enumerate() {
        bytes[index % 16] = bytes[index % 16].rotate_left(3) ^ byte;
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

fn known_hold(world: &World, label: &str) -> (WalletId, HoldId) {
    *world.holds.get(label).expect("the story was checked: an earlier step places this hold")
}

/// For whom the credits are spent, and within which bounds. In an organization they must be somebody who may.
async fn spender(world: &World, wallet: &str, by: Option<&str>) -> Result<Spender, Error> {
    let Some(by) = by else { return Ok(Spender::default()) };
    let caller = world.caller(by);
    let mut spender = Spender { user: caller.user(), ..Spender::default() };
    if let Some(organization) = world.organizations.get(wallet) {
        let reader = world.services().store.reader();
        let standing =
            access::read_organization(reader, &caller, *organization, billing::role::Action::UseCredits).await?;
        if let Some(member) = &standing.member {
            world.services().activity.note_member(*organization, member.user, member.last_active_at, world.now());
        }
        let daily = standing.member.and_then(|member| Some((member.user, member.daily_limit?)));
        spender.caps.extend(daily.map(|(user, daily)| limit::of_member(user, daily, world.now())));
    }
    Ok(spender)
}

/// One request as the gateway would see it.
struct Request {
    wallet: WalletId,
    spender: Spender,
    cost: Cost,
    usage: Option<UsageRecord>,
}

impl Request {
    fn new(world: &World, wallet: WalletId, spender: Spender, cost: &UseCost) -> Result<Self, Error> {
        let (model, usage, project) = match cost {
            UseCost::Exact(cost) => {
                let usage = spender.user.map(|user| metered(world, user));
                return Ok(Self { wallet, spender, cost: *cost, usage });
            }
            UseCost::Tokens { model, input, output, cached, project } => {
                (model, Usage { input: *input, output: *output, cache_read: *cached, ..Usage::default() }, project)
            }
        };
        let unknown = || Error::ModelUnknown { model: model.clone() };
        let prices = world.services().prices.current();
        let found = prices.find(model).ok_or_else(unknown)?;
        let list = found.prices_at(world.now()).ok_or_else(unknown)?;
        let cost = cost_of(list, &usage, world.now())
            .map_err(|error| Error::Invalid { field: "model", reason: error.to_string() })?;
        let record = UsageRecord {
            request: RequestId::from_uuid(world.context().ids.uuid()),
            user: spender.user,
            api_key: None,
            model: model.clone(),
            provider: list.provider().to_owned(),
            project: project.clone(),
            admitted_at: world.now(),
            price_version: Some(list.version().as_str().to_owned()),
            cost_source: CostSource::Priced,
            own_cost: None,
            usage,
        };
        Ok(Self { wallet, spender, cost, usage: Some(record) })
    }

    /// What has to be held for one of them.
    fn amount(&self) -> Result<Amount, Error> {
        let too_large = |error: AmountOverflow| Error::Invalid { field: "cost", reason: error.to_string() };
        self.cost.to_amount_ceil().map_err(too_large)
    }

    async fn is_affordable(&self, services: &Services, ctx: &Context, times: u32) -> Result<bool, Error> {
        let wallet = services.store.reader().load_wallet(self.wallet).await?;
        let available = wallet.map_or(Amount::ZERO, |wallet| wallet.available(ctx.now));
        if !self.spender.caps.is_empty() {
            return Ok(false);
        }
        let needed = i128::from(self.amount()?.nanos()) * i128::from(times);
        Ok(needed <= i128::from(available.nanos()))
    }

    /// What costs nothing needs no hold: it works at balance zero.
    async fn place(&self, services: &Services, ctx: &Context, hold: HoldId) -> Result<(), Error> {
        if self.cost.is_zero() {
            return Ok(());
        }
        let (wallet, amount) = (self.wallet, self.amount()?);
        let spender = self.spender.clone();
        let place = PlaceHold { wallet, hold, wanted: amount, least: amount, lease: LEASE, is_fresh: true, spender };
        hold::place(services, ctx, place).await.map(drop)
    }

    async fn settle(&self, services: &Services, ctx: &Context, hold: HoldId) -> Result<(), Error> {
        let late = if self.cost.is_zero() { LateSettle::Charge } else { LateSettle::Refuse };
        let settle = SettleHold { wallet: self.wallet, hold, cost: self.cost, usage: self.usage.clone(), late };
        hold::settle(services, ctx, settle).await.map(drop)
    }
}

/// The record of a cost that was named by itself, so that it counts as somebody's.
fn metered(world: &World, user: UserId) -> UsageRecord {
    UsageRecord {
        request: RequestId::from_uuid(world.context().ids.uuid()),
        user: Some(user),
        api_key: None,
        model: String::new(),
        provider: String::new(),
        project: String::new(),
        admitted_at: world.now(),
        price_version: None,
        cost_source: CostSource::Metered,
        own_cost: None,
        usage: Usage::default(),
    }
}

/// Hold, settle, hold, settle: each use finds what the one before it left. When the wallet can pay for all
/// of them anyway, none can be refused and their order changes nothing, so they share commits.
async fn one_by_one(services: &Services, ctx: &Context, request: &Request, times: u32) -> Result<(), Error> {
    let lanes = if request.is_affordable(services, ctx, times).await? { IN_FLIGHT } else { 1 };
    stream::iter((0..times).map(|_| HoldId::from_uuid(ctx.ids.uuid())))
        .map(async |hold| {
            request.place(services, ctx, hold).await?;
            request.settle(services, ctx, hold).await
        })
        .buffer_unordered(lanes)
        .try_collect::<()>()
        .await
}

/// All holds before any settlement. Holds that find no credits are refused; the step is refused when
/// none finds any.
async fn together(services: &Services, ctx: &Context, request: &Request, times: u32) -> Result<(), Error> {
    let mut placed = Vec::new();
    let mut refusal = None;
    let mut answers = stream::iter((0..times).map(|_| HoldId::from_uuid(ctx.ids.uuid())))
        .map(async |hold| (hold, request.place(services, ctx, hold).await))
        .buffered(IN_FLIGHT);
    while let Some((hold, answer)) = answers.next().await {
        match answer {
            Ok(()) => placed.push(hold),
            Err(Error::Refused(reason)) => refusal = Some(reason),
            Err(error) => return Err(error),
        }
    }
    drop(answers);
    if let (Some(reason), true) = (refusal, placed.is_empty()) {
        return Err(Error::Refused(reason));
    }
    stream::iter(placed)
        .map(async |hold| request.settle(services, ctx, hold).await)
        .buffer_unordered(IN_FLIGHT)
        .try_collect::<()>()
        .await
}
