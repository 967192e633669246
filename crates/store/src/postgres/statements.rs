//! The statements of the bookkeeper and of the projector, prepared once for each of their connections.
//!
//! Sets of rows travel as one array for each column. Plans are generic and must walk the keys, however
//! small a table was when the plan was made, so the other ways to join are switched off here.

use futures_util::future::try_join_all;
use tokio_postgres::{Client, Error, Statement};

use super::batches::HAPPENED;
use crate::books::{CHARGE, GRANT, HEAD, HOLD, TRANSFER};

/// Settings of their connections.
pub(super) const SETTINGS: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; \
    SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off";

/// How the bookkeeper begins. The lock is asked for before anything is read: the snapshot is taken when it was granted.
pub(super) const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ; LOCK TABLE log_fence IN EXCLUSIVE MODE";

macro_rules! statements {
    ($(#[$of:meta])* $kind:ident: $($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $(#[$of])*
        pub(super) struct $kind {
            $($(#[$doc])* pub $name: Statement,)*
        }

        impl $kind {
            /// Prepares all of them in one round trip or two.
            pub(super) async fn prepare(client: &Client) -> Result<Self, Error> {
                let texts = [$($sql.to_owned()),*];
                let mut prepared = try_join_all(texts.iter().map(|sql| client.prepare(sql))).await?.into_iter();
                let mut next = || prepared.next().expect("as many statements as texts");
                Ok(Self { $($name: next(),)* })
            }

            /// The texts, for the test that reads their plans.
            #[cfg(test)]
            pub(super) fn texts() -> Vec<(&'static str, String)> {
                vec![$((stringify!($name), $sql.to_owned())),*]
            }
        }
    };
}

statements! {
    /// What the bookkeeper asks, and how it appends.
    Asking:
    log_since = "SELECT number, body FROM log WHERE number > $1 ORDER BY number";
    projected = PROJECTED;
    refused = REFUSED;
    heads = format!("SELECT {HEAD} FROM wallets WHERE id = ANY($1)");
    live_grants = format!("SELECT {GRANT} FROM grants WHERE wallet = ANY($1) AND drained = 0");
    open_holds = format!("SELECT {HOLD} FROM open_holds WHERE wallet = ANY($1)");
    keys = "SELECT k.wallet, k.key_hash, k.content, k.outcome FROM unnest($1::uuid[], $2::bytea[]) \
        AS u(wallet, key_hash) JOIN idempotency k ON k.wallet = u.wallet AND k.key_hash = u.key_hash";
    grants = "SELECT g.wallet, g.id FROM unnest($1::uuid[], $2::uuid[]) AS u(wallet, id) \
        JOIN grants g ON g.wallet = u.wallet AND g.id = u.id";
    charged = format!(
        "SELECT {} FROM unnest($1::uuid[], $2::uuid[]) AS u(u_wallet, u_id) \
         JOIN charges ON wallet = u_wallet AND id = u_id", CHARGE
    );
    ended = "SELECT e.wallet, e.id, e.how FROM unnest($1::uuid[], $2::uuid[]) AS u(wallet, id) \
        JOIN ended_holds e ON e.wallet = u.wallet AND e.id = u.id";
    spent_by_user = spent_by("user_id");
    spent_with_key = spent_by("api_key");
    transfers_of = format!(
        "SELECT {} FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS u(u_wallet, u_from, u_until) \
         JOIN transfers ON wallet = u_wallet AND seq >= u_from AND seq < u_until ORDER BY wallet, seq", TRANSFER
    );

    happened = HAPPENED;
    forget_happened = "DELETE FROM batches WHERE node = $1 AND number < $2";
    append = "INSERT INTO log (number, body) VALUES ($1, $2)";
}

const PROJECTED: &str = "SELECT number FROM projected WHERE one = 1";
const REFUSED: &str = "SELECT DISTINCT wallet FROM refused_pages";

statements! {
    /// How the projector writes the tables.
    Writing:
    projected = PROJECTED;
    refused = REFUSED;
    oldest = "SELECT number, body FROM log WHERE number > $1 ORDER BY number LIMIT $2";
    put_aside = "INSERT INTO refused_pages (wallet, number, body) VALUES ($1, $2, $3)";
    mark = "UPDATE projected SET number = $1 WHERE one = 1";
    forget = "DELETE FROM log WHERE number <= $1";
    save_heads = "UPDATE wallets w SET logged = u.logged, remainder = u.remainder, head_seq = u.seq, \
        head_hash = u.hash, head_at = u.moved_at FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], \
        $5::bytea[], $6::bigint[]) AS u(id, logged, remainder, seq, hash, moved_at) WHERE w.id = u.id";
    amend_grants = "UPDATE grants g SET left_nanos = coalesce(u.left_nanos, g.left_nanos), \
        drained = (coalesce(u.left_nanos, g.left_nanos) = 0)::int, \
        refunding_nanos = coalesce(u.refunding, g.refunding_nanos), \
        refunded_nanos = coalesce(u.refunded, g.refunded_nanos), \
        expired_nanos = coalesce(u.expired, g.expired_nanos), taken_nanos = coalesce(u.taken, g.taken_nanos), \
        disputes = coalesce(u.disputes, g.disputes), lost = coalesce(u.lost, g.lost) \
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], \
        $8::bigint[], $9::bigint[]) AS u(wallet, id, left_nanos, refunding, refunded, expired, taken, disputes, lost) \
        WHERE g.wallet = u.wallet AND g.id = u.id";
    save_receivables = "UPDATE wallets w SET receivable_nanos = u.receivable \
        FROM unnest($1::uuid[], $2::bigint[]) AS u(id, receivable) WHERE w.id = u.id";
    save_refunds = "INSERT INTO refunds SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], \
        $5::bigint[]) ON CONFLICT (wallet, id) DO UPDATE SET state = excluded.state";
    save_disputes = "INSERT INTO disputes SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[]) \
        ON CONFLICT (wallet, id) DO UPDATE SET state = excluded.state";
    save_corrections = "INSERT INTO corrections SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], \
        $5::bigint[], $6::bigint[], $7::bigint[])";
    save_grants = "INSERT INTO grants SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], \
        $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[])";
    spend_grants = "UPDATE grants g SET left_nanos = u.left_nanos, drained = (u.left_nanos = 0)::int \
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS u(wallet, id, left_nanos) \
        WHERE g.wallet = u.wallet AND g.id = u.id";
    save_holds = "INSERT INTO open_holds SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], \
        $5::bytea[], $6::bigint[], $7::bigint[], $8::uuid[], $9::uuid[])";
    renew_holds = "UPDATE open_holds h SET lease_until = u.lease_until \
        FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS u(wallet, id, lease_until) \
        WHERE h.wallet = u.wallet AND h.id = u.id";
    close_holds = "DELETE FROM open_holds h USING unnest($1::uuid[], $2::uuid[]) AS u(wallet, id) \
        WHERE h.wallet = u.wallet AND h.id = u.id";
    end_holds = "INSERT INTO ended_holds SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[])";
    add_usage = "INSERT INTO usage_daily AS d SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], \
        $5::text[], $6::uuid[], $7::uuid[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], \
        $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[]) \
        ON CONFLICT (wallet, day, model, provider, project, user_id, api_key) DO UPDATE SET \
        requests = d.requests + excluded.requests, input = d.input + excluded.input, \
        cache_read = d.cache_read + excluded.cache_read, cache_write = d.cache_write + excluded.cache_write, \
        output = d.output + excluded.output, reasoning = d.reasoning + excluded.reasoning, \
        cost_nanos = d.cost_nanos + excluded.cost_nanos, cost_attos = d.cost_attos + excluded.cost_attos, \
        debited_nanos = d.debited_nanos + excluded.debited_nanos, lost_nanos = d.lost_nanos + excluded.lost_nanos";
    add_accounts = "INSERT INTO account_daily AS d SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], \
        $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[]) \
        ON CONFLICT (wallet, day) DO UPDATE SET grants = d.grants + excluded.grants, cash = d.cash + excluded.cash, \
        revenue = d.revenue + excluded.revenue, promotions = d.promotions + excluded.promotions, \
        breakage = d.breakage + excluded.breakage, loss = d.loss + excluded.loss, \
        receivable = d.receivable + excluded.receivable, transit = d.transit + excluded.transit";
    save_keys = "INSERT INTO idempotency SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::bytea[], $4::text[], \
        $5::bigint[])";
    cross_watches = "UPDATE watches w SET is_armed = 0, look_at = u.moved_at, version = w.version + 1 \
        FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS u(wallet, available, moved_at) \
        WHERE w.wallet = u.wallet AND w.is_armed = 1 AND w.below_nanos > u.available";
    count_gauges = "UPDATE gauges g SET used_nanos = g.used_nanos + u.taken, counted_seq = u.seq, look_at = CASE \
        WHEN g.look_at IS NULL AND g.used_nanos + u.taken >= g.line_nanos THEN u.moved_at ELSE g.look_at END \
        FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[]) AS u(wallet, taken, seq, moved_at) \
        WHERE g.wallet = u.wallet AND g.until_at > u.moved_at";
    arm_watches = "UPDATE watches w SET is_armed = 1 FROM unnest($1::uuid[], $2::bigint[]) AS u(wallet, available) \
        WHERE w.wallet = u.wallet AND w.rearms = 1 AND w.is_armed = 0 AND w.below_nanos <= u.available";
}

/// What the charges of each of several persons or keys took from their wallets since a day, by place in the list.
fn spent_by(column: &str) -> String {
    format!(
        "SELECT u.place, CAST(sum(d.debited_nanos + d.lost_nanos) AS bigint) \
         FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[]) AS u(wallet, id, since, place) \
         JOIN usage_daily d ON d.wallet = u.wallet AND d.{column} = u.id AND d.day >= u.since GROUP BY u.place"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Database;
    use crate::postgres::connect::Address;

    /// A plan that was made while a table was small must still be right when it is large: no statement of
    /// the hot path may read a whole table, whatever the statistics say.
    #[tokio::test]
    async fn every_plan_walks_a_key() {
        let server = std::env::var("TARE_TEST_POSTGRES").expect(
            "TARE_TEST_POSTGRES must be the URL of a PostgreSQL server; \
             `tools/postgres with -- cargo nextest run -p store` starts one",
        );
        let name = format!("tare_test_{}", uuid::Uuid::now_v7().simple());
        let client = Address::parse(&server).unwrap().connect().await.unwrap();
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
        crate::Store::open(&Database::Postgres(url.clone())).await.unwrap().close().await;

        let client = Address::parse(&url).unwrap().connect().await.unwrap();
        client.batch_execute(SETTINGS).await.unwrap();
        for (name, sql) in Asking::texts().into_iter().chain(Writing::texts()) {
            let prepared = client.prepare(&sql).await.unwrap();
            let nulls = match prepared.params().len() {
                0 => String::new(),
                count => format!("({})", vec!["NULL"; count].join(", ")),
            };
            client.batch_execute(&format!("PREPARE p AS {sql}")).await.unwrap();
            let lines = client.simple_query(&format!("EXPLAIN EXECUTE p{nulls}")).await.unwrap();
            let lines = lines.iter().filter_map(|line| match line {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            });
            let plan = lines.collect::<Vec<_>>().join("\n");
            client.batch_execute("DEALLOCATE p").await.unwrap();
            assert!(!plan.contains("Seq Scan"), "{name}:\n{plan}");
            let reads = ["SELECT", "UPDATE", "DELETE"].iter().any(|word| sql.starts_with(word));
            assert!(!reads || plan.contains("Index"), "{name}:\n{plan}");
        }
    }
}
