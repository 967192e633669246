//! The spans of time that a chart has a bar for: few enough to be told apart, and to be walked through by key.

use units::{Amount, Day};

use crate::pages::chart::Bar;

/// Up to so many days each has its own bar.
const DAYS: i32 = MOST as i32;
/// Up to so many each week has one.
const WEEKS: i32 = 366;
const A_WEEK: i32 = 7;
/// Of more spans the latest have one.
const MOST: usize = 62;

/// Spans that follow each other, the oldest first.
pub(super) struct Spans {
    begins: Vec<Day>,
    pub(super) each: Each,
}

/// How long a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Each {
    Day,
    Week,
    Month,
}

impl Spans {
    /// The spans that cover the days from `from` to before `until`.
    pub(super) fn of(from: Day, until: Day) -> Self {
        let each = match until.number() - from.number() {
            days if days <= DAYS => Each::Day,
            days if days <= WEEKS => Each::Week,
            _ => Each::Month,
        };
        let mut begins = Vec::new();
        let mut end = until;
        // From the end, so that the latest span is a whole one.
        while end > from && begins.len() < MOST {
            let before = Day::from_number(end.number() - 1);
            let begin = match each {
                Each::Day => before,
                Each::Week => Day::from_number(end.number() - A_WEEK),
                Each::Month => before.first_of_month(),
            };
            begins.push(begin.max(from));
            end = begin;
        }
        begins.reverse();
        Self { begins, each }
    }

    /// A bar for each span, with what so many models used in it.
    pub(super) fn bars(&self, parts: usize, used: impl Iterator<Item = (Day, usize, Amount)>) -> Vec<Bar> {
        let bar = |begin: &Day| Bar { label: self.label(*begin), parts: vec![Amount::ZERO; parts] };
        let mut bars: Vec<Bar> = self.begins.iter().map(bar).collect();
        for (day, part, amount) in used {
            if let Some(place) = self.begins.partition_point(|begin| *begin <= day).checked_sub(1) {
                let sum = &mut bars[place].parts[part];
                *sum = sum.checked_add(amount).unwrap_or(Amount::MAX);
            }
        }
        bars
    }

    fn label(&self, begin: Day) -> String {
        match self.each {
            Each::Day => begin.to_string(),
            Each::Week => format!("week from {begin}"),
            Each::Month => begin.to_string().chars().take("2026-01".len()).collect(),
        }
    }
}

impl Each {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        format!("{text}T00:00:00Z").parse::<units::Instant>().unwrap().day()
    }

    fn labels(from: &str, until: &str) -> Vec<String> {
        let spans = Spans::of(day(from), day(until));
        spans.bars(1, std::iter::empty()).into_iter().map(|bar| bar.label).collect()
    }

    #[test]
    fn a_month_has_days_a_year_weeks_and_more_has_months() {
        let days = labels("2028-02-01", "2028-03-01");
        assert_eq!((days.len(), &*days[28]), (29, "2028-02-29"));
        let weeks = labels("2027-03-02", "2028-03-01");
        assert_eq!(weeks.len(), 53);
        assert_eq!(
            (&*weeks[0], &*weeks[1], &*weeks[52]),
            ("week from 2027-03-02", "week from 2027-03-03", "week from 2028-02-23")
        );
        let months = labels("2026-11-15", "2028-03-01");
        assert_eq!((months.len(), &*months[0], &*months[15]), (16, "2026-11", "2028-02"));
        assert_eq!(labels("2000-01-01", "2028-03-01").len(), 62, "the latest");
        assert!(labels("2028-03-01", "2028-03-01").is_empty());
    }

    #[test]
    fn what_was_used_stands_in_the_span_of_its_day() {
        let spans = Spans::of(day("2027-03-02"), day("2028-03-01"));
        let dollar = Amount::from_dollars(1);
        let used = [("2027-03-02", 0), ("2027-03-03", 1), ("2027-03-09", 1), ("2028-02-29", 0), ("2020-01-01", 0)];
        let bars = spans.bars(2, used.into_iter().map(|(text, part)| (day(text), part, dollar)));
        assert_eq!(bars[0].parts, [dollar, Amount::ZERO]);
        assert_eq!(bars[1].parts, [Amount::ZERO, Amount::from_dollars(2)]);
        assert_eq!(bars[52].parts, [dollar, Amount::ZERO]);
    }
}
