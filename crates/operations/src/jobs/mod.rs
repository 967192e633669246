//! Verbs that nobody waits for. Each may run any number of times, on any node, with the same result.
//!
//! [`sweep`] looks for what time alone makes due. [`run`] carries out the work that changes have left behind as
//! rows: an operation writes `tx.insert_job(&jobs::mail(ctx, to, letter))` in its own transaction.

mod seal_day;
pub use seal_day::seal_day;

mod self_check;
pub use self_check::{check_platform, self_check};

mod sum_segments;
pub use sum_segments::sum_segments;

mod watch;
pub(crate) use watch::note;
pub use watch::{find_missed, watch};

mod sweep;
pub use sweep::{Swept, sweep};

mod task;
pub use task::mail;
pub(crate) use task::{Failed, Task};

mod timer;
pub(crate) use timer::timer;

mod backoff;

mod run;
pub use run::{Ran, run};

mod write_activity;
pub use write_activity::write_activity;

mod forget;
pub use forget::forget;
