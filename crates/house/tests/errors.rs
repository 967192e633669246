//! The list of errors is what the program says, and every one of them is shown by a test.

use house::{errors, read_tree};

#[test]
fn the_list_of_errors_is_true_and_each_is_shown() {
    let codes = errors::codes(&read_tree());
    assert!(codes.len() >= 20, "the codes were not found: {:?}", codes.keys());
    let unshown: Vec<_> = codes.iter().filter(|(_, code)| code.shown_in.is_none()).map(|(name, _)| name).collect();
    assert!(unshown.is_empty(), "no test provokes {unshown:?}");

    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors.md");
    let expected = errors::render(&codes);
    if std::env::var_os("TARE_ACCEPT").is_some() {
        std::fs::write(file, &expected).expect("docs/ can be written");
    }
    let found = std::fs::read_to_string(file).unwrap_or_default();
    assert_eq!(found, expected, "docs/errors.md is not what the program says; TARE_ACCEPT=1 writes it anew");
}
