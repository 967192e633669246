//! The price book: which model costs what since when, and what a request costs by it.
//!
//! Rules and invariants stand in `pricing/README.md`.

mod rates;
pub use rates::{Rates, Sheet, Tier};

mod hours;
pub use hours::{Peak, Weekday, Window};

mod price_list;
pub(crate) use price_list::{FREE_SUFFIX, Terms};
pub use price_list::{PriceList, PriceVersion, Source};

mod model;
pub use model::{Modality, Model, Offer};

mod price_book;
pub use price_book::PriceBook;

mod read;

mod write;
pub use write::price_file;

mod cost;
pub use cost::{CostError, CostLine, TokenKind, cost_of, itemize};

mod worst_case;
pub use worst_case::{affordable_output, worst_case};

#[cfg(test)]
mod arbitrary;
