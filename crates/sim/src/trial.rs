//! One seed, from its first command to its last, or to the first violation.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use crate::generate::Generator;
use crate::shrink;
use crate::world::World;
use crate::{Action, Step, Tally, Violation};

/// A seed whose books went wrong.
#[derive(Debug)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// At which command.
    pub command: usize,
    /// What went wrong.
    pub violation: Violation,
    /// The shortest list of steps found that still goes wrong in the same way.
    pub steps: Vec<Step>,
    /// How many wallets the world has.
    pub wallets: usize,
}

/// Plays a seed. The failure is large: it carries the story.
pub fn run(seed: u64, commands: usize) -> Result<Tally, Box<Failure>> {
    let mut generator = Generator::new(seed);
    let mut world = generator.world();
    let wallets = world.wallets();
    let has_twins = world.has_twins();
    let mut steps = Vec::new();
    let outcome = caught(|| {
        let mut played = 0;
        while played < commands {
            let step = generator.step(&world);
            if !world.admits(&step) {
                continue;
            }
            played += usize::from(matches!(step.action, Action::Command(_)));
            steps.push(step.clone());
            world.play(&step)?;
        }
        world.finish()
    });
    let Err(violation) = outcome else { return Ok(world.tally) };
    let command = steps.iter().filter(|step| matches!(step.action, Action::Command(_))).count();
    let replay = |steps: &[Step]| replay(steps, wallets, has_twins);
    let (steps, violation) = shrink::shortest(steps, violation, replay);
    Err(Box::new(Failure { seed, command, violation, steps, wallets }))
}

/// What a seed would do: its first so many commands, in order, for a world of so many wallets. Every one was played and
/// checked, so a store can be given them and compared with another store, or with itself after a crash.
///
/// # Panics
/// When the books go wrong on the way, as [`run`] would tell.
pub fn draw(seed: u64, commands: usize) -> (usize, Vec<Step>) {
    let mut generator = Generator::new(seed);
    let mut world = generator.world();
    let mut steps = Vec::with_capacity(commands);
    while steps.len() < commands {
        let step = generator.step(&world);
        if !world.admits(&step) {
            continue;
        }
        world.play(&step).unwrap_or_else(|violation| panic!("seed {seed}: {violation:?}"));
        steps.extend(Some(step).filter(|step| matches!(step.action, Action::Command(_))));
    }
    (world.wallets(), steps)
}

/// Plays recorded steps, and answers how they went wrong.
fn replay(steps: &[Step], wallets: usize, has_twins: bool) -> Option<Violation> {
    let mut world = World::new(wallets, has_twins);
    caught(|| {
        steps.iter().try_for_each(|step| if world.admits(step) { world.play(step) } else { Ok(()) })?;
        world.finish()
    })
    .err()
}

thread_local! { static QUIET: Cell<bool> = const { Cell::new(false) }; }

/// A panic of the ledger is the books noticing for themselves that they are wrong: a violation as well.
fn caught(work: impl FnOnce() -> Result<(), Violation>) -> Result<(), Violation> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !QUIET.get() {
                usual(info);
            }
        }));
    });
    QUIET.set(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    QUIET.set(false);
    result.unwrap_or_else(|panic| {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        Err(Violation { rule: "the ledger never panics", found: words.unwrap_or_default() })
    })
}
