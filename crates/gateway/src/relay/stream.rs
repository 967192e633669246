//! A streamed answer: events pass as they come, and the cost is said before the last one.
//!
//! The client's leaving changes nothing but where the bytes go: the answer is read to its usage and
//! charged. An upstream that breaks off becomes an error event, and what is known by then is charged.

use std::time::Duration;

use bytes::Bytes;
use connectors::{upstream::UpstreamResponse, watch::UsageWatch};
use tokio::time::timeout;

use super::{
    Head, Relay,
    client::Client,
    fault::error_of_stop,
    gate::Gate,
    reader::{Reader, Stopped},
    watch,
};
use crate::{error::Error, ticket::Charged};

/// How long the connection to an upstream is worth waiting for after its last event.
const TO_THE_END: Duration = Duration::from_millis(500);

/// How the reading ended.
enum End {
    /// With the last event.
    Done,
    /// Without it, but the connection was closed in order.
    Closed,
    Stopped(Stopped),
}

pub(crate) async fn relay(relay: Relay<'_>, response: UpstreamResponse) {
    let Relay { ticket, tariff, counted, reply } = relay;
    let doors = ticket.doors.clone();
    let (head, upstream, body) = Head::of(response);
    let mut reader = Reader::new(&doors, body);
    // Until the first byte the answer can still be an error.
    let first = match reader.next().await {
        Some(Ok(bytes)) => bytes,
        stopped => {
            let error = stopped.and_then(Result::err).map_or(Error::UpstreamFailed, |stopped| error_of_stop(&stopped));
            ticket.release().await;
            return reply.send(Err(error));
        }
    };
    let (client, body) = Client::new(doors.gateway.settings.stall_timeout);
    reply.send(Ok(head.with(body)));

    let mut passing = Passing { client, gate: Gate::default(), watch: UsageWatch::for_stream() };
    passing.take(first).await;
    let end = passing.run(&mut reader).await;
    let Passing { mut client, mut gate, watch } = passing;
    let rest = gate.end();
    let seen = watch.finish();
    if let End::Stopped(stopped) = &end {
        tracing::warn!(request = %ticket.request, upstream = &*upstream, %stopped, "an upstream broke off");
    }
    // An upstream that ended without its last event may still have said all, or why it could not.
    let has_ended = gate.is_done() || (matches!(end, End::Closed) && seen.is_finished);
    if !has_ended && seen.error.is_none() {
        // Whatever line it broke off in, the event begins on a line of its own.
        client.send(format!("\n\ndata: {}\n\n", Error::UpstreamBrokeOff.object()).into()).await;
    }
    let request = ticket.request.to_string();
    let usage = watch::usage(&seen, counted, !has_ended || seen.error.is_some());
    if let Some(charged) = ticket.end(tariff.list(&upstream), &upstream, usage).await {
        client.send(comment(&charged, &request)).await;
    }
    client.send(rest).await;
    client.end().await;
    if matches!(end, End::Done) {
        // Read to its end, the connection can serve the next request.
        let _ = timeout(TO_THE_END, async { while let Some(Ok(_)) = reader.next().await {} }).await;
    }
}

struct Passing {
    client: Client,
    gate: Gate,
    watch: UsageWatch,
}

impl Passing {
    async fn run(&mut self, reader: &mut Reader<'_>) -> End {
        while !self.gate.is_done() {
            let read = tokio::select! {
                read = reader.next() => read,
                () = self.client.left() => {
                    self.client.let_go();
                    reader.start_drain().await;
                    continue;
                }
            };
            match read {
                Some(Ok(bytes)) => self.take(bytes).await,
                Some(Err(stopped)) => return End::Stopped(stopped),
                None => return End::Closed,
            }
        }
        End::Done
    }

    async fn take(&mut self, bytes: Bytes) {
        self.watch.feed(&bytes);
        let passes = self.gate.push(bytes);
        self.client.send(passes).await;
    }
}

/// The end of the bill, as a comment that every reader of event streams passes over.
fn comment(charged: &Charged, request: &str) -> Bytes {
    let own_cost = charged.own_cost.map(|cost| format!(" own_cost={cost}")).unwrap_or_default();
    let balance = charged.balance.map(|balance| format!(" balance={balance}")).unwrap_or_default();
    format!(": tare cost={}{own_cost}{balance} request={request}\n\n", charged.cost).into()
}
