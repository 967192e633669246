//! What an organization lets its members use.

mod load;
pub use load::load;

mod set;
pub use set::set;
