-- Version 9: real money that comes in.
--
-- A payment is what somebody owes; an attempt is one try to take it, which is one object at the processor. Both
-- are written before the processor is asked, so no charge exists that is not known here. Money is counted in US
-- cents. `processor` says whose ids they are: what one processor knows is nothing to another, and the rows of
-- the sandbox never mix with those of a processor that moves real money.

-- Who a wallet is to a processor.
CREATE TABLE customers (
    wallet     {ID}    NOT NULL,
    processor  {TEXT}  NOT NULL,
    foreign_id {TEXT}  NOT NULL,
    created_at {COUNT} NOT NULL,
    PRIMARY KEY (wallet, processor),
    UNIQUE (processor, foreign_id)
) {TABLE};

-- A card that can be charged, as much as may be shown of it.
CREATE TABLE cards (
    id          {ID}    NOT NULL PRIMARY KEY,
    wallet      {ID}    NOT NULL,
    processor   {TEXT}  NOT NULL,
    foreign_id  {TEXT}  NOT NULL,
    brand       {TEXT}  NOT NULL,
    last4       {TEXT}  NOT NULL,
    exp_month   {COUNT} NOT NULL,
    exp_year    {COUNT} NOT NULL,
    fingerprint {TEXT}  NOT NULL,
    added_at    {COUNT} NOT NULL,
    removed_at  {COUNT},
    UNIQUE (processor, foreign_id)
) {TABLE};
CREATE INDEX cards_of_wallet ON cards (wallet, id);

-- What somebody owes. Once `paid_at` is set it stays; `credited_at` says that the credits are in the books. The
-- grant of a payment has the payment's id.
CREATE TABLE payments (
    id           {ID}    NOT NULL PRIMARY KEY,
    wallet       {ID}    NOT NULL,
    purpose      {TEXT}  NOT NULL,
    processor    {TEXT}  NOT NULL,
    card         {ID}    NOT NULL,
    amount_cents {COUNT} NOT NULL CHECK (amount_cents > 0),
    by_user      {ID},
    key_hash     {BYTES} NOT NULL,
    content      {BYTES} NOT NULL,
    created_at   {COUNT} NOT NULL,
    paid_at      {COUNT},
    credited_at  {COUNT},
    UNIQUE (wallet, key_hash),
    CHECK (credited_at IS NULL OR paid_at IS NOT NULL)
) {TABLE};
CREATE INDEX payments_of_wallet ON payments (wallet, id);

-- One try. While one lives, a payment has no other.
CREATE TABLE attempts (
    payment      {ID}    NOT NULL,
    number       {COUNT} NOT NULL CHECK (number > 0),
    processor    {TEXT}  NOT NULL,
    foreign_id   {TEXT},
    state        {TEXT}  NOT NULL,
    is_live      {COUNT} NOT NULL CHECK (is_live IN (0, 1)),
    looks        {COUNT} NOT NULL,
    page         {TEXT},
    code         {TEXT},
    decline_code {TEXT},
    began_at     {COUNT} NOT NULL,
    changed_at   {COUNT} NOT NULL,
    PRIMARY KEY (payment, number)
) {TABLE};
CREATE UNIQUE INDEX attempts_live ON attempts (payment) WHERE is_live = 1;
CREATE UNIQUE INDEX attempts_foreign ON attempts (processor, foreign_id) WHERE foreign_id IS NOT NULL;

-- Events that came in. One that comes again finds itself here.
CREATE TABLE processor_events (
    processor   {TEXT}  NOT NULL,
    id          {TEXT}  NOT NULL,
    object      {TEXT}  NOT NULL,
    received_at {COUNT} NOT NULL,
    PRIMARY KEY (processor, id)
) {TABLE};

-- What the sandbox remembers. `due_at` is when something happens to an object by itself.
CREATE TABLE sandbox_objects (
    id      {TEXT}  NOT NULL PRIMARY KEY,
    body    {TEXT}  NOT NULL,
    due_at  {COUNT},
    version {COUNT} NOT NULL CHECK (version > 0)
) {TABLE};
CREATE INDEX sandbox_due ON sandbox_objects (due_at, id) WHERE due_at IS NOT NULL;
