//! The plans of organizations and what a seat costs in them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use units::Cents;

use crate::catalog;
use crate::period::Cadence;

/// What an organization subscribes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// The smaller one.
    Teams,
    /// The larger one, which a trial tries.
    Enterprise,
}

impl Plan {
    /// Both, for readers of the store.
    pub const ALL: [Self; 2] = [Self::Teams, Self::Enterprise];

    /// Its name in the store, in the API and in stories.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Teams => "teams",
            Self::Enterprise => "enterprise",
        }
    }

    /// What a seat costs for a term.
    pub const fn price(self, cadence: Cadence, prices: &catalog::Seats) -> Cents {
        let plan = match self {
            Self::Teams => &prices.teams,
            Self::Enterprise => &prices.enterprise,
        };
        match cadence {
            Cadence::Monthly => plan.monthly,
            Cadence::Yearly => plan.yearly,
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Plan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|plan| plan.name() == text);
        found.ok_or_else(|| format!("`{}` is not one of teams, enterprise", text.chars().take(40).collect::<String>()))
    }
}
