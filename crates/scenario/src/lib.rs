//! Plays stories on a virtual clock through the real operations: `tare simulate`.
//!
//! A story is a TOML file of steps (`shared/SCENARIOS.md` is the language). It is read and checked
//! whole before anything runs; then each step is played on a real store, by the same operations that
//! the doors use. Only the clock and the ids are the story's own, so a story gives the same journal
//! every time and on every database.

mod source;
pub use source::StoryError;

mod fields;

mod team;
pub use team::{TeamAction, TeamVerb};

mod seat;
pub use seat::{SeatAction, SeatVerb, Wanted};

mod pass;
pub use pass::{PassAction, PassVerb};

mod step;
pub use step::{Action, Step};

mod story;
pub use story::Story;

mod ids;

mod world;
pub use world::World;

mod state;

mod perform;

mod expect;

mod play;
pub use play::{PlayError, Played, StepResult, play};

mod timeline;
pub use timeline::timeline;
