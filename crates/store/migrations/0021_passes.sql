-- Version 21: the pass.

-- Every pass that ever began; it begins with its payment. `pass` is JSON, as `billing::pass` reads it. A wallet has one
-- in force at most; a payment that came too late for the one it was for can bring another beside it, which gives what
-- was paid and ends. `due_at` is when its time alone makes something due; none while it waits for money, or has ended.
CREATE TABLE passes (
    id          {ID}    NOT NULL PRIMARY KEY,
    wallet      {ID}    NOT NULL,
    pass        {TEXT}  NOT NULL,
    is_in_force {COUNT} NOT NULL CHECK (is_in_force IN (0, 1)),
    begun_at    {COUNT} NOT NULL,
    due_at      {COUNT}
) {TABLE};
CREATE INDEX passes_of_wallet ON passes (wallet, id);
CREATE UNIQUE INDEX passes_in_force ON passes (wallet) WHERE is_in_force = 1;

-- What passes grant: once for each month and source, written with the pass; `booked_at` says that it is in the books.
-- The first month of a term has the id of its payment, so it can be refunded and disputed as every purchase.
CREATE TABLE pass_grants (
    pass         {ID}    NOT NULL,
    month        {COUNT} NOT NULL CHECK (month >= 0),
    source       {TEXT}  NOT NULL CHECK (source IN ('pass_base', 'pass_bonus')),
    wallet       {ID}    NOT NULL,
    grant_id     {ID}    NOT NULL UNIQUE,
    amount_nanos {COUNT} NOT NULL CHECK (amount_nanos > 0),
    paid         {COUNT} NOT NULL CHECK (paid IN (0, 1)),
    granted_at   {COUNT} NOT NULL,
    expires_at   {COUNT},
    booked_at    {COUNT},
    PRIMARY KEY (pass, month, source)
) {CLUSTERED};
CREATE INDEX pass_grants_of_wallet ON pass_grants (wallet, granted_at, month, source);
CREATE INDEX pass_grants_to_book ON pass_grants (pass, granted_at, month, source) WHERE booked_at IS NULL;

-- How much a wallet used since a month of its pass was granted. The projector counts up with the charges that it brings
-- into the tables, and notes in `look_at` that the line is reached. `counted_seq` is the last transfer of the journal
-- that is counted; pages with a charge at or behind `until_at` are not, and whoever looks reads them in the journal.
CREATE TABLE gauges (
    wallet      {ID}    NOT NULL,
    pass        {ID}    NOT NULL,
    month       {COUNT} NOT NULL,
    until_at    {COUNT} NOT NULL,
    line_nanos  {COUNT} NOT NULL CHECK (line_nanos >= 0),
    used_nanos  {COUNT} NOT NULL CHECK (used_nanos >= 0),
    counted_seq {COUNT} NOT NULL CHECK (counted_seq >= 0),
    look_at     {COUNT},
    PRIMARY KEY (wallet, pass)
) {CLUSTERED};
CREATE INDEX gauges_to_look_at ON gauges (look_at, wallet) WHERE look_at IS NOT NULL;
