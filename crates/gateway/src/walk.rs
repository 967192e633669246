//! One request from its body to its settlement.
//!
//! The walk runs on its own, whether or not the client waits: what was begun is brought to an end in
//! the books. Up to the hold nothing costs anything; the upstream is asked only when credits for the
//! worst case are reserved, or for as much of it as the wallet has.

use std::sync::Arc;

use billing::{Model, PriceBook};
use bytes::Bytes;
use connectors::upstream::{ApiKey, Route, UpstreamRequest};
use http::HeaderMap;
use operations::{byok::OwnKeys, payer::Payer};
use units::{Amount, HoldId, Seconds};

use crate::{
    chat::{ChatRequest, Wish},
    client::household,
    doors::Doors,
    error::Error,
    relay::{Counted, Relay, Reply, error_of},
    tariff::Tariff,
    ticket::Ticket,
    visit::Visit,
};

/// Longer names of projects are cut.
const LONGEST_PROJECT: usize = 100;

/// A request that was let in.
pub(crate) struct Entry {
    pub(crate) doors: Doors,
    pub(crate) visit: Visit,
    pub(crate) payer: Arc<Payer>,
    pub(crate) own_keys: OwnKeys,
    /// Those of the moment it came in, to its end.
    pub(crate) prices: Arc<PriceBook>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Walks the whole way. Never fails: the client is told, and the books are settled.
pub(crate) async fn walk(entry: Entry, reply: Reply) {
    match admit(&entry).await {
        Ok(admitted) => admitted.serve(reply).await,
        Err(error) => reply.send(Err(error)),
    }
}

/// A request whose answer can be paid.
struct Admitted<'a> {
    ticket: Ticket,
    tariff: Tariff<'a>,
    route: Route,
    request: UpstreamRequest,
    counted: Counted,
}

async fn admit(entry: &Entry) -> Result<Admitted<'_>, Error> {
    let Entry { doors, visit, payer, own_keys, prices, headers, body } = entry;
    let text = std::str::from_utf8(body).map_err(|error| not_text(&error))?;
    let chat = ChatRequest::read(text)?;
    let (model, route) = doors.find_model(prices, &chat.model)?;
    let route = doors.permitted(payer, model, route)?;
    let (route, own_key) = with_own_key(doors, own_keys, route)?;
    let wish = chat.wish(model)?;
    let counted = Counted::of_request(text, model)?;
    let admitted_at = visit.context.now;
    let tariff = Tariff::of(model, &route, admitted_at).ok_or(Error::Internal)?;
    let mut ticket = Ticket {
        doors: doors.clone(),
        request: visit.request,
        payer: payer.clone(),
        hold: HoldId::from_uuid(visit.context.ids.uuid()),
        model: model.id.clone(),
        project: project(headers),
        admitted_at,
        lease: Seconds(doors.limits().hold_lease_seconds.into()),
        is_held: false,
        has_own_key: own_key.is_some(),
    };
    let clamp = match (&own_key, model.is_free()) {
        (Some(_), _) => None,
        (None, true) => take_free(doors, visit).map(|()| None)?,
        (None, false) => reserve(&mut ticket, &tariff, model, wish, counted.most_input).await?,
    };
    // From here on nothing may fail without ending the hold.
    let outgoing = chat.for_upstream(clamp);
    let request = UpstreamRequest {
        path: "/chat/completions".to_owned(),
        body: outgoing.body.into(),
        model_at: Some(outgoing.model_at),
        headers: headers.clone(),
        own_key,
    };
    Ok(Admitted { ticket, tariff, route, request, counted })
}

/// Where the wallet has a key for one of the providers, the route to that one alone, and the key: nothing goes out
/// with another.
fn with_own_key(doors: &Doors, own_keys: &OwnKeys, route: Route) -> Result<(Route, Option<ApiKey>), Error> {
    let providers = route.upstreams().map(|(provider, _)| provider);
    let Some(provider) = own_keys.provider(providers).map(str::to_owned) else { return Ok((route, None)) };
    let key = own_keys.open(&doors.gateway.services, &provider).map_err(|error| {
        tracing::error!(provider, %error, "a provider key cannot be used");
        Error::OwnKeyUnusable { provider: provider.clone() }
    })?;
    let route = route.only(|name| name == provider).ok_or(Error::Internal)?;
    Ok((route, Some(key)))
}

/// Reserves the worst case, or as much of it as the wallet has. Answers with the token limit of each
/// choice where that is less than the request may want.
async fn reserve(
    ticket: &mut Ticket,
    tariff: &Tariff<'_>,
    model: &Model,
    wish: Wish,
    input: u64,
) -> Result<Option<u64>, Error> {
    let doors = ticket.doors.clone();
    let limits = doors.limits();
    let most = model.output_limit(limits.default_output_tokens);
    let each = wish.limit.unwrap_or(most).min(most);
    let least_each = each.min(limits.least_output_tokens);
    let wanted = tariff.worst_case(input, each.saturating_mul(wish.choices));
    let least = tariff.worst_case(input, least_each.saturating_mul(wish.choices));
    if !wanted.is_positive() {
        return Ok(None);
    }
    // A price may lie in the output alone.
    let least = least.max(Amount::from_nanos(1));
    let placed = ticket.place(wanted, least).await?;
    let affordable = || tariff.affordable_output(input, placed.amount) / wish.choices;
    Ok((placed.amount < wanted).then(affordable).map(|limit| limit.min(each)))
}

fn take_free(doors: &Doors, visit: &Visit) -> Result<(), Error> {
    let limit = doors.limits().free_per_hour;
    let taken = doors.free.take(household(visit.client), limit, visit.context.now);
    taken.map_err(|retry_after| Error::FreeLimit { limit, retry_after })
}

impl Admitted<'_> {
    async fn serve(self, reply: Reply) {
        let keeper = self.ticket.clone();
        tokio::select! {
            biased;
            () = self.ask(reply) => {}
            never = keeper.keep() => match never {},
        }
    }

    async fn ask(self, reply: Reply) {
        let Self { ticket, tariff, route, request, counted } = self;
        // Nobody waits and nothing was asked: the cheapest moment to stop.
        if reply.is_left() {
            return ticket.release().await;
        }
        let has_own_key = ticket.has_own_key;
        let upstreams = ticket.doors.gateway.upstreams.clone();
        match upstreams.send(&route, request).await {
            Ok(response) => Relay { ticket, tariff: &tariff, counted, reply }.run(response).await,
            Err(fault) => {
                tracing::warn!(request = %ticket.request, model = ticket.model, %fault, "no upstream served a request");
                ticket.release().await;
                reply.send(Err(error_of(&fault, has_own_key)));
            }
        }
    }
}

/// What the client calls its project: Tare's own header, or Kilo's.
fn project(headers: &HeaderMap) -> String {
    const NAMES: [&str; 2] = ["x-tare-project", "x-kilocode-projectid"];
    let given = NAMES.iter().find_map(|name| headers.get(*name)?.to_str().ok()).unwrap_or_default();
    given.chars().filter(|letter| !letter.is_control()).take(LONGEST_PROJECT).collect()
}

fn not_text(error: &std::str::Utf8Error) -> Error {
    Error::Malformed(format!("it is not UTF-8 after byte {}", error.valid_up_to()))
}
