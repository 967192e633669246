//! One bad line between all nodes and the sandbox, and time that passes behind it. A call that is sent over it can be the
//! last thing that a node does; then the node comes again.

use std::sync::Arc;

use connectors::processor::Processor;
use operations::jobs;
use operations::payment::{self, Order, Way};

use crate::dice::Dice;
use crate::faulty::{Call, Fault, Faulty};
use crate::world::{TestCard, World};

/// The calls that a payment makes.
pub const CALLS: [Call; 4] = [Call::Create, Call::Confirm, Call::Get, Call::Cancel];

/// What waits for the next calls of which kind.
pub type Faults = [(Call, Vec<Fault>)];

pub struct Line {
    faulty: Arc<Faulty>,
    charged: usize,
}

impl Line {
    pub fn before(world: &mut World) -> Self {
        let line = Self { faulty: Arc::new(Faulty::new(world.sandbox().clone())), charged: 0 };
        line.connect(world);
        line
    }

    fn connect(&self, world: &mut World) {
        for node in &mut world.nodes {
            let processor: Arc<dyn Processor> = self.faulty.clone();
            node.outside.processor = Some(processor);
        }
    }

    /// Turns bad.
    pub fn hit(&self, faults: &Faults) {
        faults.iter().for_each(|(call, faults)| self.faulty.hit(*call, faults));
    }

    /// Is good again.
    pub fn mend(&self) {
        Call::ALL.into_iter().for_each(|call| self.faulty.hit(call, &[]));
    }

    /// What may kill somebody, see [`Faulty::unless_we_die`].
    pub fn faulty(&self) -> Arc<Faulty> {
        self.faulty.clone()
    }

    /// Everything that is to be done is done, and what the processor tells is heard in this way, until nothing more comes
    /// of it. Answers how often a node died of it.
    pub async fn work(&mut self, world: &mut World, way: Way) -> usize {
        let mut deaths = 0;
        while self.faulty().unless_we_die(work(world, way)).await.is_none() {
            deaths += 1;
            self.bury(world).await;
        }
        deaths
    }

    /// The first node has died, and comes again.
    pub async fn bury(&mut self, world: &mut World) {
        world.lose_node().await;
        self.rejoin(world);
    }

    /// Nodes or the sandbox were started again. The line is good.
    pub fn rejoin(&mut self, world: &mut World) {
        self.faulty = Arc::new(Faulty::new(world.sandbox().clone()));
        self.connect(world);
    }

    /// All these seconds one after the other, with everything that is due, and the processor's events or none of them.
    pub async fn wait(&mut self, world: &mut World, waits: &[i64], hears_events: bool) {
        let way = if hears_events { Way::USUAL } else { Way { order: Order::Never, times: 1 } };
        for seconds in waits {
            world.wait(*seconds);
            self.work(world, way).await;
        }
    }

    /// How many payments the sandbox has charged since the last time, whoever knows of them.
    pub async fn charged(&mut self, world: &World) -> usize {
        let charged = self.faulty.truth(world.services().store.reader()).await.0;
        charged - std::mem::replace(&mut self.charged, charged)
    }
}

async fn work(world: &World, way: Way) {
    let deliver = async || payment::deliver(world.services(), &world.ctx(), world.sandbox(), way).await.unwrap();
    if way.order == Order::Never {
        // Banks finish thinking, and tell nobody.
        deliver().await;
    }
    loop {
        jobs::sweep(world.services(), &world.ctx()).await.unwrap();
        world.look().await;
        if deliver().await == 0 {
            return;
        }
    }
}

/// Some calls, each with up to three faults: the same for the same seed.
pub fn mixture(seed: u64) -> Vec<(Call, Vec<Fault>)> {
    let mut dice = Dice(seed + 1);
    let mut calls = CALLS;
    dice.shuffle(&mut calls);
    let hit = calls[dice.below(CALLS.len())..].iter();
    hit.map(|call| (*call, (0..=dice.below(3)).map(|_| Fault::ALL[dice.below(4)]).collect())).collect()
}

/// Every card, call and fault.
pub fn cells() -> impl Iterator<Item = (TestCard, Call, Fault)> {
    TestCard::ALL.into_iter().flat_map(|card| {
        CALLS.into_iter().flat_map(move |call| Fault::ALL.into_iter().map(move |fault| (card, call, fault)))
    })
}

/// How often a fault comes, and whether events are heard: for each cell in turns, and all of it in a release.
pub fn ways(cell: usize) -> Vec<(usize, bool)> {
    let ways = [(1, true), (3, false), (1, false), (3, true)];
    // So that each call and each fault meets each of them.
    let of_cell = (cell + cell / 4 + cell / 16) % 4;
    if is_release() { ways.to_vec() } else { vec![ways[of_cell]] }
}

/// How many mixtures are drawn.
pub fn mixtures() -> u64 {
    if is_release() { 200 } else { 8 }
}

fn is_release() -> bool {
    std::env::var("TARE_TEST_SIZE").is_ok_and(|size| size == "release")
}
