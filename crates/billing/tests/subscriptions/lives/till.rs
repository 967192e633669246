//! The world outside: cards that are charged or not, and news that comes late, twice, in any order or never.

use billing::payment::{AttemptState, Failure, FailureClass, News, Standing, advance};
use sim::Random;
use units::{Cents, Instant, Seconds};

const HOUR: u64 = 3_600;

/// All payments of one life.
pub struct Till {
    random: Random,
    payments: Vec<Payment>,
    /// News on its way: when it arrives, of which attempt of which payment.
    news: Vec<(Instant, usize, u32, News)>,
}

struct Payment {
    standing: Standing,
    attempts: u32,
    /// What the processor really did with the latest attempt.
    truth: News,
    charges: u32,
}

/// What a life learns of a payment.
pub enum Told {
    /// It is paid now.
    Paid(usize),
    /// The attempt has failed.
    Failed(usize, FailureClass),
}

impl Till {
    pub fn new(random: Random) -> Self {
        Self { random, payments: Vec::new(), news: Vec::new() }
    }

    /// Somebody owes so much.
    pub fn owe(&mut self, amount: Cents, now: Instant) -> usize {
        let standing = Standing { is_paid: false, attempt: AttemptState::Canceled, amount, began_at: now, looks: 0 };
        self.payments.push(Payment { standing, attempts: 0, truth: News::Silence, charges: 0 });
        self.payments.len() - 1
    }

    /// Tries to take it.
    pub fn attempt(&mut self, payment: usize, now: Instant) {
        let it = &mut self.payments[payment];
        assert!(!it.standing.is_paid && !it.standing.attempt.is_live(), "one attempt at a time, and none once paid");
        it.attempts += 1;
        it.standing = Standing { attempt: AttemptState::Sent, began_at: now, ..it.standing };
        let declined = |code: &str| News::Declined(Failure { code: code.to_owned(), decline_code: None });
        it.truth = match self.random.weighted(&[55, 30, 10, 5]) {
            0 => News::Succeeded(it.standing.amount),
            1 => declined("processing_error"),
            2 => declined("expired_card"),
            _ => declined("fraudulent"),
        };
        it.charges += u32::from(matches!(it.truth, News::Succeeded(_)));
        let (truth, attempt) = (it.truth.clone(), it.attempts);
        if self.random.percent(20) {
            self.tell_within(24 * HOUR, payment, attempt, News::Processing, now);
        }
        if self.random.percent(70) {
            self.news.push((now, payment, attempt, truth.clone()));
        } else {
            self.tell_within(48 * HOUR, payment, attempt, truth.clone(), now);
        }
        for _ in 0..self.random.below(3) {
            self.tell_within(240 * HOUR, payment, attempt, truth.clone(), now);
        }
    }

    /// The attempt is given up here before the processor is asked, which may say that it succeeded all the same.
    pub fn forget(&mut self, payment: usize, now: Instant) -> Option<Told> {
        self.hear(payment, self.payments[payment].attempts, &News::Canceled, now)
    }

    /// The processor calls the attempt off, or says what had become of it.
    pub fn call_off(&mut self, payment: usize, now: Instant) -> Option<Told> {
        let it = &self.payments[payment];
        let news = match &it.truth {
            News::Succeeded(amount) => News::Succeeded(*amount),
            _ => News::Canceled,
        };
        self.hear(payment, it.attempts, &news, now)
    }

    /// The next thing that arrives by now.
    pub fn arrives(&mut self, now: Instant) -> Option<Option<Told>> {
        let at = (0..self.news.len()).filter(|at| self.news[*at].0 <= now).min_by_key(|at| self.news[*at].0)?;
        let (_, payment, attempt, news) = self.news.swap_remove(at);
        Some(self.hear(payment, attempt, &news, now))
    }

    /// When the next thing arrives.
    pub fn next_arrival(&self) -> Option<Instant> {
        self.news.iter().map(|news| news.0).min()
    }

    /// What cards were charged in all. No payment was charged twice, and none that is paid was not.
    pub fn charged(&self) -> i64 {
        self.payments
            .iter()
            .map(|it| {
                assert!(it.charges <= 1, "charged twice");
                assert!(it.charges == 1 || !it.standing.is_paid, "paid without a charge");
                i64::from(it.charges) * it.standing.amount.count()
            })
            .sum()
    }

    fn tell_within(&mut self, seconds: u64, payment: usize, attempt: u32, news: News, now: Instant) {
        let at = now.plus(Seconds(self.random.below(seconds) as i64));
        self.news.push((at, payment, attempt, news));
    }

    fn hear(&mut self, payment: usize, attempt: u32, news: &News, now: Instant) -> Option<Told> {
        let it = &mut self.payments[payment];
        if attempt != it.attempts && !matches!(news, News::Succeeded(_)) {
            return None;
        }
        let was_live = it.standing.attempt.is_live();
        let next = advance(it.standing, news, now);
        it.standing = Standing { is_paid: next.is_paid, attempt: next.attempt, ..it.standing };
        match news {
            _ if next.becomes_paid => Some(Told::Paid(payment)),
            News::Declined(failure) if was_live => Some(Told::Failed(payment, failure.class())),
            News::Canceled if was_live => Some(Told::Failed(payment, FailureClass::Soft)),
            _ => None,
        }
    }
}
