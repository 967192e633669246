//! What a server does while nobody asks: sweeping, carrying out jobs, and keeping the past at hand.

use std::sync::Arc;
use std::time::Duration;

use connectors::processor::sandbox::Sandbox;
use operations::payment::{self, Way};
use operations::{Door, Services, alert, byok, jobs};
use tokio::sync::watch::{Receiver, Sender, channel};
use tokio::task::JoinSet;

use crate::cli::RulesArgs;
use crate::clock::SystemDoor;
use crate::master_keys::MasterKeysArgs;
use crate::rules::{self, Hangups};
use crate::watch;

/// How often lapsed holds are closed and expired credits are booked. Neither can be spent meanwhile.
const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// How often jobs are looked for: the longest that a sign-in code waits here.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How often it is seen whether the processor is to be asked for events again.
const CATCH_UP_EVERY: Duration = Duration::from_secs(60);
/// How many jobs are under way at once. Most of their time they wait for somebody outside.
const WORKERS: usize = 4;

/// Everything that runs beside the doors.
pub struct Background {
    stop: Sender<bool>,
    running: JoinSet<()>,
}

impl Background {
    pub fn start(services: &Services, door: &SystemDoor, sandbox: Option<Arc<Sandbox>>) -> Self {
        let (stop, stopped) = channel(false);
        let mut running = JoinSet::new();
        running.spawn(sweep(services.clone(), door.clone(), stopped.clone()));
        running.spawn(watch::keep(services.clone(), door.clone(), stopped.clone()));
        running.spawn(look(services.clone(), door.clone(), stopped.clone()));
        for _ in 0..WORKERS {
            running.spawn(work(services.clone(), Arc::new(door.clone()), stopped.clone()));
        }
        running.spawn(catch_up(services.clone(), door.clone(), stopped.clone()));
        if let Some(sandbox) = sandbox {
            running.spawn(deliver(services.clone(), door.clone(), sandbox, stopped));
        }
        Self { stop, running }
    }

    /// Reads the master keys again when they change, and moves what is sealed under older ones.
    pub fn keep_sealed(&mut self, services: &Services, door: &SystemDoor, master_keys: MasterKeysArgs) {
        self.running.spawn(keep_sealed(services.clone(), door.clone(), master_keys, self.stop.subscribe()));
    }

    /// Takes the rules of their files again when an operator says so.
    pub fn keep_rules(&mut self, services: &Services, args: RulesArgs, hangups: Hangups) {
        self.running.spawn(rules::keep(services.clone(), args, hangups, self.stop.subscribe()));
    }

    /// Lets everybody finish what is under way.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.running.join_all().await;
    }
}

async fn sweep(services: Services, door: SystemDoor, mut stopped: Receiver<bool>) {
    loop {
        if let Err(error) = jobs::sweep(&services, &door.context()).await {
            tracing::error!(%error, "the sweep failed; it is tried again");
        }
        if let Err(error) = jobs::forget(&services, &door.context()).await {
            tracing::error!(%error, "old codes could not be forgotten; it is tried again");
        }
        if let Err(error) = jobs::find_missed(&services, &door.context()).await {
            tracing::error!(%error, "wallets that fell low could not be looked for; it is tried again");
        }
        if let Err(error) = alert::tell_expiring(&services, &door.context()).await {
            tracing::error!(%error, "nobody could be told of credits that expire; it is tried again");
        }
        let has_stopped = has_stopped(&mut stopped, SWEEP_EVERY).await;
        // After the pause, so that what was used last is written before the end.
        if let Err(error) = jobs::write_activity(&services).await {
            tracing::error!(%error, "when keys were used last could not be written; it is tried again");
        }
        if has_stopped {
            return;
        }
    }
}

/// Looks at wallets that fell below a line, so that credits are bought before the others are used up.
async fn look(services: Services, door: SystemDoor, mut stopped: Receiver<bool>) {
    loop {
        if let Err(error) = jobs::watch(&services, &door.context()).await {
            tracing::warn!(%error, "wallets that fell low cannot be looked at now; it is tried again");
        }
        if has_stopped(&mut stopped, LOOK_EVERY).await {
            return;
        }
    }
}

async fn keep_sealed(services: Services, door: SystemDoor, master_keys: MasterKeysArgs, mut stopped: Receiver<bool>) {
    loop {
        // A file that is being changed may be wrong for a moment; the keys that are in force stay.
        if let Err(error) = master_keys.put_on(&services.keyring) {
            tracing::error!(%error, "the master keys cannot be read again");
        }
        match byok::rewrap(&services, &door.context(), |_| {}).await {
            Ok(0) | Err(operations::Error::NoMasterKey) => {}
            Ok(count) => tracing::info!(count, "provider keys were moved under another master key"),
            Err(error) => tracing::error!(%error, "provider keys stay under an older master key"),
        }
        if has_stopped(&mut stopped, SWEEP_EVERY).await {
            return;
        }
    }
}

async fn work(services: Services, door: Arc<dyn Door>, mut stopped: Receiver<bool>) {
    loop {
        if let Err(error) = jobs::run(&services, &door).await {
            tracing::warn!(%error, "jobs cannot be done now; they are looked for again");
        }
        if has_stopped(&mut stopped, LOOK_EVERY).await {
            return;
        }
    }
}

/// Asks the processor for events that it could not bring.
async fn catch_up(services: Services, door: SystemDoor, mut stopped: Receiver<bool>) {
    loop {
        if let Err(error) = payment::catch_up(&services, &door.context()).await {
            tracing::warn!(%error, "the processor's events cannot be asked for now; it is tried again");
        }
        if has_stopped(&mut stopped, CATCH_UP_EVERY).await {
            return;
        }
    }
}

/// Brings in what the sandbox tells; a real processor knocks by itself.
async fn deliver(services: Services, door: SystemDoor, sandbox: Arc<Sandbox>, mut stopped: Receiver<bool>) {
    loop {
        if let Err(error) = payment::deliver(&services, &door.context(), &sandbox, Way::USUAL).await {
            tracing::warn!(%error, "events of the sandbox cannot be taken now; they come again");
        }
        if has_stopped(&mut stopped, LOOK_EVERY).await {
            return;
        }
    }
}

/// Waits, and answers whether it is time to go.
pub async fn has_stopped(stopped: &mut Receiver<bool>, pause: Duration) -> bool {
    tokio::time::timeout(pause, stopped.wait_for(|stopped| *stopped)).await.is_ok()
}
