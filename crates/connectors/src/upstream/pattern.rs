//! Model names with at most one `*`, and the names that they become.

/// From a public model name to the upstream's.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    public: Side,
    own: Side,
}

/// A text, with what stands before and after its `*`.
#[derive(Clone, Debug)]
struct Side {
    before: String,
    after: Option<String>,
}

impl Pattern {
    /// Reads a pair; `None` when one has two stars, or only the upstream's has one.
    pub(super) fn new(public: &str, own: &str) -> Option<Self> {
        let (public, own) = (Side::new(public)?, Side::new(own)?);
        (own.after.is_none() || public.after.is_some()).then_some(Self { public, own })
    }

    /// The upstream's name for a model, if this pattern is meant for it.
    pub(super) fn apply(&self, model: &str) -> Option<String> {
        let rest = model.strip_prefix(self.public.before.as_str())?;
        let middle = match &self.public.after {
            Some(after) => rest.strip_suffix(after.as_str())?,
            None => return rest.is_empty().then(|| self.own.with("")),
        };
        Some(self.own.with(middle))
    }

    /// Whether it says nothing of its own about the upstream's name: what the star stands for, as it is.
    pub(super) fn is_bare(&self) -> bool {
        self.own.before.is_empty() && self.own.after.as_deref() == Some("")
    }

    /// How much of a name it fixes; a pattern without a star fixes everything.
    pub(super) fn precision(&self) -> (bool, usize) {
        let fixed = self.public.before.len() + self.public.after.as_ref().map_or(0, String::len);
        (self.public.after.is_none(), fixed)
    }
}

impl Side {
    fn new(text: &str) -> Option<Self> {
        match text.split_once('*') {
            Some((_, after)) if after.contains('*') => None,
            Some((before, after)) => Some(Self { before: before.to_owned(), after: Some(after.to_owned()) }),
            None if text.is_empty() => None,
            None => Some(Self { before: text.to_owned(), after: None }),
        }
    }

    fn with(&self, middle: &str) -> String {
        match &self.after {
            Some(after) => [&self.before, middle, after].concat(),
            None => self.before.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_carry_what_they_matched() {
        let name = |public, own, model| Pattern::new(public, own).unwrap().apply(model);
        assert_eq!(name("demo/*", "*", "demo/small").as_deref(), Some("small"));
        assert_eq!(name("*", "*", "a/b").as_deref(), Some("a/b"));
        assert_eq!(name("x-*-y", "*", "x-1-y").as_deref(), Some("1"));
        assert_eq!(name("x-*-y", "fixed", "x-1-y").as_deref(), Some("fixed"));
        assert_eq!(name("gpt", "gpt-4", "gpt").as_deref(), Some("gpt-4"));
        assert_eq!(name("gpt", "gpt-4", "gpt-5"), None);
        // The two ends of a pattern may not share characters.
        assert_eq!(name("ab*ba", "*", "aba"), None);
        assert!(Pattern::new("a*b*", "x").is_none() && Pattern::new("a", "*").is_none());
    }
}
