//! What can happen in a story.

use std::collections::HashSet;

use billing::invoice::{BillingDetails, Party};
use billing::top_up::Wish;
use operations::payment::{Order, Way};
use serde_json::Value;
use toml::Spanned;
use toml::de::DeTable;
use units::{Amount, Cents, Cost, Instant};

use crate::fields::{self, Fields};
use crate::pass::{self, PassAction};
use crate::seat::{self, SeatAction};
use crate::source::{Source, StoryError};
use crate::team::{self, TeamAction};

/// One step of a story.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The line it starts on.
    pub line: usize,
    /// When; the clock stands still when absent.
    pub at: Option<Instant>,
    /// The word after `do`.
    pub verb: String,
    /// What happens.
    pub action: Action,
    /// The code with which it must be refused.
    pub refused: Option<String>,
    /// What must be true after it: dotted path and value.
    pub expect: Vec<(String, Value)>,
}

/// What becomes of a contested purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeOutcome {
    /// The payer wants the money back.
    Opened,
    /// The bank only asks.
    Inquiry,
    /// The payment stands.
    Won,
    /// The bank keeps the money.
    Lost,
}

/// What happens in a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// A person gets an account and the welcome grant.
    SignUp {
        /// Label and name.
        user: String,
        /// Two-letter country.
        country: Option<String>,
    },
    /// An operator gives credits.
    Grant {
        /// Whose wallet.
        wallet: String,
        /// How much.
        amount: Amount,
        /// Whether nobody paid for it.
        free: bool,
        /// When it expires.
        expires: Option<Instant>,
    },
    /// An operator corrects a balance.
    Adjust {
        /// Whose wallet.
        wallet: String,
        /// Signed.
        amount: Amount,
        /// Why.
        reason: String,
    },
    /// A request is held and settled.
    Use {
        /// Whose wallet.
        wallet: String,
        /// Who asks; in an organization they must be in it, and their daily limit counts.
        by: Option<String>,
        /// What it costs.
        cost: UseCost,
        /// How often.
        times: u32,
        /// Whether all holds come before any settlement.
        parallel: bool,
    },
    /// Credits are reserved.
    Hold {
        /// Label.
        id: String,
        /// Whose wallet.
        wallet: String,
        /// Who asks.
        by: Option<String>,
        /// How much.
        amount: Amount,
        /// The least that is of use; `amount` when absent.
        least: Option<Amount>,
    },
    /// A hold becomes a charge.
    Settle {
        /// The hold's label.
        id: String,
        /// The exact cost.
        cost: Cost,
    },
    /// A hold ends without a charge.
    Release {
        /// The hold's label.
        id: String,
    },
    /// An organization and its people change.
    Team(TeamAction),
    /// The seats of an organization change.
    Seats(SeatAction),
    /// What a wallet owes is paid.
    PayDue {
        /// Which wallet.
        wallet: String,
    },
    /// Somebody's pass changes.
    Pass(PassAction),
    /// A card is saved.
    AddCard {
        /// For which wallet.
        wallet: String,
        /// Its number.
        card: String,
    },
    /// Credits are bought with the newest card.
    BuyCredits {
        /// For which wallet.
        wallet: String,
        /// How much.
        amount: Cents,
        /// Who buys; whoever runs the server when absent.
        by: Option<String>,
    },
    /// The holder says who buys, as invoices name them.
    BillingDetails {
        /// Of which wallet.
        wallet: String,
        /// What they say.
        details: BillingDetails,
    },
    /// Credits are bought without asking from now on, or no more.
    AutoTopUp {
        /// For which wallet.
        wallet: String,
        /// What is wished.
        wish: AutoTopUp,
    },
    /// A purchase goes back to its card.
    Refund {
        /// Whose.
        wallet: String,
        /// Which, from 1.
        purchase: usize,
        /// How much; all that can be refunded when absent.
        amount: Option<Cents>,
    },
    /// The payer contests a purchase, or the bank decides.
    Dispute {
        /// Whose.
        wallet: String,
        /// Which, from 1.
        purchase: usize,
        /// What happens.
        outcome: DisputeOutcome,
    },
    /// How events of the processor arrive from now on.
    Deliver {
        /// In which order and how often.
        way: Way,
    },
    /// The program's memory is dropped and rebuilt from the database.
    Crash,
    /// Time passes.
    Wait,
}

/// What is wished of the automatic top-up.
#[derive(Clone, Debug, PartialEq)]
pub enum AutoTopUp {
    /// That it buys; what is absent is the catalog's default.
    On(Wish),
    /// That it goes on after a pause.
    Resumed,
    /// That it buys no more.
    Off,
}

/// How a use says what it costs.
#[derive(Clone, Debug, PartialEq)]
pub enum UseCost {
    /// In dollars.
    Exact(Cost),
    /// By tokens of a model of the price book.
    Tokens {
        /// The model's public id.
        model: String,
        /// Prompt tokens, cached ones included.
        input: u64,
        /// Completion tokens.
        output: u64,
        /// Prompt tokens read from a cache.
        cached: u64,
        /// For which of the spender's projects; empty for none.
        project: String,
    },
}

/// Every step that exists beside those of [`team`], [`seat`] and [`pass`], for messages.
const VERBS: [&str; 18] = [
    "sign_up",
    "add_card",
    "replace_card",
    "buy_credits",
    "pay_due",
    "billing_details",
    "auto_top_up",
    "refund",
    "dispute",
    "deliver",
    "grant",
    "adjust",
    "use",
    "hold",
    "settle",
    "release",
    "crash",
    "wait",
];

/// The labels that earlier steps have introduced.
#[derive(Default)]
pub(crate) struct Names {
    /// People and organizations: whose wallet it can be.
    pub wallets: HashSet<String>,
    pub people: HashSet<String>,
    /// Who was invited, whether they ever signed up or not.
    pub invited: HashSet<String>,
    pub organizations: HashSet<String>,
    holds: HashSet<String>,
}

impl Names {
    pub fn require_person(&self, fields: &Fields<'_>, name: &str) -> Result<(), StoryError> {
        match self.people.contains(name) {
            true => Ok(()),
            false => Err(fields.error(format!("`{name}` is not known here; it must sign up in an earlier step"))),
        }
    }
}

pub(crate) fn read<'s>(source: Source<'s>, table: Spanned<DeTable<'s>>, names: &mut Names) -> Result<Step, StoryError> {
    let span = table.span();
    let mut fields = Fields::new(source, span.clone(), "a step", table.into_inner());
    let verb = fields.text("do")?;
    fields.set_what(format!("`{verb}`"));
    let at = fields.find_instant("at")?;
    let refused = fields.find_text("refused")?;
    let expect = read_expect(source, &mut fields)?;
    let action = read_action(&verb, &mut fields, names)?;
    fields.finish()?;
    Ok(Step { line: source.line(&span), at, verb, action, refused, expect })
}

fn read_action(verb: &str, fields: &mut Fields<'_>, names: &mut Names) -> Result<Action, StoryError> {
    if let Some(action) = team::read(verb, fields, names)? {
        return Ok(Action::Team(action));
    }
    if let Some(action) = seat::read(verb, fields, names)? {
        return Ok(Action::Seats(action));
    }
    if let Some(action) = pass::read(verb, fields, names)? {
        return Ok(Action::Pass(action));
    }
    Ok(match verb {
        "sign_up" => {
            let user = fields.text("user")?;
            if !names.wallets.insert(user.clone()) || !names.people.insert(user.clone()) {
                return Err(fields.error(format!("`{user}` has signed up before")));
            }
            Action::SignUp { user, country: fields.find_text("country")? }
        }
        "grant" => Action::Grant {
            wallet: wallet(fields, names)?,
            amount: fields.number("amount")?,
            free: fields.flag("free")?,
            expires: fields.find_instant("expires")?,
        },
        "adjust" => Action::Adjust {
            wallet: wallet(fields, names)?,
            amount: fields.number("amount")?,
            reason: fields.text("reason")?,
        },
        "use" => read_use(fields, names)?,
        "hold" => {
            let id = fields.text("id")?;
            names.holds.insert(id.clone());
            let wallet = wallet(fields, names)?;
            let by = by(fields, names)?;
            Action::Hold { id, wallet, by, amount: fields.number("amount")?, least: fields.find_number("least")? }
        }
        "settle" => Action::Settle { id: hold(fields, names)?, cost: fields.number("cost")? },
        "release" => Action::Release { id: hold(fields, names)? },
        "add_card" | "replace_card" => {
            Action::AddCard { wallet: wallet(fields, names)?, card: fields.number_text("card")? }
        }
        "buy_credits" => Action::BuyCredits {
            wallet: wallet(fields, names)?,
            amount: fields.number("amount")?,
            by: by(fields, names)?,
        },
        "pay_due" => Action::PayDue { wallet: wallet(fields, names)? },
        "billing_details" => Action::BillingDetails { wallet: wallet(fields, names)?, details: read_details(fields)? },
        "auto_top_up" => Action::AutoTopUp { wallet: wallet(fields, names)?, wish: read_top_up(fields)? },
        "refund" => Action::Refund {
            wallet: wallet(fields, names)?,
            purchase: purchase(fields)?,
            amount: fields.find_number("amount")?,
        },
        "dispute" => Action::Dispute {
            wallet: wallet(fields, names)?,
            purchase: purchase(fields)?,
            outcome: read_outcome(fields)?,
        },
        "deliver" => Action::Deliver { way: read_way(fields)? },
        "crash" => Action::Crash,
        "wait" => Action::Wait,
        _ => {
            let known = [&VERBS[..], &team::VERBS, &seat::VERBS, &pass::VERBS].concat().join(", ");
            return Err(fields.error(format!("there is no step `{verb}`; there are {known}")));
        }
    })
}

fn read_details(fields: &mut Fields<'_>) -> Result<BillingDetails, StoryError> {
    let mut text = |key| fields.find_text(key).map(Option::unwrap_or_default);
    let buyer = Party {
        name: text("name")?,
        street: text("street")?,
        extra: text("extra")?,
        postal_code: text("postal_code")?,
        city: text("city")?,
        region: text("region")?,
        country: text("country")?,
        tax_id: text("tax_id")?,
    };
    Ok(BillingDetails { buyer, email: fields.find_text("email")?, is_mailed: fields.flag("mailed")? })
}

/// `on = true` with `resume = true` goes on after a pause, with the settings as they were.
fn read_top_up(fields: &mut Fields<'_>) -> Result<AutoTopUp, StoryError> {
    let (is_on, resumes) = (fields.flag("on")?, fields.flag("resume")?);
    let wish = Wish {
        threshold: fields.find_number("threshold")?,
        amount: fields.find_number("amount")?,
        monthly_cap: fields.find_number("monthly_cap")?,
    };
    match (is_on, resumes, wish == Wish::default()) {
        (true, false, _) => Ok(AutoTopUp::On(wish)),
        (true, true, true) => Ok(AutoTopUp::Resumed),
        (false, false, true) => Ok(AutoTopUp::Off),
        _ => {
            Err(fields.error("only `on = true` takes `threshold`, `amount` and `monthly_cap`, or else `resume = true`"))
        }
    }
}

fn purchase(fields: &mut Fields<'_>) -> Result<usize, StoryError> {
    match fields.number("purchase")? {
        0 => Err(fields.error("`purchase` counts from 1")),
        purchase => Ok(purchase),
    }
}

fn read_outcome(fields: &mut Fields<'_>) -> Result<DisputeOutcome, StoryError> {
    match fields.text("outcome")?.as_str() {
        "opened" => Ok(DisputeOutcome::Opened),
        "inquiry" => Ok(DisputeOutcome::Inquiry),
        "won" => Ok(DisputeOutcome::Won),
        "lost" => Ok(DisputeOutcome::Lost),
        other => Err(fields.error(format!("`outcome` is `opened`, `inquiry`, `won` or `lost`, not `{other}`"))),
    }
}

fn read_way(fields: &mut Fields<'_>) -> Result<Way, StoryError> {
    let order = match fields.find_text("order")?.as_deref() {
        None | Some("normal") => Order::Normal,
        Some("reverse") => Order::Reverse,
        Some("never") => Order::Never,
        Some(other) => return Err(fields.error(format!("`order` is `normal`, `reverse` or `never`, not `{other}`"))),
    };
    let times = fields.find_number("times")?.unwrap_or(1);
    match times {
        0 => Err(fields.error("`times` must be at least 1; events that do not arrive are `order = \"never\"`")),
        times => Ok(Way { order, times }),
    }
}

fn read_use(fields: &mut Fields<'_>, names: &Names) -> Result<Action, StoryError> {
    let wallet = wallet(fields, names)?;
    let by = by(fields, names)?;
    let exact: Option<Cost> = fields.find_number("cost")?;
    let model = fields.find_text("model")?;
    let (input, output, cached) =
        (fields.find_number("input")?, fields.find_number("output")?, fields.find_number("cached")?);
    let cost = match (exact, model) {
        (Some(cost), None) if input.or(output).or(cached).is_none() => UseCost::Exact(cost),
        (None, Some(model)) => UseCost::Tokens {
            model,
            input: input.unwrap_or_default(),
            output: output.unwrap_or_default(),
            cached: cached.unwrap_or_default(),
            project: fields.find_text("project")?.unwrap_or_default(),
        },
        _ => return Err(fields.error("`use` needs either `cost`, or `model` with `input`, `output` and `cached`")),
    };
    let times = fields.find_number("times")?.unwrap_or(1);
    if times == 0 {
        return Err(fields.error("`times` must be at least 1"));
    }
    Ok(Action::Use { wallet, by, cost, times, parallel: fields.flag("parallel")? })
}

fn wallet(fields: &mut Fields<'_>, names: &Names) -> Result<String, StoryError> {
    let wallet = fields.text("wallet")?;
    match names.wallets.contains(&wallet) {
        true => Ok(wallet),
        false => Err(fields.error(format!("`{wallet}` is not known here; it must sign up in an earlier step"))),
    }
}

/// `by` names who acts; it must be somebody.
fn by(fields: &mut Fields<'_>, names: &Names) -> Result<Option<String>, StoryError> {
    let user = fields.find_text("by")?;
    user.iter().try_for_each(|user| names.require_person(fields, user))?;
    Ok(user)
}

fn hold(fields: &mut Fields<'_>, names: &Names) -> Result<String, StoryError> {
    let id = fields.text("id")?;
    match names.holds.contains(&id) {
        true => Ok(id),
        false => Err(fields.error(format!("no earlier step places a hold `{id}`"))),
    }
}

fn read_expect(source: Source<'_>, fields: &mut Fields<'_>) -> Result<Vec<(String, Value)>, StoryError> {
    let Some(expect) = fields.take("expect") else { return Ok(Vec::new()) };
    let Some(table) = expect.get_ref().as_table() else {
        return Err(source.error(&expect.span(), "`expect` must be a table of paths and values"));
    };
    let mut leaves = Vec::new();
    for (path, value) in table.iter() {
        flatten(path.get_ref(), fields::json(value.get_ref()), &mut leaves);
    }
    Ok(leaves)
}

/// `wallets.ana = {left = 1}` and `"wallets.ana.left" = 1` mean the same.
fn flatten(path: &str, value: Value, leaves: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) => map.into_iter().for_each(|(key, value)| flatten(&format!("{path}.{key}"), value, leaves)),
        value => leaves.push((path.to_owned(), value)),
    }
}
