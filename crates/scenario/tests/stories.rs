//! Every story of `scenarios/` goes as told, on both databases, and leaves the same books.

use std::path::{Path, PathBuf};

use scenario::{Played, Story, play};
use store::{Database, Scratch};

fn stories() -> Vec<(PathBuf, Story)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|file| is_story(file)).collect();
    files.sort();
    assert!(files.len() >= 8, "the stories are gone");
    files.into_iter().map(|file| (file.clone(), read(&file))).collect()
}

fn is_story(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "toml")
}

fn read(file: &Path) -> Story {
    let text = std::fs::read_to_string(file).unwrap();
    Story::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn check(file: &Path, played: &Played) {
    assert!(played.failed.is_empty(), "{}:\n{}", file.display(), played.failed.join("\n"));
}

async fn on_sqlite(story: &Story) -> Played {
    let folder = tempfile::tempdir().unwrap();
    play(story, Database::Sqlite(folder.path().join("story.db")), |_| {}).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_stories_go_as_told_on_sqlite() {
    for (file, story) in stories() {
        check(&file, &on_sqlite(&story).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_stories_go_as_told_on_postgres_and_print_the_same() {
    let server = std::env::var("TARE_TEST_POSTGRES")
        .expect("TARE_TEST_POSTGRES is not set: run `make test`, or `tools/postgres with -- cargo nextest run`");
    for (file, story) in stories() {
        // The million requests are played once; what they show does not depend on the database.
        if file.ends_with("exact-cost.toml") {
            continue;
        }
        let scratch = Scratch::create(&server).await.unwrap();
        let played = play(&story, scratch.database(), |_| {}).await.unwrap();
        scratch.drop_database().await.unwrap();
        check(&file, &played);
        let print = |played: &Played| serde_json::to_string_pretty(played).unwrap();
        assert_eq!(print(&played), print(&on_sqlite(&story).await), "{}", file.display());
    }
}

#[test]
fn what_is_wrong_is_named_with_its_line_before_anything_runs() {
    let head = "name = 'x'\nstart = 2026-01-31T00:00:00Z\n";
    for (text, line, reason) in [
        ("[[step]]\ndo = 'fly'", 3, "there is no step `fly`"),
        ("[[step]]\ndo = 'sign_up'\nuser = 'ana'\nage = 7", 6, "`sign_up` has no key `age`"),
        ("[[step]]\ndo = 'grant'\nwallet = 'bob'\namount = 1", 3, "`bob` is not known here"),
        (
            "[[step]]\ndo = 'sign_up'\nuser = 'ana'\n[[step]]\ndo = 'grant'\nwallet = 'ana'\namount = 'much'",
            9,
            "`much` is not",
        ),
        (
            "[[step]]\ndo = 'sign_up'\nuser = 'ana'\n[[step]]\ndo = 'use'\nwallet = 'ana'",
            6,
            "either `cost`, or `model`",
        ),
        ("[[step]]\ndo = 'wait'\nat = 2026-01-30T00:00:00Z", 3, "`at` goes back"),
        ("[[step]]\ndo = 'settle'\nid = 'h'\ncost = 1", 3, "no earlier step places a hold `h`"),
        ("[catalog]\nwelcome.dais = 3\n[[step]]\ndo = 'wait'", 4, "welcome.dais"),
        ("[[step]]\ndo = 'wait", 4, ""),
    ] {
        let error = Story::parse(&format!("{head}{text}")).expect_err(text);
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.reason.contains(reason), "{text}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_story_that_goes_otherwise_says_where() {
    let text = "name = 'x'\nstart = 2026-01-31T00:00:00Z\n\
        [[step]]\ndo = 'sign_up'\nuser = 'ana'\nexpect = { 'wallets.ana.available' = '4.00' }\n\
        [[step]]\ndo = 'use'\nwallet = 'ana'\ncost = 6\n\
        [[step]]\ndo = 'use'\nwallet = 'ana'\ncost = 1\nrefused = 'insufficient_credits'";
    let played = on_sqlite(&Story::parse(text).unwrap()).await;
    assert_eq!(
        played.failed,
        [
            "step 1 (line 3): expected wallets.ana.available = 4.00, found 5.00",
            "step 2 (line 7): expected ok, was refused insufficient_credits",
            "step 3 (line 11): expected refused insufficient_credits, was ok",
        ]
    );
}
