-- Version 1: people with their wallets and API keys, and the books.
--
-- One text serves both databases. {ID} is a UUID, {BYTES} raw bytes, {COUNT} a whole number of 64 bits,
-- {TEXT} text that sorts by its bytes; {TABLE} ends a table, {CLUSTERED} one whose rows lie in the order
-- of its key. What only one database reads stands between `--- sqlite` or `--- postgres` and `--- end`.
--
-- Money is counted in nanodollars (10^-9 USD), exact costs in nanodollars and the attodollars (10^-18 USD)
-- below them, moments in microseconds since 1970 and days in days since 1970, both UTC. Every table that
-- grows leads with the wallet in its key, so that it can be distributed by wallet.

-- A person. `name` is what they sign in with: a mail address, or a label that an operator chose.
CREATE TABLE users (
    id         {ID}    NOT NULL PRIMARY KEY,
    name       {TEXT}  NOT NULL UNIQUE,
    wallet     {ID}    NOT NULL UNIQUE,
    country    {TEXT},
    created_at {COUNT} NOT NULL
) {TABLE};

-- What holds credits: one for each user (holder_kind 1) and each organization (2). `remainder` is the part
-- of past costs below one nanodollar; the head is where the wallet's journal ends. `logged` is the last batch of
-- the log that is in the tables for this wallet.
CREATE TABLE wallets (
    id          {ID}    NOT NULL PRIMARY KEY,
    holder_kind {COUNT} NOT NULL CHECK (holder_kind IN (1, 2)),
    holder      {ID}    NOT NULL,
    created_at  {COUNT} NOT NULL,
    remainder   {COUNT} NOT NULL CHECK (remainder >= 0 AND remainder < 1000000000),
    head_seq    {COUNT} NOT NULL,
    head_hash   {BYTES} NOT NULL,
    head_at     {COUNT} NOT NULL,
    logged      {COUNT} NOT NULL DEFAULT 0,
    UNIQUE (holder_kind, holder)
) {CLUSTERED};

-- An API key. The secret itself is never stored, only its SHA-256 and its last four characters.
CREATE TABLE api_keys (
    id          {ID}    NOT NULL PRIMARY KEY,
    wallet      {ID}    NOT NULL,
    user_id     {ID},
    name        {TEXT}  NOT NULL,
    secret_hash {BYTES} NOT NULL UNIQUE,
    last4       {TEXT}  NOT NULL,
    created_at  {COUNT} NOT NULL,
    expires_at  {COUNT},
    revoked_at  {COUNT}
) {TABLE};
CREATE INDEX api_keys_of_wallet ON api_keys (wallet, id);

-- Credits that entered a wallet at once. What is held is part of what is left. `drained` says that nothing
-- is left: it changes once, so the partial indexes over live grants are not touched by every charge.
CREATE TABLE grants (
    wallet       {ID}    NOT NULL,
    id           {ID}    NOT NULL,
    source       {TEXT}  NOT NULL,
    paid         {COUNT} NOT NULL CHECK (paid IN (0, 1)),
    amount_nanos {COUNT} NOT NULL CHECK (amount_nanos > 0),
    left_nanos   {COUNT} NOT NULL CHECK (left_nanos >= 0 AND left_nanos <= amount_nanos),
    drained      {COUNT} NOT NULL CHECK ((drained = 1) = (left_nanos = 0)),
    effective_at {COUNT} NOT NULL,
    expires_at   {COUNT},
    PRIMARY KEY (wallet, id)
) {CLUSTERED};
CREATE INDEX grants_live ON grants (wallet, id) WHERE drained = 0;
CREATE INDEX grants_expiring ON grants (expires_at) WHERE drained = 0 AND expires_at IS NOT NULL;

-- Credits reserved while a request runs. The grants they were reserved on are packed in `draws`, 24 bytes
-- each: the grant's UUID, then the amount in nanodollars, big-endian. The row goes when the hold ends.
CREATE TABLE open_holds (
    wallet       {ID}    NOT NULL,
    id           {ID}    NOT NULL,
    wanted_nanos {COUNT} NOT NULL,
    least_nanos  {COUNT} NOT NULL,
    draws        {BYTES} NOT NULL,
    placed_at    {COUNT} NOT NULL,
    lease_until  {COUNT} NOT NULL,
    PRIMARY KEY (wallet, id)
) {CLUSTERED};

-- Holds that ended without a charge, so that they cannot end again: released (1) or lapsed (2).
CREATE TABLE ended_holds (
    wallet {ID}    NOT NULL,
    id     {ID}    NOT NULL,
    how    {COUNT} NOT NULL CHECK (how IN (1, 2)),
    PRIMARY KEY (wallet, id)
) {CLUSTERED};

-- The final debit of one request and what it used. A charge has the id of its hold, so the key itself lets
-- a hold be charged at most once. Its transfers are `first_seq` and the ones after it. This is the only
-- index on purpose: a second one would cost more than the charge. Other views read the rollups.
-- `request` and everything below it are empty when the charge came without a usage record.
CREATE TABLE charges (
    wallet         {ID}    NOT NULL,
    id             {ID}    NOT NULL,
    settled_at     {COUNT} NOT NULL,
    cost_nanos     {COUNT} NOT NULL,
    cost_attos     {COUNT} NOT NULL,
    debited_nanos  {COUNT} NOT NULL CHECK (debited_nanos >= 0),
    lost_nanos     {COUNT} NOT NULL CHECK (lost_nanos >= 0),
    held_nanos     {COUNT} NOT NULL,
    first_seq      {COUNT} NOT NULL,
    transfer_count {COUNT} NOT NULL,
    request        {ID},
    user_id        {ID},
    api_key        {ID},
    model          {TEXT},
    provider       {TEXT},
    project        {TEXT},
    admitted_at    {COUNT},
    price_version  {TEXT},
    cost_source    {TEXT},
    input          {COUNT},
    cache_read     {COUNT},
    cache_write    {COUNT},
    cache_write_1h {COUNT},
    output         {COUNT},
    reasoning      {COUNT},
    reported_cost  {TEXT},
    estimated      {COUNT},
    PRIMARY KEY (wallet, id)
) {CLUSTERED};

-- The journal: one row moves one amount from one account to another, so it cannot be unbalanced. Accounts
-- are 1 a grant (then `grant_id` says which), 2 cash, 3 revenue, 4 promotions, 5 breakage, 6 loss. Kinds are
-- 1 grant, 2 charge, 3 loss, 4 expiry, 5 adjustment. `hash` seals the row and all before it.
CREATE TABLE transfers (
    wallet       {ID}    NOT NULL,
    seq          {COUNT} NOT NULL CHECK (seq > 0),
    moved_at     {COUNT} NOT NULL,
    kind         {COUNT} NOT NULL,
    from_account {COUNT} NOT NULL,
    to_account   {COUNT} NOT NULL,
    grant_id     {ID},
    amount_nanos {COUNT} NOT NULL CHECK (amount_nanos > 0),
    reference    {ID}    NOT NULL,
    hash         {BYTES} NOT NULL,
    PRIMARY KEY (wallet, seq),
    CHECK (from_account <> to_account)
) {CLUSTERED};

-- Usage by day, written with the charges that it sums, so that it always agrees with them. An absent person
-- or key is the UUID of zeros. Costs are the sum of both columns; `cost_attos` is not carried over.
CREATE TABLE usage_daily (
    wallet        {ID}    NOT NULL,
    day           {COUNT} NOT NULL,
    model         {TEXT}  NOT NULL,
    provider      {TEXT}  NOT NULL,
    project       {TEXT}  NOT NULL,
    user_id       {ID}    NOT NULL,
    api_key       {ID}    NOT NULL,
    requests      {COUNT} NOT NULL,
    input         {COUNT} NOT NULL,
    cache_read    {COUNT} NOT NULL,
    cache_write   {COUNT} NOT NULL,
    output        {COUNT} NOT NULL,
    reasoning     {COUNT} NOT NULL,
    cost_nanos    {COUNT} NOT NULL,
    cost_attos    {COUNT} NOT NULL,
    debited_nanos {COUNT} NOT NULL,
    lost_nanos    {COUNT} NOT NULL,
    PRIMARY KEY (wallet, day, model, provider, project, user_id, api_key)
) {CLUSTERED};

-- What moved into each account by day, in nanodollars, signed; `grants` is all grants of the wallet together.
-- Balances of the platform are sums over these rows: no row is shared by two wallets.
CREATE TABLE account_daily (
    wallet     {ID}    NOT NULL,
    day        {COUNT} NOT NULL,
    grants     {COUNT} NOT NULL,
    cash       {COUNT} NOT NULL,
    revenue    {COUNT} NOT NULL,
    promotions {COUNT} NOT NULL,
    breakage   {COUNT} NOT NULL,
    loss       {COUNT} NOT NULL,
    PRIMARY KEY (wallet, day),
    CHECK (grants + cash + revenue + promotions + breakage + loss = 0)
) {CLUSTERED};

-- The first answer to a keyed change. `key_hash` is the SHA-256 of the caller's key, `content` that of what
-- the caller asked for, `outcome` the answer as JSON.
CREATE TABLE idempotency (
    wallet     {ID}    NOT NULL,
    key_hash   {BYTES} NOT NULL,
    content    {BYTES} NOT NULL,
    outcome    {TEXT}  NOT NULL,
    created_at {COUNT} NOT NULL,
    PRIMARY KEY (wallet, key_hash)
) {CLUSTERED};

-- The log: one row for each batch that was committed, with everything that was decided in it. The tables of the
-- books follow it; a row goes when all of it is in them. A batch counts once it stands here.
CREATE TABLE log (
    number {COUNT} NOT NULL PRIMARY KEY,
    body   {BYTES} NOT NULL
) {TABLE};

-- The last batch that is in the tables whole, and all before it: the only row.
CREATE TABLE projected (
    one    {COUNT} NOT NULL PRIMARY KEY CHECK (one = 1),
    number {COUNT} NOT NULL
) {TABLE};
INSERT INTO projected (one, number) VALUES (1, 0);

-- Pages of the log that the tables refused: the books of these wallets are broken, and stopped. Empty, as long as
-- nobody but this program writes the tables.
CREATE TABLE refused_pages (
    wallet {ID}    NOT NULL,
    number {COUNT} NOT NULL,
    body   {BYTES} NOT NULL,
    PRIMARY KEY (wallet, number)
) {CLUSTERED};

-- Nobody changes what was posted, not even a program with a bug.
--- sqlite
CREATE TRIGGER transfers_keep BEFORE UPDATE ON transfers
BEGIN SELECT RAISE(ABORT, 'transfers are only appended'); END;
CREATE TRIGGER transfers_stay BEFORE DELETE ON transfers
BEGIN SELECT RAISE(ABORT, 'transfers are only appended'); END;
CREATE TRIGGER charges_keep BEFORE UPDATE ON charges
BEGIN SELECT RAISE(ABORT, 'charges are only appended'); END;
CREATE TRIGGER charges_stay BEFORE DELETE ON charges
BEGIN SELECT RAISE(ABORT, 'charges are only appended'); END;
--- end
--- postgres
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% are only appended', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER transfers_keep BEFORE UPDATE OR DELETE ON transfers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER transfers_stay BEFORE TRUNCATE ON transfers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER charges_keep BEFORE UPDATE OR DELETE ON charges FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER charges_stay BEFORE TRUNCATE ON charges FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Batches that were committed, so that a lost answer to a COMMIT can be settled. Each transaction inserts
-- its row with `happened`; whoever lost the answer inserts the same row without it. Only one of the two can
-- be there: if it is the second, the first transaction did not happen and never will. `node` is drawn by the
-- database for each connection; rows are pruned once nobody can ask for them.
CREATE TABLE batches (
    node       uuid        NOT NULL,
    number     bigint      NOT NULL,
    happened   boolean     NOT NULL,
    written_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (node, number)
);

-- Nobody reads or writes it: whoever appends to the log locks it first, so that batches of all nodes stand in one
-- order. Locking a table takes no snapshot, so everything that is read behind the lock is what the last batch left.
CREATE TABLE log_fence ();
-- Bodies are not worth compressing for the time that they stay. Rows come and go like those of a queue.
ALTER TABLE log ALTER COLUMN body SET STORAGE EXTERNAL;
ALTER TABLE log SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- Rows that every batch updates keep room on their page, so that an update stays there and touches no index.
ALTER TABLE wallets SET (fillfactor = 60);
ALTER TABLE grants SET (fillfactor = 60);
ALTER TABLE usage_daily SET (fillfactor = 80);
ALTER TABLE account_daily SET (fillfactor = 80);
-- A queue-like table: rows live for seconds, so it is swept long before a fifth of it is dead.
ALTER TABLE open_holds SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000);
--- end
