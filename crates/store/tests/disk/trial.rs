//! One fault at one moment of one script, and what the books say afterwards.

use std::sync::Mutex;

use futures_util::future::join_all;
use sim::Random;
use store::{Posting, Store, verify};

use crate::disk::{Disk, Plan};
use crate::place::Place;
use crate::script::{Answer, Script, books, is_fault, look_at};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A change of the disk fails, and whoever asked asks again. In the end the power goes.
    Error { is_full: bool, forgets: bool },
    /// The process is killed.
    Kill,
    /// The power goes.
    Power,
    /// The power goes, and the disk had only said that it synced.
    PowerOfALiar,
}

/// Where and how.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// At which change of the disk.
    pub change: u64,
    pub fault: Fault,
    /// How many postings are asked for at once.
    pub at_once: usize,
}

/// Plays the script with the fault. What must not be is told in words.
pub async fn play(place: &Place, script: &Script, moment: Moment) -> Result<(), String> {
    let Moment { change, fault, .. } = moment;
    let mut random = Random::new(script.seed ^ change << 8);
    let plan = match fault {
        Fault::Error { is_full, forgets } => Plan::FailsAt { change, is_full, forgets },
        fault => Plan::StopsAt { change, is_liar: fault == Fault::PowerOfALiar },
    };
    let mut start = script.start.clone();
    start.follow(plan);
    let disk = place.mount(start);
    let (told, disk) = match fault {
        Fault::Error { .. } => ask_again(place, script, &disk).await?,
        _ => ask_once(place, script, &disk, moment.at_once).await?,
    };
    let found = match fault {
        Fault::Kill => disk.after_a_kill(),
        _ => disk.after_a_loss_of_power(&mut random),
    };
    if random.percent(25) {
        // The next start is cut off as well.
        let (disk, again) = (found.after_a_kill(), 1 + random.below(30));
        return reckon(place, script, told, stop_while_starting(place, disk, again, fault, &mut random).await).await;
    }
    reckon(place, script, told, found).await
}

/// What those who asked know in the end.
#[derive(Debug)]
struct Told {
    /// So many were answered.
    answered: usize,
    /// So many were asked.
    asked: usize,
}

/// Asks until something fails. Answers with the disk as it was then.
async fn ask_once(place: &Place, script: &Script, disk: &Mutex<Disk>, at_once: usize) -> Result<(Told, Disk), String> {
    let mut told = Told { answered: 0, asked: 0 };
    let Ok(store) = place.open().await else { return Ok((told, look_at(disk))) };
    for postings in script.postings.chunks(at_once) {
        told.asked += postings.len();
        let answers = join_all(postings.iter().map(|posting| store.post(posting.clone()))).await;
        let good = answers.iter().take_while(|answer| !is_fault(answer)).count();
        if let Some(late) = answers[good..].iter().find(|answer| !is_fault(answer)) {
            return Err(format!("{late:?} was answered after a fault"));
        }
        compare(script, told.answered, &answers[..good])?;
        told.answered += good;
        if good < postings.len() {
            break;
        }
    }
    store.close().await;
    Ok((told, look_at(disk)))
}

/// Asks for each posting until it is answered. Answers with the disk as it was before an end in good order, which
/// makes safe what was not.
async fn ask_again(place: &Place, script: &Script, disk: &Mutex<Disk>) -> Result<(Told, Disk), String> {
    let store = match place.open().await {
        Ok(store) => store,
        Err(_) => place.open().await.map_err(|fault| format!("a second start fails: {fault}"))?,
    };
    for (index, posting) in script.postings.iter().enumerate() {
        let mut answer = store.post(posting.clone()).await;
        let is_again = is_fault(&answer);
        for _ in 0..3 {
            if is_fault(&answer) {
                answer = store.post(posting.clone()).await;
            }
        }
        if !is_again || posting.key.is_some() {
            compare(script, index, &[answer])?;
        }
    }
    let (count, disk) = (script.postings.len(), look_at(disk));
    store.close().await;
    Ok((Told { answered: count, asked: count }, disk))
}

fn compare(script: &Script, first: usize, answers: &[Answer]) -> Result<(), String> {
    for (index, (answer, due)) in (first..).zip(answers.iter().zip(&script.answers[first..])) {
        if answer != due {
            return Err(format!("command {index} was answered {answer:?}, but {due:?} was due"));
        }
    }
    Ok(())
}

/// Starts the store on a disk that stops again.
async fn stop_while_starting(place: &Place, mut disk: Disk, change: u64, fault: Fault, random: &mut Random) -> Disk {
    disk.follow(Plan::StopsAt { change, is_liar: fault == Fault::PowerOfALiar });
    let disk = place.mount(disk);
    if let Ok(store) = place.open().await {
        store.close().await;
    }
    let disk = look_at(&disk);
    match fault {
        Fault::Kill => disk.after_a_kill(),
        _ => disk.after_a_loss_of_power(random),
    }
}

/// Everything that was answered is there, once; the rest is there whole or not at all; and whoever asks again for what
/// was not answered ends where a run without faults does.
async fn reckon(place: &Place, script: &Script, told: Told, disk: Disk) -> Result<(), String> {
    place.mount(disk);
    let store = place.open().await.map_err(|fault| format!("it does not start again: {fault}"))?;
    let reckoned = reckon_at(&store, script, told).await;
    store.close().await;
    reckoned
}

async fn reckon_at(store: &Store, script: &Script, told: Told) -> Result<(), String> {
    let report = verify(store.reader(), &mut |_| {}).await.map_err(|fault| fault.to_string())?;
    if let Some(difference) = report.differences.first() {
        return Err(format!("the books disagree: {difference}"));
    }
    let found = books(store).await;
    let Some(written) = (0..script.books.len()).rev().find(|at| script.books[*at] == found) else {
        return Err("the books are those of no moment of the script".to_owned());
    };
    // Commands that change nothing leave the same books, so several moments may stand for these.
    let Some(written) = (told.answered..=told.asked).rev().find(|at| script.books[*at] == found) else {
        let Told { answered, asked } = told;
        return Err(format!("{answered} were answered and {asked} asked for, but {written} are written"));
    };
    let ask = |posting: &Posting| store.post(posting.clone());
    for index in told.answered..written {
        // What was written and not answered; a refusal leaves nothing behind that could answer for it.
        let (posting, due) = (&script.postings[index], &script.answers[index]);
        if due.is_ok() {
            let answer = ask(posting).await;
            if posting.key.is_some() && answer != *due {
                return Err(format!("command {index}, asked again: {answer:?}, but {due:?} was due"));
            }
        }
    }
    if books(store).await != found {
        return Err(format!("something of {}..{written} happened twice", told.answered));
    }
    for index in written..script.postings.len() {
        compare(script, index, &[ask(&script.postings[index]).await])?;
    }
    match books(store).await == script.books[script.postings.len()] {
        true => Ok(()),
        false => Err("the books are not those of a run without faults".to_owned()),
    }
}
