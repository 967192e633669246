//! Values and rows in one shape for both databases.

use units::{
    Amount, ApiKeyId, AuditId, ByokKeyId, CardId, Cents, CorrectionId, Day, DisputeId, GrantId, HoldId, Instant,
    InvitationId, InvoiceId, JobId, OrganizationId, PassId, PaymentId, RefundId, RequestId, SessionId, UserId,
    WalletId,
};
use uuid::Uuid;

use crate::Fault;

/// What one column of a row, or one parameter of a statement, can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Id(Uuid),
}

/// A row whose columns are taken in the order of the query.
pub(crate) struct Row(std::vec::IntoIter<Value>);

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    /// The next column.
    pub(crate) fn take<T: FromValue>(&mut self) -> Result<T, Fault> {
        let value = self.0.next().ok_or_else(|| Fault::corrupt("a row has fewer columns than asked for"))?;
        T::from_value(value)
            .ok_or_else(|| Fault::corrupt(format!("a column does not hold {}", std::any::type_name::<T>())))
    }
}

/// What can be read from a column.
pub(crate) trait FromValue: Sized {
    fn from_value(value: Value) -> Option<Self>;
}

impl FromValue for Value {
    fn from_value(value: Value) -> Option<Self> {
        Some(value)
    }
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            value => T::from_value(value).map(Some),
        }
    }
}

impl FromValue for i64 {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(number) => Some(number),
            _ => None,
        }
    }
}

impl FromValue for String {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl FromValue for Vec<u8> {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }
}

impl FromValue for [u8; 32] {
    fn from_value(value: Value) -> Option<Self> {
        Vec::from_value(value)?.try_into().ok()
    }
}

impl FromValue for Uuid {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Id(id) => Some(id),
            Value::Bytes(bytes) => Uuid::from_slice(&bytes).ok(),
            _ => None,
        }
    }
}

macro_rules! from_int {
    ($($kind:ty: $number:ident => $read:expr, $write:expr;)*) => {$(
        impl FromValue for $kind {
            fn from_value(value: Value) -> Option<Self> {
                let $number = i64::from_value(value)?;
                $read
            }
        }
        impl From<$kind> for Value {
            fn from($number: $kind) -> Self {
                Self::Int($write)
            }
        }
    )*};
}

from_int! {
    u32: number => number.try_into().ok(), i64::from(number);
    i32: number => number.try_into().ok(), i64::from(number);
    u8: number => number.try_into().ok(), i64::from(number);
    bool: number => Some(number != 0), i64::from(number);
    Instant: number => Some(Instant::from_micros(number)), number.micros();
    Day: number => number.try_into().ok().map(Day::from_number), i64::from(number.number());
    Cents: number => Some(Cents::from_count(number)), number.count();
    Amount: number => Some(Amount::from_nanos(number)), number.nanos();
}

impl FromValue for u64 {
    fn from_value(value: Value) -> Option<Self> {
        i64::from_value(value)?.try_into().ok()
    }
}

macro_rules! from_id {
    ($($kind:ident)*) => {$(
        impl FromValue for $kind {
            fn from_value(value: Value) -> Option<Self> {
                Uuid::from_value(value).map($kind::from_uuid)
            }
        }
        impl From<$kind> for Value {
            fn from(id: $kind) -> Self {
                Self::Id(id.uuid())
            }
        }
    )*};
}

from_id! {
    WalletId UserId OrganizationId GrantId HoldId RefundId DisputeId CorrectionId ApiKeyId ByokKeyId RequestId JobId
    SessionId InvitationId AuditId PaymentId CardId InvoiceId PassId
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<[u8; 32]> for Value {
    fn from(bytes: [u8; 32]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
