//! Who takes payments: the sandbox, or Stripe. Real money and play money never share a server or a database.

use std::sync::Arc;

use clap::ValueEnum;
use connectors::processor::Processor;
use connectors::processor::sandbox::Sandbox;
use connectors::processor::stripe::{Stripe, StripeSettings};
use operations::Services;
use operations::payment::list_other_modes;

use crate::failure::Failure;

/// Whom the command line names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ProcessorName {
    /// Built in; no money moves.
    #[default]
    Sandbox,
    /// The account of the `[stripe]` table.
    Stripe,
}

/// A processor, and the sandbox if it is that: its events are collected here.
pub struct OpenedProcessor {
    pub processor: Arc<dyn Processor>,
    pub sandbox: Option<Arc<Sandbox>>,
}

/// Opens it. Secrets are read from the environment.
pub fn open(
    name: ProcessorName,
    settings: &StripeSettings,
    variable: &dyn Fn(&str) -> Option<String>,
    sandbox: impl FnOnce() -> Arc<Sandbox>,
) -> Result<OpenedProcessor, Failure> {
    match name {
        ProcessorName::Sandbox => {
            let key = variable(&settings.api_key_env).unwrap_or_default();
            if ["sk_live_", "rk_live_"].iter().any(|start| key.starts_with(start)) {
                let key = &settings.api_key_env;
                return Err(Failure::new(format!(
                    "{key} holds a key for real money, and the sandbox moves none. Start with --processor stripe, or unset {key}"
                )));
            }
            tracing::warn!("payments go to the sandbox: no money moves, and only its test cards are taken");
            let sandbox = sandbox();
            Ok(OpenedProcessor { processor: sandbox.clone(), sandbox: Some(sandbox) })
        }
        ProcessorName::Stripe => {
            let secrets = settings.read_secrets(variable).map_err(Failure::new)?;
            let stripe = Stripe::new(settings, secrets).map_err(Failure::new)?;
            match stripe.is_live() {
                true => tracing::info!("payments go to Stripe: real money moves"),
                false => tracing::warn!("payments go to Stripe's test mode: no money moves"),
            }
            Ok(OpenedProcessor { processor: Arc::new(stripe), sandbox: None })
        }
    }
}

/// Refuses a database in which the other kind of money is.
pub async fn refuse_other_mode(services: &Services) -> Result<(), Failure> {
    let others = list_other_modes(services).await?;
    match others.is_empty() {
        true => Ok(()),
        false => Err(Failure::new(format!(
            "the database has payments through {}; real money and play money never share one. Use another database, or \
             the processor that it was made with",
            others.join(", ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open_with(name: ProcessorName, key: &str) -> Result<bool, String> {
        let variable = |asked: &str| match asked {
            "STRIPE_API_KEY" => Some(key.to_owned()),
            "STRIPE_WEBHOOK_SECRET" => Some("whsec_canary".to_owned()),
            _ => None,
        };
        let none = || -> Arc<Sandbox> { unreachable!("a live key stands beside it") };
        open(name, &StripeSettings::default(), &variable, none)
            .map(|opened| opened.processor.is_live())
            .map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_sandbox_refuses_to_start_beside_a_key_for_real_money() {
        for key in ["sk_live_canary", "rk_live_canary"] {
            let refused = open_with(ProcessorName::Sandbox, key).unwrap_err();
            assert!(refused.contains("STRIPE_API_KEY") && !refused.contains("canary"), "{refused}");
        }
    }

    #[test]
    fn a_key_says_whether_money_moves_and_odd_ones_are_refused() {
        assert_eq!(open_with(ProcessorName::Stripe, "rk_live_canary"), Ok(true));
        assert_eq!(open_with(ProcessorName::Stripe, "sk_test_canary"), Ok(false));
        for key in ["", "pk_live_canary", "canary"] {
            let refused = open_with(ProcessorName::Stripe, key).unwrap_err();
            assert!(refused.contains("STRIPE_API_KEY") && !refused.contains("canary"), "{refused}");
        }
    }
}
