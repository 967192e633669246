-- Version 11: one hash a day over the ends of all journals, to be published.
--
-- Whoever kept the root of a day can show later that a journal was not changed before it, whatever happens to
-- this database. A row is written once.

-- The root of a UTC day: of the Merkle tree over the last transfers of all wallets that have any, in the
-- order of their ids, as they stood when the root was made.
CREATE TABLE daily_roots (
    day     {COUNT} NOT NULL PRIMARY KEY,
    root    {BYTES} NOT NULL,
    wallets {COUNT} NOT NULL CHECK (wallets >= 0),
    made_at {COUNT} NOT NULL
) {TABLE};

-- Where the journal of a wallet ended in the root of a day. Only a wallet whose journal grew since the root
-- before has a row; for the others the last one counts.
CREATE TABLE root_heads (
    wallet {ID}    NOT NULL,
    day    {COUNT} NOT NULL,
    seq    {COUNT} NOT NULL CHECK (seq > 0),
    hash   {BYTES} NOT NULL,
    PRIMARY KEY (wallet, day)
) {CLUSTERED};

--- sqlite
CREATE TRIGGER daily_roots_keep BEFORE UPDATE ON daily_roots
BEGIN SELECT RAISE(ABORT, 'daily_roots are only appended'); END;
CREATE TRIGGER daily_roots_stay BEFORE DELETE ON daily_roots
BEGIN SELECT RAISE(ABORT, 'daily_roots are only appended'); END;
CREATE TRIGGER root_heads_keep BEFORE UPDATE ON root_heads
BEGIN SELECT RAISE(ABORT, 'root_heads are only appended'); END;
CREATE TRIGGER root_heads_stay BEFORE DELETE ON root_heads
BEGIN SELECT RAISE(ABORT, 'root_heads are only appended'); END;
--- end
--- postgres
CREATE TRIGGER daily_roots_keep BEFORE UPDATE OR DELETE ON daily_roots FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER root_heads_keep BEFORE UPDATE OR DELETE ON root_heads FOR EACH ROW EXECUTE FUNCTION refuse_change();
--- end
