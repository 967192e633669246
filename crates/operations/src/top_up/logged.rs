//! A change of automatic top-up, as the audit log tells it.

use serde_json::{Value, json};
use store::TopUpRow;

use crate::audit::{Change, Scope};

/// The line of a change. `before` is absent where it was never on.
pub(super) fn change(scope: Scope, action: &'static str, before: Option<&TopUpRow>, after: &TopUpRow) -> Change {
    Change {
        scope,
        action,
        subject: after.wallet.to_string(),
        person: None,
        before: before.map_or(Value::Null, shown),
        after: shown(after),
    }
}

fn shown(row: &TopUpRow) -> Value {
    json!({
        "state": row.state,
        "reason": row.pause,
        "threshold": row.threshold,
        "amount": row.amount,
        "monthly_cap": row.monthly_cap,
    })
}
