//! The credit note of a refund.

use units::Cents;

use super::{Draft, DraftError, Line, Treatment};

/// Credits `net` of an invoice, of which the drafts `before` were credited already. The tax is that of everything
/// credited so far, less what was credited of it before: so parts add up to the whole, to the cent. The fee is not
/// paid back. Amounts are positive: the document itself says in which direction they go.
///
/// # Errors
/// When more is asked for than is left, or nothing.
pub fn credit_note(invoice: &Draft, before: &[Draft], net: Cents) -> Result<Draft, DraftError> {
    let credited: i64 = before.iter().map(|note| note.net().count()).sum();
    let left = Cents::from_count(invoice.creditable().count() - credited);
    if net <= Cents::ZERO {
        return Err(DraftError::NotPositive(net));
    }
    if net > left {
        return Err(DraftError::CreditTooLarge { asked: net, left });
    }
    let main = &invoice.lines[0];
    let note = Draft {
        lines: vec![Line::one(main.kind, main.text.clone(), net)],
        total: net,
        kind: invoice.kind,
        seller: invoice.seller.clone(),
        buyer: invoice.buyer.clone(),
        treatment: invoice.treatment,
    };
    let tax = match invoice.treatment {
        Treatment::Taxed { rate } => {
            let whole = rate.of_half_up(Cents::from_count(credited + net.count())).ok_or(DraftError::TooLarge)?;
            let taken: i64 = before.iter().map(|note| note.tax().count()).sum();
            Cents::from_count(whole.count() - taken)
        }
        Treatment::Untaxed | Treatment::ReverseCharge => Cents::ZERO,
    };
    note.with_tax(tax)
}
