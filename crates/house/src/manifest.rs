//! A crate's manifest, as far as the rules ask: its name, what it depends on and where, and its lints.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where a dependency is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `[dependencies]` and `[build-dependencies]`: what the crate itself needs.
    Code,
    /// `[dev-dependencies]`: what only its tests and benches need.
    Tests,
}

/// One line of a dependency table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The package's own name, also where the manifest renames it.
    pub package: String,
    /// Who needs it.
    pub kind: Kind,
    /// The line in the manifest, counted from 1.
    pub line: usize,
}

/// One `Cargo.toml`.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The file, from the root of the repository.
    pub file: String,
    /// The package's name; empty in the workspace's own manifest.
    pub name: String,
    /// All dependency tables, those for one target too.
    pub dependencies: Vec<Dependency>,
    /// Whether it says `[lints] workspace = true`.
    pub inherits_lints: bool,
    /// The level of `unsafe_code` in `[workspace.lints.rust]`, in the workspace's own manifest.
    pub unsafe_code: Option<String>,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// Says why the text is not TOML.
    pub fn read(file: &str, text: &str) -> Result<Self, toml::de::Error> {
        let root = DeTable::parse(text)?.into_inner();
        let lints = table(&root, &["lints"]);
        Ok(Self {
            file: file.to_owned(),
            name: table(&root, &["package"]).and_then(|it| string(it, "name")).unwrap_or_default(),
            dependencies: dependencies(&root, text),
            inherits_lints: lints.and_then(|it| it.get("workspace")?.get_ref().as_bool()) == Some(true),
            unsafe_code: table(&root, &["workspace", "lints", "rust"]).and_then(|it| string(it, "unsafe_code")),
        })
    }
}

fn dependencies(root: &DeTable<'_>, text: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    let for_targets = table(root, &["target"]).into_iter().flat_map(|it| it.values());
    for section in std::iter::once(root).chain(for_targets.filter_map(|it| it.get_ref().as_table())) {
        for (name, kind) in
            [("dependencies", Kind::Code), ("build-dependencies", Kind::Code), ("dev-dependencies", Kind::Tests)]
        {
            for (key, value) in table(section, &[name]).into_iter().flatten() {
                found.push(Dependency { package: package(key, value), kind, line: line(text, key.span().start) });
            }
        }
    }
    found
}

fn package(key: &Spanned<toml::de::DeString<'_>>, value: &Spanned<DeValue<'_>>) -> String {
    value.get_ref().as_table().and_then(|it| string(it, "package")).unwrap_or_else(|| key.get_ref().to_string())
}

fn table<'a, 'i>(root: &'a DeTable<'i>, path: &[&str]) -> Option<&'a DeTable<'i>> {
    path.iter().try_fold(root, |inner, key| inner.get(*key)?.get_ref().as_table())
}

fn string(inner: &DeTable<'_>, key: &str) -> Option<String> {
    inner.get(key)?.get_ref().as_str().map(str::to_owned)
}

fn line(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}
