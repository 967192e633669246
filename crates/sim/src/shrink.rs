//! Makes a failing run short by delta debugging: leaves out ever smaller stretches, as long as what is left
//! breaks the same rule.

use crate::{Step, Violation};

/// The shortest failing list that was found, and how it fails.
pub(crate) fn shortest(
    mut steps: Vec<Step>,
    mut violation: Violation,
    replay: impl Fn(&[Step]) -> Option<Violation>,
) -> (Vec<Step>, Violation) {
    let mut stretch = steps.len().div_ceil(2);
    while stretch > 0 {
        let mut start = 0;
        let mut has_shrunk = false;
        while start < steps.len() {
            let end = (start + stretch).min(steps.len());
            let shorter: Vec<Step> = steps[..start].iter().chain(&steps[end..]).cloned().collect();
            match replay(&shorter).filter(|found| found.rule == violation.rule) {
                Some(found) => (steps, violation, has_shrunk) = (shorter, found, true),
                None => start = end,
            }
        }
        if !has_shrunk || stretch > 1 {
            stretch /= 2;
        }
    }
    (steps, violation)
}

#[cfg(test)]
mod tests {
    use units::Instant;

    use super::*;
    use crate::Action;

    #[test]
    fn only_what_matters_is_left() {
        let step = |at| Step { at: Instant::from_micros(at), wallet: 0, action: Action::Save };
        let fails = |steps: &[Step]| {
            let has = |at| steps.iter().any(|step| step.at.micros() == at);
            let found = format!("{} steps", steps.len());
            (has(17) && has(941)).then_some(Violation { rule: "never both", found })
        };
        let steps: Vec<Step> = (0..1000).map(step).collect();
        let violation = fails(&steps).unwrap();
        let (steps, violation) = shortest(steps, violation, fails);
        assert_eq!(steps.iter().map(|step| step.at.micros()).collect::<Vec<_>>(), [17, 941]);
        assert_eq!(violation.found, "2 steps");
    }
}
