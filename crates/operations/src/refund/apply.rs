//! What is learned of a refund, written down; and what follows in the books.

use billing::refund::{RefundEnd, RefundNews, RefundNext, RefundStanding, RefundState, advance};
use store::{CardRefundRow, Fault};
use units::RefundId;

use crate::payment::consequences;
use crate::{Context, Error, Services};

/// What became of a refund by the news.
pub(super) struct Applied {
    pub row: CardRefundRow,
    pub next: RefundNext,
}

/// Writes the news down: one transaction, and the same whenever it comes again. When the refund ends, the books follow
/// before this returns; a job sees to it if this process dies.
pub(super) async fn apply(
    services: &Services,
    ctx: &Context,
    refund: RefundId,
    news: RefundNews,
    foreign_id: Option<&str>,
) -> Result<Applied, Error> {
    let (context, foreign_id) = (ctx.clone(), foreign_id.map(str::to_owned));
    // What is paid back is given the number of a credit note.
    let store = match news {
        RefundNews::Paid => services.store.giving_numbers(),
        _ => services.store.clone(),
    };
    let applied = store
        .write(async move |tx| {
            let unknown = || Error::NotFound { what: "refund", name: refund.to_string() };
            let mut row = tx.find_card_refund(refund).await?.ok_or_else(unknown)?;
            let state = RefundState::from_name(&row.state)
                .ok_or_else(|| Fault::Bug { what: format!("{refund} is {}", row.state) })?;
            let standing = RefundStanding { state, asked_at: row.created_at, looks: row.looks };
            let next = advance(standing, news, context.now);
            row.foreign_id = row.foreign_id.or(foreign_id.clone());
            if next.state != state {
                (row.state, row.looks, row.changed_at) = (next.state.name().to_owned(), 0, context.now);
            }
            tx.update_card_refund(&row).await?;
            if let Some(end) = next.end {
                match end {
                    RefundEnd::Paid => consequences::refunded(tx, &context, &row).await?,
                    RefundEnd::Failed => consequences::refund_failed(tx, &context, &row).await?,
                    RefundEnd::CameBack => consequences::refund_came_back(tx, &context, &row).await?,
                }
            }
            Ok::<_, Error>(Applied { row, next })
        })
        .await?;
    if let Some(alarm) = applied.next.alarm {
        tracing::error!(%refund, amount = %applied.row.amount, "{alarm}");
    }
    if applied.next.end.is_some() {
        super::book(services, ctx, refund).await?;
    }
    Ok(applied)
}
