//! What the design asks for, and whether a run reached it.

use crate::{NONE, short};

/// A figure that is wanted.
pub struct Target {
    /// Which, with its unit.
    pub name: String,
    /// What it must be; later is enough for some.
    pub must: Option<f64>,
    /// What it is to be one day.
    pub later: f64,
    /// Whether less is better.
    pub less_is_better: bool,
    /// What this run measured.
    pub measured: Option<f64>,
    /// A ratio to the row of the design that the target was drawn from, which is not the naive way at its best.
    pub to_first_row: Option<f64>,
}

impl Target {
    /// What stands above [`Self::row`].
    pub const HEADINGS: [&str; 6] = ["target", "must", "later", "measured", "must is", "later is"];

    /// One that must be so much.
    pub fn at_least(name: impl Into<String>, must: f64, later: f64, measured: Option<f64>) -> Self {
        Self { name: name.into(), must: Some(must), later, less_is_better: false, measured, to_first_row: None }
    }

    /// One that must be no more.
    pub fn at_most(name: impl Into<String>, must: f64, later: f64, measured: Option<f64>) -> Self {
        Self { less_is_better: true, ..Self::at_least(name, must, later, measured) }
    }

    /// Whether a figure is what is wanted, in words.
    pub fn verdict(&self, wanted: Option<f64>, measured: Option<f64>) -> String {
        let verdict = match (wanted, measured) {
            (None, _) => NONE,
            (_, None) => "not measured",
            (Some(wanted), Some(measured)) if measured == wanted || (measured < wanted) == self.less_is_better => {
                "reached"
            }
            _ => "not reached",
        };
        verdict.to_owned()
    }

    /// The target, what was measured, and both verdicts.
    pub fn row(&self) -> Vec<String> {
        let figure = |figure: Option<f64>| figure.map_or_else(|| NONE.to_owned(), short);
        vec![
            self.name.clone(),
            figure(self.must),
            short(self.later),
            figure(self.measured),
            self.verdict(self.must, self.measured),
            self.verdict(Some(self.later), self.measured),
        ]
    }
}
