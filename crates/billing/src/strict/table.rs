//! One table of a file, which knows what was asked of it and so what nobody understands.

use std::{borrow::Cow, ops::Range};

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{CatalogError, Item, Place, fail};

/// Whether every key must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// A key that [`Table::set`] does not find is an error.
    Complete,
    /// A key that [`Table::set`] does not find leaves its value as it was.
    Partial,
}

/// A table on its way to a typed value. Reading ends with [`Table::finish`], which refuses leftovers.
pub(crate) struct Table<'s> {
    place: Place<'s>,
    mode: Mode,
    path: String,
    span: Range<usize>,
    entries: DeTable<'s>,
    asked: Vec<&'static str>,
    /// Where each key that was taken stands, to blame it for a rule between keys.
    taken: Vec<(String, Range<usize>)>,
}

impl<'s> Table<'s> {
    /// The whole of `text`; errors carry the name of the file, where one is given.
    pub(crate) fn read(file: Option<&'s str>, text: &'s str, mode: Mode) -> Result<Self, CatalogError> {
        let place = Place { file, text };
        match DeTable::parse(text) {
            Ok(root) => Ok(Self::new(place, mode, String::new(), 0..0, root.into_inner())),
            Err(error) => fail(place, error.span().unwrap_or(0..0), "", error.message()),
        }
    }

    fn new(place: Place<'s>, mode: Mode, path: String, span: Range<usize>, entries: DeTable<'s>) -> Self {
        Self { place, mode, path, span, entries, asked: Vec::new(), taken: Vec::new() }
    }

    /// The value of `key`, if the table has it.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Item<'s>> {
        self.asked.push(key);
        let (name, value) = self.entries.remove_entry(key)?;
        self.taken.push((key.to_owned(), name.span()));
        Some(Item::new(self.place, self.mode, self.full(key), value))
    }

    /// The value of `key`, or an error that says it is missing.
    pub(crate) fn need(&mut self, key: &'static str) -> Result<Item<'s>, CatalogError> {
        match self.take(key) {
            Some(item) => Ok(item),
            None => self.fail(format!("`{key}` is missing here")),
        }
    }

    /// What `read` makes of `key`, if the table has it.
    pub(crate) fn optional<T>(
        &mut self,
        key: &'static str,
        read: impl FnOnce(Item<'s>) -> Result<T, CatalogError>,
    ) -> Result<Option<T>, CatalogError> {
        self.take(key).map(read).transpose()
    }

    /// Replaces `slot` with the value of `key`; without one it stays, unless the table must be complete.
    pub(crate) fn set<T>(
        &mut self,
        key: &'static str,
        slot: &mut T,
        read: impl Fn(&Item<'s>) -> Result<T, CatalogError>,
    ) -> Result<(), CatalogError> {
        match self.wanted(key)? {
            Some(item) => read(&item).map(|value| *slot = value),
            None => Ok(()),
        }
    }

    /// Replaces the whole of `list`, as [`Table::set`] does.
    pub(crate) fn set_list<T>(
        &mut self,
        key: &'static str,
        list: &mut Vec<T>,
        read: impl Fn(&Item<'s>) -> Result<T, CatalogError>,
    ) -> Result<(), CatalogError> {
        match self.wanted(key)? {
            Some(item) => item.each(|item| read(&item)).map(|values| *list = values),
            None => Ok(()),
        }
    }

    /// Hands the table under `key` to `read` and refuses what that leaves of it.
    pub(crate) fn section(
        &mut self,
        key: &'static str,
        read: impl FnOnce(&mut Table<'s>) -> Result<(), CatalogError>,
    ) -> Result<(), CatalogError> {
        let Some(item) = self.wanted(key)? else { return Ok(()) };
        let mut table = item.table()?;
        read(&mut table)?;
        table.finish()
    }

    fn wanted(&mut self, key: &'static str) -> Result<Option<Item<'s>>, CatalogError> {
        match self.mode {
            Mode::Complete => self.need(key).map(Some),
            Mode::Partial => Ok(self.take(key)),
        }
    }

    /// Everything that is left, for tables whose keys are data.
    pub(crate) fn all(&mut self) -> Vec<(String, Item<'s>)> {
        let entries = std::mem::take(&mut self.entries);
        let item = |(key, value): (Spanned<Cow<'s, str>>, _)| {
            let key = key.into_inner().into_owned();
            (key.clone(), Item::new(self.place, self.mode, self.full(&key), value))
        };
        entries.into_iter().map(item).collect()
    }

    /// The tables under `key`, written `[[key]]`; none when it is absent.
    pub(crate) fn tables(&mut self, key: &'static str) -> Result<Vec<Table<'s>>, CatalogError> {
        match self.take(key) {
            Some(item) => item.list()?.into_iter().map(Item::table).collect(),
            None => Ok(Vec::new()),
        }
    }

    /// Refuses whatever was not asked for.
    pub(crate) fn finish(self) -> Result<(), CatalogError> {
        let Some((key, _)) = self.entries.iter().next() else { return Ok(()) };
        let known = self.asked.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        fail(self.place, key.span(), &self.full(key.get_ref()), format!("unknown key; known here are {known}"))
    }

    /// An error about the table as a whole.
    pub(crate) fn fail<T>(&self, reason: impl Into<String>) -> Result<T, CatalogError> {
        fail(self.place, self.span.clone(), &self.path, reason)
    }

    /// An error about a rule between keys, placed at the first of them that this table has.
    pub(crate) fn blame<T>(&self, keys: &[&str], reason: impl Into<String>) -> Result<T, CatalogError> {
        match self.taken.iter().find(|(taken, _)| keys.contains(&taken.as_str())) {
            Some((key, span)) => fail(self.place, span.clone(), &self.full(key), reason),
            None => self.fail(reason),
        }
    }

    /// Where the table stands, for errors that show only when other files are read too.
    pub(crate) fn whereabouts(&self) -> (Place<'s>, Range<usize>) {
        (self.place, self.span.clone())
    }

    fn full(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }
}

impl<'s> Table<'s> {
    pub(super) fn of(
        place: Place<'s>,
        mode: Mode,
        path: String,
        value: Spanned<DeValue<'s>>,
    ) -> Result<Self, CatalogError> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(entries) => Ok(Self::new(place, mode, path, span, entries)),
            other => fail(place, span, &path, format!("a table is wanted here, not a {}", other.type_str())),
        }
    }
}
