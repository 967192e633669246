//! The rooms of the house and who may import whom: the one table that the manifests are compared with.
//!
//! ```text
//! units <- ledger <- billing <- { store, connectors, documents } <- operations <- { gateway, web } <- tare
//!                               scenario: plays stories through operations; used by tare and tests
//!                               sim: random worlds, fake outside, auditor; never shipped
//!                               benches: ours beside the naive way; never shipped
//! ```

/// One crate of the workspace.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    /// The crate's name, and its folder's: under `crates/`, or at the root.
    pub name: &'static str,
    /// The rooms that its code may import.
    pub may_import: &'static [&'static str],
    /// The rooms that its tests and benches may import besides.
    pub tests_may_import: &'static [&'static str],
    /// Whether a user's binary holds it. What is shipped may not import what is not.
    pub is_shipped: bool,
}

/// Every room, from the ground up. A new crate is added here first.
pub const ROOMS: &[Room] = &[
    shipped("units", &[], &[]),
    shipped("ledger", &["units"], &["sim"]),
    shipped("billing", &["units", "ledger"], &["sim"]),
    shipped("store", &["units", "ledger", "billing"], &["sim"]),
    shipped("connectors", &["units", "ledger", "billing"], &[]),
    // Only `tare` imports it, as it takes long to build and nobody else waits for it.
    shipped("documents", &["units", "billing"], &[]),
    shipped("operations", &["units", "ledger", "billing", "store", "connectors"], &["sim"]),
    shipped("gateway", DOOR, &["sim"]),
    // One matrix of who may do what covers both doors.
    shipped("web", DOOR, &["sim", "gateway"]),
    shipped("scenario", &["units", "ledger", "billing", "store", "connectors", "operations"], &[]),
    shipped(
        "tare",
        &["units", "ledger", "billing", "store", "connectors", "documents", "operations", "gateway", "web", "scenario"],
        &["sim"],
    ),
    Room {
        name: "sim",
        may_import: &["units", "ledger", "billing", "store", "connectors", "operations", "scenario"],
        tests_may_import: &["gateway", "web"],
        is_shipped: false,
    },
    Room {
        name: "benches",
        may_import: &["units", "ledger", "billing", "store", "connectors", "operations", "gateway", "web", "sim"],
        tests_may_import: &[],
        is_shipped: false,
    },
    Room { name: "house", may_import: &[], tests_may_import: &[], is_shipped: false },
];

/// A door reads through the store's `Reader`; that it takes nothing else from there is a rule of its own.
const DOOR: &[&str] = &["units", "ledger", "billing", "store", "connectors", "operations"];

const fn shipped(
    name: &'static str,
    may_import: &'static [&'static str],
    tests_may_import: &'static [&'static str],
) -> Room {
    Room { name, may_import, tests_may_import, is_shipped: true }
}

/// A kind of outside crate that only some rooms may use.
#[derive(Clone, Copy, Debug)]
pub struct Wall {
    /// What the crates are for.
    pub what: &'static str,
    /// Their names; one that ends in `*` stands for all that begin so.
    pub crates: &'static [&'static str],
    /// The rooms that may use them, in code and tests.
    pub rooms: &'static [&'static str],
    /// Whether tests and benches of the other rooms may use them too.
    pub tests_may: bool,
    /// What to do instead.
    pub instead: &'static str,
}

/// Which outside crates stay in which rooms.
pub const OUTSIDE: &[Wall] = &[
    Wall {
        what: "a database driver",
        crates: &["rusqlite", "libsqlite3-sys", "tokio-postgres*", "postgres*", "deadpool*", "sqlx*", "diesel*"],
        // The naive way that `benches` measures ours beside speaks to the database itself.
        rooms: &["store", "benches"],
        tests_may: false,
        instead: "every line of SQL lives in `store`; add a function there and call it",
    },
    Wall {
        what: "HTTP",
        crates: &["axum*", "hyper*", "http", "http-*", "reqwest", "tower*", "ureq"],
        rooms: &["connectors", "gateway", "web", "tare", "sim", "benches"],
        tests_may: true,
        instead: "speak in values; only the doors and the connectors know HTTP",
    },
    Wall {
        what: "waiting",
        crates: &["tokio*", "futures*", "async-*"],
        rooms: &["store", "connectors", "operations", "gateway", "web", "scenario", "tare", "sim", "benches"],
        tests_may: false,
        instead: "the rules are pure: decide from values that `operations` has loaded",
    },
    Wall {
        what: "typesetting",
        crates: &["typst*"],
        rooms: &["documents"],
        tests_may: false,
        instead: "hand a document to `documents`, which others do not wait for",
    },
    Wall {
        what: "randomness",
        crates: &["rand*", "getrandom*", "fastrand", "oorandom"],
        rooms: &["tare", "sim", "benches"],
        tests_may: true,
        instead: "take what is random as an argument; `tare` makes it once a request or job",
    },
];
