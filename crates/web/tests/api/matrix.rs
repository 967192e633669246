//! Who may do what: every route of the site and of the gateway behind it, asked by everybody, about what is theirs,
//! somebody else's, and nobody's.
//!
//! The routes are those that the running server mounts, and the expected table stands in `matrix.txt`: a route that
//! has no row there fails. Whatever is somebody else's must answer like what never was, in every byte but the id of
//! the request. `TARE_ACCEPT=1` writes the table anew, to be read line by line.

mod ask;
mod team;

use std::collections::HashMap;

use ask::Door;
use team::Team;

use crate::world::World;

/// Of the organization that is asked about.
const OURS: [&str; 10] =
    ["owner", "admin", "billing", "member", "own-key", "team-key", "org-key", "device", "revoked-key", "expired-key"];
/// Who has nothing to do with it, or not any more. `other-` people belong to the other organization.
const OUTSIDE: [&str; 11] = [
    "nobody",
    "removed",
    "removed-key",
    "removed-own",
    "stranger",
    "other-owner",
    "other-admin",
    "other-billing",
    "other-member",
    "other-team-key",
    "operator",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let world = World::sqlite().await.with_gateway().await;
    let callers: Vec<&str> = OURS.into_iter().chain(OUTSIDE).collect();
    let mut table: Vec<String> = vec![row("", &callers.iter().map(ToString::to_string).collect::<Vec<_>>(), &callers)];
    let (mut ours, foreign) = (Team::new(&world).await, Team::new(&world).await);
    let mut cells = 0;
    for route in ask::routes() {
        let mut rows: Vec<(&str, Vec<String>)> = Vec::new();
        for caller in &callers {
            let mut said = HashMap::new();
            for (index, target) in route.targets(&ours.names, &foreign.names).iter().enumerate() {
                if rows.len() <= index {
                    rows.push((target.name, Vec::new()));
                }
                let (who, is_other) = match caller.strip_prefix("other-") {
                    Some(name) => (foreign.find(name), true),
                    None => (ours.find(caller), false),
                };
                // What is foreign to us is theirs; about ours they are asked.
                if is_other && target.name == "foreign" {
                    rows[index].1.push("-".to_owned());
                    continue;
                }
                let (status, text) = route.ask(&world, who, target, ours.spare).await;
                cells += 1;
                rows[index].1.push(status);
                said.insert(target.name, text);
            }
            // What a change leaves behind is not in the way of the next caller.
            let is_done = rows.iter().any(|(_, cells)| cells.last().is_some_and(|cell| cell.starts_with('2')));
            if is_done && route.method != "GET" && route.door == Door::Api && !route.path.contains("/sign-in/") {
                ours = Team::new(&world).await;
            }
            // An operator sees everything of this server, at the routes for operators.
            let path = route.path.trim_start_matches("/api/v1");
            let is_operators = *caller == "operator" && path.starts_with("/operator/");
            let same = |one: &str, other: &str| {
                if let (Some(one), Some(other)) = (said.get(one), said.get(other)) {
                    let place = format!("{} {} tells {caller}", route.method, route.path);
                    assert_eq!(one, other, "{place} what is somebody else's");
                }
            };
            if !is_operators {
                same("foreign", "absent");
                same("own/foreign", "own/absent");
            }
            if OUTSIDE.contains(caller) && !is_operators {
                same("own", "absent");
            }
        }
        let named = rows.iter().map(|(target, cells)| {
            let name = format!("{:<6} {} [{target}]", route.method, route.path);
            row(&name, cells, &callers)
        });
        table.extend(named);
    }
    assert!(cells >= 1_500, "only {cells} cells");
    compare(&table);
    world.close().await;
}

/// A line of the table, its cells below the names of the callers.
fn row(name: &str, cells: &[String], callers: &[&str]) -> String {
    let cells = cells.iter().zip(callers).map(|(cell, caller)| format!("{cell:<width$}", width = caller.len().max(3)));
    format!("{name:<85} {}", cells.collect::<Vec<_>>().join(" ")).trim_end().to_owned()
}

fn compare(table: &[String]) {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/matrix.txt");
    if std::env::var_os("TARE_ACCEPT").is_some() {
        std::fs::write(file, table.join("\n") + "\n").unwrap();
    }
    let expected = std::fs::read_to_string(file).unwrap_or_default();
    let expected: Vec<&str> = expected.lines().collect();
    let new: Vec<&String> = table.iter().filter(|line| !expected.contains(&line.as_str())).collect();
    let gone: Vec<&&str> = expected.iter().filter(|line| !table.iter().any(|known| known == **line)).collect();
    assert!(new.is_empty() && gone.is_empty(), "the server answers {new:#?}\nwhere the table has {gone:#?}");
}
