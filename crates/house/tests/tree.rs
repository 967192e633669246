//! The rules, held against the tree itself.

use house::{ROOMS, Tree, Violation, exceptions, read_tree, rules};

fn hold(rule: impl Fn(&Tree) -> Vec<Violation>) {
    let lines: Vec<_> = rule(&read_tree()).iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "\n{}\n", lines.join("\n"));
}

#[test]
fn imports_follow_the_table() {
    hold(|tree| rules::imports(&tree.manifests));
}

#[test]
fn every_room_is_on_the_map() {
    hold(rules::map_is_whole);
}

#[test]
fn every_crate_forbids_unsafe_code() {
    hold(|tree| rules::lints_inherited(&tree.manifests));
}

#[test]
fn doors_take_only_the_reader_from_the_store() {
    hold(|tree| rules::doors_read_only(&tree.code));
}

#[test]
fn money_is_never_a_float() {
    hold(|tree| rules::no_floats(&tree.code));
}

#[test]
fn sql_stays_in_the_store() {
    hold(rules::sql_in_store);
}

#[test]
fn clock_and_randomness_stay_at_the_door() {
    hold(|tree| rules::no_clock(&tree.code, exceptions::CLOCK));
}

#[test]
fn nothing_is_left_for_later() {
    hold(rules::no_promises);
}

#[test]
fn nothing_shipped_unwraps() {
    hold(|tree| rules::no_unwrap(&tree.code));
}

#[test]
fn source_files_are_short() {
    hold(|tree| rules::short_files(tree, exceptions::LONG));
}

#[test]
fn no_machine_is_named() {
    hold(rules::no_machine);
}

/// Otherwise a room could reach another by way of a third, and the table would not say so.
#[test]
fn the_table_itself_runs_one_way() {
    for (at, room) in ROOMS.iter().enumerate() {
        for name in room.may_import {
            let below = ROOMS[..at].iter().find(|below| below.name == *name);
            let below = below.unwrap_or_else(|| panic!("`{}` imports `{name}`, which stands above it", room.name));
            assert!(below.is_shipped || !room.is_shipped, "`{}` is shipped and `{name}` is not", room.name);
        }
    }
}
