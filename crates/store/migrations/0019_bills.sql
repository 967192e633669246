-- Version 19: what is paid by the term: bills, debts and the seats of organizations.

-- What a payment buys when that is not credits: a change of seats, a further term. `content` is JSON, as `billing` reads
-- it. A payment for credits has no row here.
CREATE TABLE bills (
    payment {ID}   NOT NULL PRIMARY KEY,
    wallet  {ID}   NOT NULL,
    content {TEXT} NOT NULL
) {CLUSTERED};

-- A term that has to be paid, from the moment it is due. A subscription is its anchor, and `month` says how many months
-- after it the term begins: so a term is billed once, whoever finds it due. `debt` is JSON: what was tried. Whether a
-- wallet is served follows from its rows that are not closed. `payment` is the one payment that all attempts belong to,
-- once there was a card to try; `is_asked` says whether somebody asked for the latest. `letter` is the last that was
-- sent. What was purged stays until somebody subscribes anew.
CREATE TABLE debts (
    wallet    {ID}    NOT NULL,
    cause     {TEXT}  NOT NULL CHECK (cause IN ('pass', 'seats')),
    anchor    {COUNT} NOT NULL,
    month     {COUNT} NOT NULL CHECK (month >= 0),
    content   {TEXT}  NOT NULL,
    payment   {ID},
    debt      {TEXT}  NOT NULL,
    is_asked  {COUNT} NOT NULL CHECK (is_asked IN (0, 1)),
    letter    {TEXT},
    purged_at {COUNT},
    closed_at {COUNT},
    closed_by {TEXT}  CHECK (closed_by IN ('paid', 'void')),
    PRIMARY KEY (wallet, cause, anchor, month),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
) {CLUSTERED};
CREATE INDEX debts_open ON debts (wallet) WHERE closed_at IS NULL;
CREATE UNIQUE INDEX debts_of_payment ON debts (payment) WHERE payment IS NOT NULL;

-- The seats of an organization, as `billing::seat` keeps them: JSON, with the trial in it. What was told in two columns
-- before moves in.
ALTER TABLE organizations ADD COLUMN seating {TEXT} NOT NULL DEFAULT '';
--- sqlite
UPDATE organizations SET seating = '{"seats":' || seats || ',"trial_ends_at":"'
    || strftime('%Y-%m-%dT%H:%M:%S', coalesce(trial_ends_at, created_at) / 1000000, 'unixepoch')
    || printf('.%06dZ', coalesce(trial_ends_at, created_at) % 1000000)
    || '","subscription":null,"order":null,"ended_at":null}';
--- end
--- postgres
UPDATE organizations SET seating = '{"seats":' || seats || ',"trial_ends_at":"'
    || to_char(to_timestamp(coalesce(trial_ends_at, created_at) / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
    || '.' || lpad((coalesce(trial_ends_at, created_at) % 1000000)::text, 6, '0') || 'Z'
    || '","subscription":null,"order":null,"ended_at":null}';
--- end
ALTER TABLE organizations DROP COLUMN seats;
ALTER TABLE organizations DROP COLUMN trial_ends_at;

-- What happened to the seats of an organization, in order: their state is the sum of it. The first event of a change
-- that somebody asked for under a key carries the key's hash and that of what was asked.
CREATE TABLE seat_events (
    organization {ID}    NOT NULL,
    number       {COUNT} NOT NULL CHECK (number > 0),
    at           {COUNT} NOT NULL,
    by_user      {ID},
    event        {TEXT}  NOT NULL,
    key_hash     {BYTES},
    content      {BYTES},
    PRIMARY KEY (organization, number),
    CHECK ((key_hash IS NULL) = (content IS NULL))
) {CLUSTERED};
CREATE UNIQUE INDEX seat_events_of_key ON seat_events (organization, key_hash) WHERE key_hash IS NOT NULL;
--- sqlite
CREATE TRIGGER seat_events_keep BEFORE UPDATE ON seat_events
BEGIN SELECT RAISE(ABORT, 'seat_events is only appended'); END;
CREATE TRIGGER seat_events_stay BEFORE DELETE ON seat_events
BEGIN SELECT RAISE(ABORT, 'seat_events is only appended'); END;
--- end
--- postgres
CREATE TRIGGER seat_events_keep BEFORE UPDATE OR DELETE ON seat_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seat_events_stay BEFORE TRUNCATE ON seat_events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--- end

-- The end of retention clears what a charge says of its request, and nothing else of it ever changes.
--- sqlite
DROP TRIGGER charges_keep;
CREATE TRIGGER charges_keep BEFORE UPDATE ON charges
WHEN NEW.wallet IS NOT OLD.wallet OR NEW.id IS NOT OLD.id OR NEW.settled_at IS NOT OLD.settled_at
    OR NEW.cost_nanos IS NOT OLD.cost_nanos OR NEW.cost_attos IS NOT OLD.cost_attos
    OR NEW.debited_nanos IS NOT OLD.debited_nanos OR NEW.lost_nanos IS NOT OLD.lost_nanos
    OR NEW.held_nanos IS NOT OLD.held_nanos OR NEW.first_seq IS NOT OLD.first_seq
    OR NEW.transfer_count IS NOT OLD.transfer_count
    OR coalesce(NEW.request, NEW.user_id, NEW.api_key, NEW.model, NEW.provider, NEW.project, NEW.admitted_at,
        NEW.price_version, NEW.cost_source, NEW.input, NEW.cache_read, NEW.cache_write, NEW.cache_write_1h, NEW.output,
        NEW.reasoning, NEW.reported_cost, NEW.estimated, NEW.own_cost) IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'charges are only appended'); END;
--- end
--- postgres
DROP TRIGGER charges_keep ON charges;
CREATE TRIGGER charges_keep BEFORE UPDATE ON charges FOR EACH ROW
WHEN ((NEW.wallet, NEW.id, NEW.settled_at, NEW.cost_nanos, NEW.cost_attos, NEW.debited_nanos, NEW.lost_nanos, NEW.held_nanos,
        NEW.first_seq, NEW.transfer_count)
    IS DISTINCT FROM (OLD.wallet, OLD.id, OLD.settled_at, OLD.cost_nanos, OLD.cost_attos, OLD.debited_nanos, OLD.lost_nanos,
        OLD.held_nanos, OLD.first_seq, OLD.transfer_count)
    OR num_nonnulls(NEW.request, NEW.user_id, NEW.api_key, NEW.model, NEW.provider, NEW.project, NEW.admitted_at,
        NEW.price_version, NEW.cost_source, NEW.input, NEW.cache_read, NEW.cache_write, NEW.cache_write_1h, NEW.output,
        NEW.reasoning, NEW.reported_cost, NEW.estimated, NEW.own_cost) > 0)
EXECUTE FUNCTION refuse_change();
CREATE TRIGGER charges_kept BEFORE DELETE ON charges FOR EACH ROW EXECUTE FUNCTION refuse_change();
--- end
