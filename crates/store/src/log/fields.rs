//! The fields of everything in a page, in the order in which they are written.

use billing::{CostSource, Usage, UsageRecord};
use ledger::{
    Account, ChainHash, ChainHead, Changes, Charge, Correction, Dispute, DisputeState, Draw, Fate, Grant, Hold, Marks,
    Refund, RefundState, Source, Transfer, TransferKind,
};
use units::{
    Amount, ApiKeyId, CorrectionId, Cost, DisputeId, GrantId, HoldId, Instant, RefundId, Remainder, RequestId, UserId,
    WalletId,
};
use uuid::Uuid;

use super::code::{Code, In, Out};
use crate::books::{self, Head};
use crate::past;
use crate::rows::KeyRow;

/// Structs field by field. One that is left out does not compile.
macro_rules! fields {
    ($($kind:ident { $($field:ident),* $(,)? })*) => {$(
        impl Code for $kind {
            fn encode(&self, out: &mut Out) {
                let Self { $($field),* } = self;
                $($field.encode(out);)*
            }

            fn decode(from: &mut In<'_>) -> Option<Self> {
                Some(Self { $($field: Code::decode(from)?),* })
            }

            fn decode_into(&mut self, from: &mut In<'_>) -> Option<()> {
                let Self { $($field),* } = self;
                $($field.decode_into(from)?;)*
                Some(())
            }
        }
    )*};
}

fields! {
    Head { remainder, receivable, head }
    ChainHead { seq, hash, at }
    Changes {
        transfers, issued, spent, revived, marked, opened, closed, ended, renewed, charges, receivables, refunds,
        disputes, corrections,
    }
    Transfer { wallet, seq, at, kind, from, to, amount, reference, hash }
    Grant { id, source, amount, left, held, marks, paid, effective_at, expires_at }
    Marks { refunding, refunded, expired, taken, disputes, is_lost }
    Refund { id, wallet, grant, amount, state }
    Dispute { id, wallet, grant, state }
    Correction { id, wallet, charge, at, amount, first_seq, transfers }
    Hold { id, wallet, wanted, least, draws, placed_at, lease_until, user, api_key }
    Draw { grant, amount }
    Charge { id, wallet, at, cost, debited, lost, held, first_seq, transfers }
    KeyRow { wallet, hash, content, outcome, at }
    UsageRecord {
        request, user, api_key, model, provider, project, admitted_at, price_version, cost_source,
        own_cost, usage,
    }
    Usage { input, cache_read, cache_write, cache_write_1h, output, reasoning, reported_cost, estimated }
}

/// What is written as something else.
macro_rules! written_as {
    ($($kind:ty as $other:ty: $value:ident => $put:expr, $read:ident => $take:expr;)*) => {$(
        impl Code for $kind {
            fn encode(&self, out: &mut Out) {
                let $value = self;
                <$other as Code>::encode(&$put, out);
            }

            fn decode(from: &mut In<'_>) -> Option<Self> {
                let $read = <$other as Code>::decode(from)?;
                $take
            }
        }
    )*};
}

written_as! {
    GrantId as Uuid: id => id.uuid(), uuid => Some(Self::from_uuid(uuid));
    HoldId as Uuid: id => id.uuid(), uuid => Some(Self::from_uuid(uuid));
    UserId as Uuid: id => id.uuid(), uuid => Some(Self::from_uuid(uuid));
    ApiKeyId as Uuid: id => id.uuid(), uuid => Some(Self::from_uuid(uuid));
    RequestId as Uuid: id => id.uuid(), uuid => Some(Self::from_uuid(uuid));
    Amount as i64: amount => amount.nanos(), nanos => Some(Self::from_nanos(nanos));
    Cost as i128: cost => cost.attos(), attos => Some(Self::from_attos(attos));
    Remainder as u32: remainder => remainder.attos(), attos => Self::from_attos(attos);
    TransferKind as u8: kind => kind.code(), code => Self::from_code(code);
    Account as (u8, Option<GrantId>): account => (account.code(), account.grant()),
        parts => Self::from_code(parts.0, parts.1);
    Source as String: source => source.name().to_owned(), name => Self::from_name(&name);
    RefundId as Uuid: id => id.uuid(), uuid => Some(Self::from_uuid(uuid));
    DisputeId as Uuid: id => id.uuid(), uuid => Some(Self::from_uuid(uuid));
    CorrectionId as Uuid: id => id.uuid(), uuid => Some(Self::from_uuid(uuid));
    RefundState as i64: state => past::refund_code(*state), code => past::refund_state(code);
    DisputeState as i64: state => past::dispute_code(*state), code => past::dispute_state(code);
    CostSource as u8: source => books::cost_source_code(*source), code => books::cost_source_of(code);
    Fate as (u8, Option<Charge>): fate => match fate {
        Self::Released => (1, None),
        Self::Lapsed => (2, None),
        Self::Settled(charge) => (3, Some(charge.clone())),
    }, fate => match fate {
        (1, None) => Some(Self::Released),
        (2, None) => Some(Self::Lapsed),
        (3, Some(charge)) => Some(Self::Settled(charge)),
        _ => None,
    };
}

/// The place of an id that was not said lately: it follows.
const NEW: u8 = u8::MAX;

impl Code for Uuid {
    fn encode(&self, out: &mut Out) {
        match out.recent.place(*self) {
            Some(place) => place.encode(out),
            None => (NEW, self.into_bytes()).encode(out),
        }
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        match u8::decode(from)? {
            NEW => {
                let id = Self::from_bytes(from.array()?);
                from.recent.say(id);
                Some(id)
            }
            place => from.recent.at(place),
        }
    }
}

/// How long after the last moment, or before it.
impl Code for Instant {
    fn encode(&self, out: &mut Out) {
        let since = self.micros().wrapping_sub(out.recent.moment);
        out.recent.moment = self.micros();
        since.encode(out);
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        from.recent.moment = from.recent.moment.wrapping_add(i64::decode(from)?);
        Some(Self::from_micros(from.recent.moment))
    }
}

/// The end of a journal is the seal of its last transfer.
impl Code for ChainHash {
    fn encode(&self, out: &mut Out) {
        let is_new = self.0 != out.recent.seal;
        is_new.then_some(self.0).encode(out);
        out.recent.seal = self.0;
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        from.recent.seal = Option::decode(from)?.unwrap_or(from.recent.seal);
        Some(Self(from.recent.seal))
    }
}

/// Nearly every wallet in a page is the page's own.
impl Code for WalletId {
    fn encode(&self, out: &mut Out) {
        let other = (*self != out.own).then(|| self.uuid());
        other.encode(out);
    }

    fn decode(from: &mut In<'_>) -> Option<Self> {
        let other = Option::<Uuid>::decode(from)?;
        Some(other.map_or(from.own, Self::from_uuid))
    }
}
