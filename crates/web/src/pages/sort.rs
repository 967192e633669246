//! In which order rows are shown: by one of their columns, up or down, as the address says.
//!
//! Only what is shown whole can be ordered: a part of a list, ordered by itself, would look like the whole. An order
//! that a table does not know is the usual one.

use std::cmp::Ordering;

/// What rows can be ordered by.
pub(super) trait Column: Copy + PartialEq + 'static {
    /// All of them, in the order of the page.
    const ALL: &'static [Self];

    /// As it stands in an address; as people read it; how its cells look; and where a first click leads: what is looked
    /// for is often the most, the latest, and the first by name.
    fn look(self) -> (&'static str, &'static str, &'static str, Way);
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Up,
    Down,
}

/// By which column, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sort<C> {
    pub(super) by: C,
    pub(super) way: Way,
}

/// A column's heading, which leads to the rows ordered by it.
pub(super) struct Heading {
    pub(super) words: &'static str,
    pub(super) class: &'static str,
    /// Absent where the rows cannot be ordered by it.
    pub(super) to: Option<String>,
    /// As `aria-sort` has it; absent when the rows are in another order.
    pub(super) order: Option<&'static str>,
}

impl<C: Column> Sort<C> {
    /// The order of a column as it begins.
    pub(super) fn by(by: C) -> Self {
        let (.., way) = by.look();
        Self { by, way }
    }

    /// `spent` is up and `-spent` is down.
    pub(super) fn read(text: Option<&str>, usual: Self) -> Self {
        let text = text.unwrap_or_default();
        let (name, way) = text.strip_prefix('-').map_or((text, Way::Up), |name| (name, Way::Down));
        let found = C::ALL.iter().find(|column| column.look().0 == name);
        found.map_or(usual, |by| Self { by: *by, way })
    }

    /// As `read` takes it.
    pub(super) fn text(self) -> String {
        let sign = if self.way == Way::Down { "-" } else { "" };
        format!("{sign}{}", self.by.look().0)
    }

    /// Orders rows. What is equal there stands as `tie` has it, whichever way: no two rows are equal to that.
    pub(super) fn order<T>(
        self,
        rows: &mut [T],
        compare: impl Fn(C, &T, &T) -> Ordering,
        tie: impl Fn(&T, &T) -> Ordering,
    ) {
        rows.sort_by(|one, other| {
            let order = compare(self.by, one, other);
            let order = if self.way == Way::Down { order.reverse() } else { order };
            order.then_with(|| tie(one, other))
        });
    }

    /// The headings of all columns. `address` is the page's for an order.
    pub(super) fn headings(self, address: impl Fn(Self) -> String) -> Vec<Heading> {
        let heading = |by: &C| {
            let is_here = *by == self.by;
            let (_, words, class, begins) = by.look();
            let way = match (is_here, self.way) {
                (false, _) => begins,
                (true, Way::Up) => Way::Down,
                (true, Way::Down) => Way::Up,
            };
            Heading {
                words,
                class,
                to: Some(address(Self { by: *by, way })),
                order: is_here.then_some(match self.way {
                    Way::Up => "ascending",
                    Way::Down => "descending",
                }),
            }
        };
        C::ALL.iter().map(heading).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq)]
    enum By {
        Name,
        Spent,
    }

    impl Column for By {
        const ALL: &'static [Self] = &[Self::Name, Self::Spent];

        fn look(self) -> (&'static str, &'static str, &'static str, Way) {
            match self {
                Self::Name => ("name", "Name", "", Way::Up),
                Self::Spent => ("spent", "Spent", "number", Way::Down),
            }
        }
    }

    fn ordered(text: &str) -> String {
        let mut rows = [("b", 1), ("d", 2), ("a", 2), ("c", 3)];
        let compare = |by, one: &(&str, i32), other: &(&str, i32)| match by {
            By::Name => one.0.cmp(other.0),
            By::Spent => one.1.cmp(&other.1),
        };
        Sort::read(Some(text), Sort::by(By::Spent)).order(&mut rows, compare, |one, other| one.0.cmp(other.0));
        rows.map(|row| row.0).concat()
    }

    #[test]
    fn ties_stand_in_one_order_whichever_way() {
        assert_eq!([ordered("spent"), ordered("-spent")], ["badc", "cadb"]);
        assert_eq!([ordered("name"), ordered("-name")], ["abcd", "dcba"]);
        for unknown in ["", "-", "--spent", "Spent", "nothing", "-nothing", "name,spent"] {
            assert_eq!(ordered(unknown), "cadb", "{unknown:?}: the usual order");
        }
    }

    #[test]
    fn a_heading_turns_its_own_order_and_begins_another() {
        let sort = Sort::read(Some("spent"), Sort::by(By::Name));
        assert_eq!(sort.text(), "spent");
        let headings = sort.headings(|sort| format!("/x?sort={}", sort.text()));
        let shown: Vec<_> = headings.iter().map(|heading| (heading.to.as_deref(), heading.order)).collect();
        assert_eq!(shown, [(Some("/x?sort=name"), None), (Some("/x?sort=-spent"), Some("ascending"))]);
    }
}
