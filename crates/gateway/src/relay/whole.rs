//! An answer in one piece: read whole, charged, and passed on with its cost in the head.
//!
//! One that is too large to be kept is passed on as it comes instead, without its cost in the head, and
//! charged when it has ended.

use axum::body::Body;
use bytes::BytesMut;
use connectors::{
    upstream::UpstreamResponse,
    watch::{Seen, UsageWatch},
};
use http::{HeaderName, HeaderValue};

use super::{Head, Relay, Reply, client::Client, fault::error_of_stop, reader::Reader, watch};
use crate::{error::Error, ticket::Charged};

const COST: HeaderName = HeaderName::from_static("x-tare-cost");
const OWN_COST: HeaderName = HeaderName::from_static("x-tare-own-cost");
const BALANCE: HeaderName = HeaderName::from_static("x-tare-balance");

/// The largest answer that is kept until its cost is known. Text never comes near; pictures can.
const MOST_KEPT: usize = 8 << 20;

pub(crate) async fn relay(relay: Relay<'_>, response: UpstreamResponse) {
    let Relay { ticket, tariff, counted, mut reply } = relay;
    let doors = ticket.doors.clone();
    let (mut head, upstream, body) = Head::of(response);
    let mut reader = Reader::new(&doors, body);
    let mut answer = Answer { kept: BytesMut::new(), watch: UsageWatch::for_body() };
    let read = answer.read(&mut reader, &mut reply).await;
    if let Ok(More::Much) = read {
        let (mut client, body) = Client::new(doors.gateway.settings.stall_timeout);
        reply.send(Ok(head.with(body)));
        let has_ended = answer.pass(&mut reader, &mut client).await;
        let seen = answer.watch.finish();
        let usage = watch::usage(&seen, counted, !has_ended || !is_answer(&seen));
        ticket.end(tariff.list(&upstream), &upstream, usage).await;
        if has_ended {
            client.end().await;
        }
        return;
    }
    let seen = answer.watch.finish();
    let usage = match read.map(|_| is_answer(&seen)) {
        Ok(true) => watch::usage(&seen, counted, false),
        // What the client does not get costs nothing.
        failed => {
            ticket.release().await;
            return reply.send(Err(failed.err().unwrap_or(Error::UpstreamFailed)));
        }
    };
    if let Some(charged) = ticket.end(tariff.list(&upstream), &upstream, usage).await {
        head.tell(&charged);
    }
    reply.send(Ok(head.with(Body::from(answer.kept.freeze()))));
}

/// Whether the body is whole, and is an answer rather than an error under a good status.
fn is_answer(seen: &Seen) -> bool {
    seen.is_done && (seen.error.is_none() || seen.usage.is_some() || seen.text_bytes > 0)
}

struct Answer {
    kept: BytesMut,
    watch: UsageWatch,
}

/// What is behind the part that was kept.
enum More {
    Nothing,
    Much,
}

impl Answer {
    /// Reads to the end, or until too much is kept. A client that leaves meanwhile does not stop it.
    async fn read(&mut self, reader: &mut Reader<'_>, reply: &mut Reply) -> Result<More, Error> {
        while self.kept.len() <= MOST_KEPT {
            let read = tokio::select! {
                read = reader.next() => read,
                () = reply.left() => {
                    reader.start_drain().await;
                    continue;
                }
            };
            match read {
                Some(Ok(bytes)) => {
                    self.watch.feed(&bytes);
                    self.kept.extend_from_slice(&bytes);
                }
                Some(Err(stopped)) => return Err(error_of_stop(&stopped)),
                None => return Ok(More::Nothing),
            }
        }
        Ok(More::Much)
    }

    /// Passes on what was kept and all that follows. Whether the end was reached.
    async fn pass(&mut self, reader: &mut Reader<'_>, client: &mut Client) -> bool {
        client.send(self.kept.split().freeze()).await;
        loop {
            let read = tokio::select! {
                read = reader.next() => read,
                () = client.left() => {
                    client.let_go();
                    reader.start_drain().await;
                    continue;
                }
            };
            match read {
                Some(Ok(bytes)) => {
                    self.watch.feed(&bytes);
                    client.send(bytes).await;
                }
                Some(Err(_)) => return false,
                None => return true,
            }
        }
    }
}

impl Head {
    /// Says what the answer cost.
    fn tell(&mut self, charged: &Charged) {
        let number = |text: String| HeaderValue::try_from(text).expect("a decimal is ASCII");
        self.headers.insert(COST, number(charged.cost.to_string()));
        if let Some(own_cost) = charged.own_cost {
            self.headers.insert(OWN_COST, number(own_cost.to_string()));
        }
        if let Some(balance) = charged.balance {
            self.headers.insert(BALANCE, number(balance.to_string()));
        }
    }
}
