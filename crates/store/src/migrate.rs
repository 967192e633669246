//! The shape of the database, version by version.

use crate::Fault;
use crate::session::{Dialect, Session};

/// Every migration, oldest first. A released one never changes.
const MIGRATIONS: [&str; 22] = [
    include_str!("../migrations/0001_people_and_books.sql"),
    include_str!("../migrations/0002_spenders.sql"),
    include_str!("../migrations/0003_jobs.sql"),
    include_str!("../migrations/0004_journal_segments.sql"),
    include_str!("../migrations/0005_people.sql"),
    include_str!("../migrations/0006_amendments.sql"),
    include_str!("../migrations/0007_answers.sql"),
    include_str!("../migrations/0008_byok.sql"),
    include_str!("../migrations/0009_payments.sql"),
    include_str!("../migrations/0010_oidc.sql"),
    include_str!("../migrations/0011_daily_roots.sql"),
    include_str!("../migrations/0012_self_check.sql"),
    include_str!("../migrations/0013_invoices.sql"),
    include_str!("../migrations/0014_top_ups.sql"),
    include_str!("../migrations/0015_refunds_and_contests.sql"),
    include_str!("../migrations/0016_card_tries.sql"),
    include_str!("../migrations/0017_alerts.sql"),
    include_str!("../migrations/0018_refunds_of_wallets.sql"),
    include_str!("../migrations/0019_bills.sql"),
    include_str!("../migrations/0020_event_listings.sql"),
    include_str!("../migrations/0021_passes.sql"),
    include_str!("../migrations/0022_suspensions.sql"),
];

/// The version that this program works with.
pub(crate) const KNOWN: i64 = MIGRATIONS.len() as i64;

/// Brings the database to the known version, inside the caller's transaction.
pub(crate) async fn migrate(session: &mut Session<'_>) -> Result<(), Fault> {
    migrate_to(session, KNOWN).await
}

async fn migrate_to(session: &mut Session<'_>, wanted: i64) -> Result<(), Fault> {
    is_empty(session).await?;
    session.run("CREATE TABLE IF NOT EXISTS schema_version (version bigint NOT NULL PRIMARY KEY)").await?;
    let found = version(session).await?;
    check(found)?;
    for (migration, version) in MIGRATIONS.iter().zip(1..=wanted).skip(found as usize) {
        session.run(&translate(migration, session.dialect())).await?;
        session.execute("INSERT INTO schema_version (version) VALUES ($1)", &[version.into()]).await?;
    }
    Ok(())
}

/// Whether there are no tables yet. A database with tables in which ours is missing is refused: somebody
/// mistyped an address.
async fn is_empty(session: &mut Session<'_>) -> Result<bool, Fault> {
    let tables = match session.dialect() {
        Dialect::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        Dialect::Postgres => "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()",
    };
    let rows = session.query(tables, &[]).await?;
    let names = rows.into_iter().map(|mut row| row.take()).collect::<Result<Vec<String>, _>>()?;
    match names.is_empty() || names.iter().any(|name| name == "schema_version") {
        true => Ok(names.is_empty()),
        false => Err(Fault::Unusable(
            "the database belongs to another program: it has tables, but not tare's. Use an empty one".to_owned(),
        )),
    }
}

/// Refuses a database that this program cannot read as it is.
pub(crate) async fn require_known(session: &mut Session<'_>) -> Result<(), Fault> {
    if is_empty(session).await? {
        return Err(Fault::Fresh);
    }
    let found = version(session).await?;
    check(found)?;
    if found < KNOWN {
        return Err(Fault::Unusable(format!(
            "the database has version {found}, this program needs {KNOWN}. Start `tare serve` once to bring it up to date"
        )));
    }
    Ok(())
}

async fn version(session: &mut Session<'_>) -> Result<i64, Fault> {
    match session.find("SELECT max(version) FROM schema_version", &[]).await? {
        Some(mut row) => Ok(row.take::<Option<i64>>()?.unwrap_or(0)),
        None => Ok(0),
    }
}

fn check(found: i64) -> Result<(), Fault> {
    match found > KNOWN {
        true => Err(Fault::Newer { found, known: KNOWN }),
        false => Ok(()),
    }
}

/// The text of a migration for one database.
fn translate(text: &str, dialect: Dialect) -> String {
    let (words, only): (&[(&str, &str)], _) = match dialect {
        Dialect::Sqlite => (
            &[
                ("{ID}", "BLOB"),
                ("{BYTES}", "BLOB"),
                ("{COUNT}", "INTEGER"),
                ("{TEXT}", "TEXT"),
                ("{TABLE}", "STRICT"),
                ("{CLUSTERED}", "STRICT, WITHOUT ROWID"),
            ],
            "--- sqlite",
        ),
        Dialect::Postgres => (
            &[
                ("{ID}", "uuid"),
                ("{BYTES}", "bytea"),
                ("{COUNT}", "bigint"),
                ("{TEXT}", "text COLLATE \"C\""),
                ("{TABLE}", ""),
                ("{CLUSTERED}", ""),
            ],
            "--- postgres",
        ),
    };
    let mut kept = String::with_capacity(text.len());
    let mut is_ours = true;
    for line in text.lines() {
        match line.strip_prefix("--- ") {
            Some("end") => is_ours = true,
            Some(_) => is_ours = line == only,
            None if is_ours => {
                kept.push_str(line);
                kept.push('\n');
            }
            None => {}
        }
    }
    words.iter().fold(kept, |text, (word, meaning)| text.replace(word, meaning))
}

#[cfg(test)]
mod tests {
    use billing::seat::Seating;
    use rusqlite::Connection;
    use units::Instant;

    use super::*;
    use crate::{Database, Scratch};

    /// The last version in which seats stood in two columns.
    const IN_COLUMNS: i64 = 18;

    /// Seats, the end of the trial where no plan was bought, and the beginning.
    const OLD: [(i64, Option<&str>, &str); 3] = [
        (5, Some("2028-03-14T23:30:00.000001Z"), "2028-02-29T23:30:00.000001Z"),
        (0, Some("2026-12-31T23:59:59.999999Z"), "2026-12-17T23:59:59.999999Z"),
        (12, None, "2028-02-29T00:00:00Z"),
    ];

    /// Organizations keep their seats and the end of their trial to the microsecond; who had a plan without a term begins
    /// with a trial that is over.
    async fn organizations_keep_their_seats(session: &mut Session<'_>) {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        migrate_to(session, IN_COLUMNS).await.unwrap();
        for (number, (seats, trial_ends_at, created_at)) in (1..).zip(OLD) {
            let (id, wallet) = (uuid::Uuid::from_u128(number), uuid::Uuid::from_u128(number + 100));
            let sql = "INSERT INTO organizations (id, name, wallet, seats, trial_ends_at, created_at) \
                       VALUES ($1, 'Acme', $2, $3, $4, $5)";
            let values = [id.into(), wallet.into(), seats.into(), trial_ends_at.map(at).into(), at(created_at).into()];
            session.execute(sql, &values).await.unwrap();
        }
        migrate(session).await.unwrap();
        migrate(session).await.unwrap();
        assert_eq!(version(session).await.unwrap(), KNOWN);
        let rows = session.query("SELECT seating FROM organizations ORDER BY id", &[]).await.unwrap();
        let kept: Vec<Seating> =
            rows.into_iter().map(|mut row| serde_json::from_str(&row.take::<String>().unwrap()).unwrap()).collect();
        let seating = |(seats, trial_ends_at, created_at): (i64, Option<&str>, &str)| {
            Seating::on_trial(u32::try_from(seats).unwrap(), at(trial_ends_at.unwrap_or(created_at)))
        };
        assert_eq!(kept, OLD.map(seating));
    }

    #[tokio::test]
    async fn organizations_keep_their_seats_on_sqlite() {
        let mut connection = Connection::open_in_memory().unwrap();
        organizations_keep_their_seats(&mut Session::sqlite(&mut connection, "migrating")).await;
    }

    #[tokio::test]
    async fn organizations_keep_their_seats_on_postgres() {
        let server = std::env::var("TARE_TEST_POSTGRES").expect(
            "TARE_TEST_POSTGRES must be the URL of a PostgreSQL server for tests; \
             `tools/postgres with -- cargo nextest run -p store` starts one",
        );
        let scratch = Scratch::create(&server).await.unwrap();
        let Database::Postgres(url) = scratch.database() else { unreachable!("it is on PostgreSQL") };
        let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
        tokio::spawn(connection);
        // An hour that is another day elsewhere.
        client.batch_execute("SET timezone = 'Pacific/Kiritimati'").await.unwrap();
        organizations_keep_their_seats(&mut Session::postgres(&client, "migrating")).await;
        drop(client);
        scratch.drop_database().await.unwrap();
    }
}
