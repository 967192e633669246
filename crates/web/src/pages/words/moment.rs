//! Moments as pages show them: in UTC, marked so that `tare.js` can say them in the zone of whoever reads.
//!
//! Days that are days of the books (usage, invoices, terms) are no moments: they are UTC wherever one is, and are
//! written as they are.

use std::fmt;

use askama::filters::HtmlSafe;
use units::Instant;

/// A moment on a page; shown, it is a `<time>` whose title says it in UTC.
#[derive(Clone, Copy, Debug)]
pub(in crate::pages) struct Moment {
    at: Instant,
    form: Form,
}

/// In which form; each is as long in one zone as in another.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// A day and a minute, and the zone.
    Minute,
    /// The day alone.
    Day,
    /// How far away it is, in days as people count them.
    Near { now: Instant },
}

/// A day and a minute.
pub(in crate::pages) const fn moment(at: Instant) -> Moment {
    Moment { at, form: Form::Minute }
}

/// The day on which something ends or begins that does so at a moment.
pub(in crate::pages) const fn on_day(at: Instant) -> Moment {
    Moment { at, form: Form::Day }
}

/// How far away a moment is, in days as people count them.
pub(in crate::pages) const fn until(end: Instant, now: Instant) -> Moment {
    Moment { at: end, form: Form::Near { now } }
}

impl Moment {
    /// A day and a minute as plain text, for attributes.
    pub(in crate::pages) fn utc(self) -> String {
        format!("{} {} UTC", self.at.day(), clock(self.at))
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (at, day) = (self.at, self.at.day());
        write!(f, "<time datetime=\"{}\" title=\"{}\"", exact(at), self.utc())?;
        match self.form {
            Form::Minute => {
                write!(f, "><span class=\"whole\">{day}</span> ")?;
                write!(f, "<span class=\"whole\">{} <span class=\"zone\">UTC</span></span></time>", clock(at))
            }
            Form::Day => write!(f, " data-form=\"day\">{day}</time>"),
            Form::Near { now } => {
                write!(f, " data-form=\"near\" data-now=\"{}\">", exact(now))?;
                match day.number() - now.day().number() {
                    ..=0 => f.write_str("today"),
                    1 => f.write_str("tomorrow"),
                    days @ 2..=60 => write!(f, "in {days} days"),
                    _ => write!(f, "{day}"),
                }?;
                f.write_str("</time>")
            }
        }
    }
}

/// Digits and words of our own.
impl HtmlSafe for Moment {}

/// To the second, as browsers read it.
fn exact(at: Instant) -> String {
    at.to_string().chars().take("2026-01-31T12:00:00".len()).chain(['Z']).collect()
}

fn clock(at: Instant) -> String {
    at.to_string().chars().skip("2026-01-31T".len()).take("12:00".len()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_is_marked_and_says_utc() {
        let shown = moment(at("2026-01-31T12:34:56.5Z"));
        let marked = "<time datetime=\"2026-01-31T12:34:56Z\" title=\"2026-01-31 12:34 UTC\">";
        let text = "<span class=\"whole\">2026-01-31</span> <span class=\"whole\">12:34 <span \
                    class=\"zone\">UTC</span></span>";
        assert_eq!(shown.to_string(), format!("{marked}{text}</time>"));
        assert_eq!(shown.utc(), "2026-01-31 12:34 UTC");
        let day = on_day(at("2026-01-31T23:59:59Z")).to_string();
        assert_eq!(
            day,
            "<time datetime=\"2026-01-31T23:59:59Z\" title=\"2026-01-31 23:59 UTC\" data-form=\"day\">2026-01-31</time>"
        );
    }

    #[test]
    fn an_end_is_named_as_people_count_days() {
        let now = at("2028-02-28T23:59:59Z");
        let shown = |text: &str| {
            let time = until(at(text), now).to_string();
            assert!(time.contains("data-now=\"2028-02-28T23:59:59Z\">"), "{time}");
            time.split(['<', '>']).nth(2).unwrap().to_owned()
        };
        assert_eq!(shown("2028-02-28T23:59:59.5Z"), "today");
        assert_eq!(shown("2028-02-29T00:00:00Z"), "tomorrow");
        assert_eq!(shown("2028-03-06T12:00:00Z"), "in 7 days");
        assert_eq!(shown("2028-12-24T12:00:00Z"), "2028-12-24");
    }
}
