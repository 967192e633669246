//! Work that waits for its moment.

use store::Job;
use units::{Instant, JobId};
use uuid::Builder;

use super::Task;
use crate::Context;
use crate::secret::content_hash;

/// The job that does this at that moment. Whoever writes the same one down again adds nothing; one that is due at once is
/// always a new one, since an earlier one may be at work.
pub(crate) fn timer(ctx: &Context, task: &Task, at: Instant) -> Job {
    let job = task.job(ctx);
    if at <= ctx.now {
        return job;
    }
    let hash = content_hash(&format!("{} {}", job.payload, at.micros()));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Job { id: JobId::from_uuid(Builder::from_custom_bytes(bytes).into_uuid()), due_at: at, ..job }
}
