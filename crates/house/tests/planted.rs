//! Each rule refuses what it is there to refuse: a violation is planted in a small tree, and its place is named.

use house::{Code, Exception, Manifest, Tree, Violation, rules};

fn tree(file: &str, text: &str) -> Tree {
    let mut tree = Tree { files: vec![(file.to_owned(), text.to_owned())], ..Tree::default() };
    if file.ends_with(".rs") {
        tree.code.push(Code::read(file, text).unwrap());
    }
    if file.ends_with("Cargo.toml") {
        tree.manifests.push(Manifest::read(file, text).unwrap());
    }
    tree
}

fn code(file: &str, text: &str) -> Vec<Code> {
    tree(file, text).code
}

fn lines(violations: &[Violation]) -> Vec<usize> {
    violations.iter().map(|one| one.line).collect()
}

fn manifest(name: &str, rest: &str) -> Vec<Manifest> {
    let text = format!("[package]\nname = \"{name}\"\n[lints]\nworkspace = true\n{rest}");
    tree(&format!("crates/{name}/Cargo.toml"), &text).manifests
}

#[test]
fn a_float_in_the_ledger_is_refused() {
    let text = "//! 1.5 in a comment is none.\n\
                fn half(part: f64) {}\n\
                const HALF: u8 = wrong(0.5);\n\
                fn tuple(pair: ((u8, u8), u8)) -> u8 { pair.0.1 }\n\
                fn read(json: &Value) { assert_eq!(json.as_f64(), 3e2, \"0.5\"); }\n\
                const FINE: (usize, u8, &str) = (7usize, 0xE1, \"1.5\");\n\
                fn ranges() { for step in 0..15 {} let open = ..2.5; }\n";
    for room in ["units", "ledger", "billing"] {
        let found = rules::no_floats(&code(&format!("crates/{room}/src/draw.rs"), text));
        assert_eq!(lines(&found), [2, 3, 5, 5, 7], "{found:?}");
    }
    assert!(rules::no_floats(&code("crates/gateway/src/draw.rs", text)).is_empty());
}

#[test]
fn a_violation_names_file_line_rule_and_way_out() {
    let found = rules::no_floats(&code("crates/ledger/src/draw.rs", "\nfn half(part: f64) {}\n"));
    assert_eq!(
        found[0].to_string(),
        "crates/ledger/src/draw.rs:2: no floats where money is decided: found `f64`. Instead: an integer in a named \
         unit: Amount, Cost, UnitPrice, Cents, or parts of a whole"
    );
}

#[test]
fn sql_outside_the_store_is_refused() {
    let sql = [
        "SELECT 1",
        "select id from wallets",
        "  SELECT\\n   *\\n FROM grants",
        "insert into holds (id) values (?1)",
        "UPDATE grants SET amount = 1",
        "update grants set amount = 1",
        "WITH due AS (VALUES (1))",
        "create database tare_test",
        "PRAGMA journal_mode",
        " WHERE wallet = $1 ORDER BY id",
        "id FROM holds WHERE",
    ];
    for text in sql {
        let text = format!("//! select id from wallets\nfn load() {{\n    run(\"{text}\");\n}}\n");
        let found = rules::sql_in_store(&tree("crates/operations/src/load.rs", &text));
        assert_eq!(lines(&found), [3], "{text}");
        assert!(rules::sql_in_store(&tree("crates/store/src/load.rs", &text)).is_empty());
    }
    let inside_a_macro = "fn load() { assert_eq!(1, query!(r#\"delete from holds\"#)); }";
    assert_eq!(rules::sql_in_store(&tree("crates/web/tests/load.rs", inside_a_macro)).len(), 1);
    assert_eq!(rules::sql_in_store(&tree("crates/web/src/wallets.sql", "")).len(), 1);
    assert!(rules::sql_in_store(&tree("crates/store/migrations/0001.sql", "")).is_empty());
}

#[test]
fn sentences_are_not_sql() {
    let sentences = [
        "Select a card from the list",
        "select the newest",
        "update the price list, then set it",
        "with care, as (always)",
        "from 1 to 5",
        "Create table and chairs",
        "SET",
        "selection(3)",
        "grüße aus Łódź: drei Äpfel",
    ];
    for text in sentences {
        let found = rules::sql_in_store(&tree("crates/web/src/page.rs", &format!("const TEXT: &str = {text:?};")));
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

#[test]
fn an_import_against_the_table_is_refused() {
    let against = [
        ("ledger", "[dependencies]\nbilling.workspace = true"),
        ("ledger", "[dependencies]\nbooks = { package = \"store\", path = \"../store\" }"),
        ("billing", "[target.'cfg(unix)'.dependencies]\nstore.workspace = true"),
        ("store", "[build-dependencies]\nconnectors.workspace = true"),
        ("gateway", "[dependencies]\nweb.workspace = true"),
        ("operations", "[dependencies]\nscenario.workspace = true"),
        ("units", "[dev-dependencies]\nsim.workspace = true"),
        ("tare", "[dependencies]\nsim.workspace = true"),
        ("tare", "[dev-dependencies]\nhouse.workspace = true"),
    ];
    for (room, table) in against {
        let found = rules::imports(&manifest(room, table));
        assert_eq!(lines(&found), [6], "{room}: {table}");
    }
    let with_it = [
        ("billing", "[dependencies]\nunits.workspace = true\nledger.workspace = true"),
        ("gateway", "[dependencies]\noperations.workspace = true\n[dev-dependencies]\nsim.workspace = true"),
        ("tare", "[dev-dependencies]\nsim.workspace = true"),
    ];
    for (room, table) in with_it {
        assert_eq!(rules::imports(&manifest(room, table)), []);
    }
}

#[test]
fn a_crate_that_the_table_does_not_name_is_refused() {
    let found = rules::imports(&manifest("cellar", ""));
    assert!(found[0].to_string().contains("`cellar`"), "{}", found[0]);
}

#[test]
fn a_room_that_the_map_does_not_show_is_refused() {
    let map = "| [`units`](crates/units) | amounts | customers |\n`ledger` in a sentence is no row\n";
    let mut world = tree("ARCHITECTURE.md", map);
    world.manifests = [manifest("units", ""), manifest("ledger", "")].concat();
    let found = rules::map_is_whole(&world);
    assert_eq!(found.len(), 1);
    assert!(found[0].to_string().contains("`ledger`"), "{}", found[0]);
}

#[test]
fn outside_crates_stay_in_their_rooms() {
    let refused = [
        ("operations", "[dependencies]\nrusqlite.workspace = true"),
        ("web", "[dev-dependencies]\ntokio-postgres.workspace = true"),
        ("operations", "[dependencies]\naxum.workspace = true"),
        ("billing", "[dependencies]\ntokio.workspace = true"),
        ("ledger", "[dependencies]\nrand.workspace = true"),
    ];
    for (room, table) in refused {
        assert_eq!(lines(&rules::imports(&manifest(room, table))), [6], "{room}: {table}");
    }
    assert_eq!(rules::imports(&manifest("ledger", "[dev-dependencies]\nrand.workspace = true")), []);
    assert_eq!(rules::imports(&manifest("store", "[dependencies]\nrusqlite.workspace = true")), []);
}

#[test]
fn a_crate_with_lints_of_its_own_is_refused() {
    let own = tree("crates/units/Cargo.toml", "[package]\nname = \"units\"\n[lints.rust]\nunsafe_code = \"allow\"");
    assert_eq!(rules::lints_inherited(&own.manifests).len(), 1);
    let allowing = tree("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"deny\"");
    assert_eq!(rules::lints_inherited(&allowing.manifests).len(), 1);
    let forbidding = tree("Cargo.toml", "[workspace.lints.rust]\nunsafe_code = \"forbid\"");
    assert_eq!(rules::lints_inherited(&forbidding.manifests), []);
    assert_eq!(rules::lints_inherited(&manifest("units", "")), []);
}

#[test]
fn a_door_that_writes_is_refused() {
    let text = "use store::{Reader, Store as Books, UserRow};\nfn read(reader: Reader) -> UserRow {}\nfn write(books: &Books) {}\n";
    assert_eq!(lines(&rules::doors_read_only(&code("crates/web/src/wallet.rs", text))), [1, 3]);
    assert!(rules::doors_read_only(&code("crates/operations/src/wallet.rs", text)).is_empty());
}

#[test]
fn a_clock_below_the_door_is_refused() {
    let text = "use std::time::{Duration, Instant, SystemTime as Wall};\n\
                use tokio::time;\n\
                fn one() { let began = Instant::now(); }\n\
                fn two() { let now = Wall::now(); }\n\
                fn three() { let now = jiff::Timestamp::now(); }\n\
                fn four() { let id = uuid::Uuid::now_v7(); }\n\
                fn five() -> u8 { rand::random() }\n\
                fn six() { wallets.map(Instant::now); trace!(at = ?Wall::now()); }\n\
                fn fine() { let until = time::Instant::now() + Duration::from_secs(1); }\n\
                #[cfg(test)]\n\
                mod tests { fn seven() { Instant::now(); } }\n\
                fn eight() { Instant::now(); }\n";
    let found = rules::no_clock(&code("crates/gateway/src/relay.rs", text), &[]);
    assert_eq!(lines(&found), [3, 4, 5, 6, 7, 8, 8, 12]);
    for elsewhere in ["crates/tare/src/clock.rs", "crates/sim/src/world.rs", "crates/gateway/tests/relay.rs"] {
        assert!(rules::no_clock(&code(elsewhere, text), &[]).is_empty());
    }
}

#[test]
fn an_exception_excuses_its_file_and_is_refused_when_it_is_not_needed() {
    let exception = [Exception { file: "crates/gateway/src/relay.rs", reason: "measures latency" }];
    let reads = code("crates/gateway/src/relay.rs", "fn one() { std::time::Instant::now(); }");
    assert_eq!(rules::no_clock(&reads, &exception), []);
    let not_any_more = code("crates/gateway/src/relay.rs", "fn one() {}");
    assert!(rules::no_clock(&not_any_more, &exception)[0].to_string().contains("measures latency"));
}

#[test]
fn what_is_left_for_later_is_refused() {
    let text = "fn later() { todo!() }\n\
                fn never() { core::unimplemented!(\"no\") }\n\
                #[test]\n\
                #[ignore = \"slow\"]\n\
                fn slow() {}\n\
                #[cfg_attr(windows, ignore)]\n\
                fn windows() {}\n\
                /// ```ignore\n\
                fn example() {}\n\
                fn fine(ignore: bool) { let todo = ignore; }\n";
    let found = rules::no_promises(&tree("crates/ledger/src/later.rs", text));
    assert_eq!(lines(&found), [1, 2, 4, 6, 8]);
    let note = format!("fn it() {{}} // {}: the rest", "todo".to_uppercase());
    assert_eq!(rules::no_promises(&tree("crates/ledger/src/later.rs", &note)).len(), 1);
    assert_eq!(rules::no_promises(&tree("docs/plan.md", &note)).len(), 1);
}

#[test]
fn an_unwrap_outside_tests_is_refused() {
    let text = "fn load() { find().unwrap(); other.unwrap_or(1); }\n#[test]\nfn tested() { find().unwrap(); }\n";
    assert_eq!(lines(&rules::no_unwrap(&code("crates/store/src/load.rs", text))), [1]);
    assert!(rules::no_unwrap(&code("crates/store/tests/load.rs", text)).is_empty());
}

#[test]
fn a_long_file_is_refused() {
    let text = "\n".repeat(rules::MAX_LINES + 1);
    assert_eq!(rules::short_files(&tree("crates/web/src/page.rs", &text), &[]).len(), 1);
    assert_eq!(rules::short_files(&tree("crates/web/src/page.rs", &text[1..]), &[]), []);
    assert_eq!(rules::short_files(&tree("prices/openai.toml", &text), &[]), []);
}

#[test]
fn machine_paths_and_package_hosts_are_refused() {
    let registry = ["npmjs", "org"].join(".");
    let folder = ["", "home", "ana", "tare"].join("/");
    for line in [format!("curl \"{folder}\""), format!("file://{folder}"), format!("see registry.{registry}/ai")] {
        let found = rules::no_machine(&tree("docs/setup.md", &format!("\n{line}\n")));
        assert_eq!(lines(&found), [2], "{line}");
    }
    for line in ["/v1/work/items", "$ROOT/home/x", "a homework/ folder", "/tmp/tare"] {
        assert_eq!(rules::no_machine(&tree("docs/setup.md", line)), [], "{line}");
    }
}
