//! A failing seed as a story, ready to be kept beside the others once its fault is found.

use ledger::{Command, MoveIn, Outcome};

use crate::model::Model;
use crate::trial::Failure;
use crate::{Action, Step, names, wallet_id};

use super::write::command_line;

/// The steps of a failure as a story, with what the model expects of each.
pub fn of_failure(failure: &Failure) -> String {
    let (seed, command, violation) = (failure.seed, failure.command, &failure.violation);
    let found: Vec<String> = names::in_words(&violation.found).lines().map(|line| format!("#   {line}")).collect();
    let mut text = format!("# Seed {seed}, command {command}: {}\n{}\n", violation.rule, found.join("\n"));
    let mut models: Vec<Model> = (0..failure.wallets).map(|_| Model::new()).collect();
    let mut previous = None;
    for step in &failure.steps {
        text += &head(step, previous, failure.wallets);
        text += &told(step, &mut models);
        previous = Some(step);
    }
    text + &closed(&models)
}

/// A story ends with no hold open.
fn closed(models: &[Model]) -> String {
    let releases = models.iter().enumerate().filter(|(_, model)| !model.open.is_empty()).map(|(index, model)| {
        let wallet =
            if models.len() > 1 { format!("wallet {}\n", names::name(wallet_id(index).uuid())) } else { String::new() };
        model.open.iter().fold(wallet, |lines, open| lines + &format!("release {}\n", names::name(open.id.uuid())))
    });
    releases.collect()
}

/// The clock and the wallet, where they change.
fn head(step: &Step, previous: Option<&Step>, wallets: usize) -> String {
    let mut head = String::new();
    if previous.is_none_or(|previous| previous.at != step.at) {
        head += &format!("at {}\n", step.at);
    }
    if wallets > 1 && previous.is_none_or(|previous| previous.wallet != step.wallet) {
        head += &format!("wallet {}\n", names::name(wallet_id(step.wallet).uuid()));
    }
    head
}

fn told(step: &Step, models: &mut [Model]) -> String {
    let Action::Command(command) = &step.action else {
        models.iter_mut().for_each(Model::save);
        return "save\n".to_owned();
    };
    if command.stands_alone() {
        models.iter_mut().for_each(Model::save);
    }
    let answer = models[step.wallet].play(command, step.at).answer;
    if let (Command::MoveOut(asked), Ok(Outcome::Moved(moved))) = (command, &answer) {
        let arrives = Command::MoveIn(MoveIn { id: asked.id, parts: moved.parts.clone() });
        let to = (0..models.len()).find(|index| wallet_id(*index) == asked.to);
        models[to.expect("a move goes to a wallet of the world")].play(&arrives, step.at);
    }
    let model = &models[step.wallet];
    let refused = answer.err().map_or(String::new(), |refused| format!("refused {}\n", refused.code));
    let now = model.clock(step.at);
    let (available, held) = (model.heap.available(now), model.heap.held());
    let expected = [available, held].map(crate::model::amount);
    format!("{}\n{refused}expect available {}, held {}\n", command_line(command, step.at), expected[0], expected[1])
}

#[cfg(test)]
mod tests {
    use crate::generate::Generator;
    use crate::story::Story;
    use crate::trial::Failure;
    use crate::world::{Violation, World};
    use crate::{Action, Step};

    fn some_steps(seed: u64, commands: usize) -> (Vec<Step>, usize) {
        let mut generator = Generator::new(seed);
        let mut world: World = generator.world();
        let mut steps: Vec<Step> = Vec::new();
        while steps.iter().filter(|step| matches!(step.action, Action::Command(_))).count() < commands {
            let step = generator.step(&world);
            if world.admits(&step) {
                world.play(&step).unwrap();
                steps.push(step);
            }
        }
        (steps, world.wallets())
    }

    /// What the simulator prints, the story player understands, and both expect the same of the books.
    #[test]
    fn every_run_can_be_told_as_a_story() {
        for seed in 0..40 {
            let (steps, wallets) = some_steps(seed, 250);
            let violation = Violation { rule: "none", found: "this run is in order".to_owned() };
            let text = super::of_failure(&Failure { seed, command: 250, violation, steps, wallets });
            let played = Story::parse(&text).and_then(|story| story.play());
            assert!(played.is_ok(), "seed {seed}: {}\n{text}", played.unwrap_err());
        }
    }
}
