//! The rules that a server works by, taken again from their files while it runs.

use operations::Services;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch::Receiver;

use crate::cli::RulesArgs;
use crate::failure::Failure;
use crate::opened::read_rules;

/// The signal by which an operator says that the files have changed.
pub struct Hangups(Option<Signal>);

impl Hangups {
    /// Listens from now on. A demo without files of its own has nothing to read, and ends with its terminal.
    pub fn listen(rules: &RulesArgs, is_demo: bool) -> Result<Self, Failure> {
        let has_files = rules.catalog.is_some() || !rules.prices.is_empty();
        let listens = has_files || !is_demo;
        Ok(Self(listens.then(|| signal(SignalKind::hangup())).transpose()?))
    }
}

/// Takes the rules of the files at each signal, for whatever begins from then on. Where one of them is wrong, all of the
/// old ones stay.
pub async fn keep(services: Services, rules: RulesArgs, hangups: Hangups, mut stopped: Receiver<bool>) {
    let Hangups(Some(mut hangups)) = hangups else { return };
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => return,
            told = hangups.recv() => if told.is_none() { return },
        }
        match read_rules(&rules) {
            Ok((catalog, prices)) => {
                services.catalog.replace(catalog);
                services.prices.replace(prices);
                tracing::info!("the catalog and the prices were read again and are in force");
            }
            Err(error) => tracing::error!(%error, "the new rules are wrong; the old ones stay in force"),
        }
    }
}
