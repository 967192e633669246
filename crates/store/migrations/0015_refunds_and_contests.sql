-- Version 15: payments that go back to their card, and payments that their payer contests.
--
-- A refund is written down before its credits are set aside and before the processor is asked; a job sees to it until
-- it has ended. Its credits are in `refunds`, under the same id; the card gets them back with the tax on them. `foreign_id` is its name at the processor.
CREATE TABLE card_refunds (
    id           {ID}    NOT NULL PRIMARY KEY,
    payment      {ID}    NOT NULL,
    wallet       {ID}    NOT NULL,
    amount_cents {COUNT} NOT NULL CHECK (amount_cents > 0),
    credits_cents {COUNT} NOT NULL CHECK (credits_cents > 0),
    state        {TEXT}  NOT NULL,
    foreign_id   {TEXT},
    looks        {COUNT} NOT NULL,
    reason       {TEXT}  NOT NULL,
    by_user      {ID},
    key_hash     {BYTES} NOT NULL,
    content      {BYTES} NOT NULL,
    created_at   {COUNT} NOT NULL,
    changed_at   {COUNT} NOT NULL,
    UNIQUE (payment, key_hash)
) {TABLE};

-- What a bank says about a payment: a dispute, an inquiry, or a warning of fraud. Its credits are in `disputes`, under
-- the same id, which follows from the processor's. While `is_blocking` the card pays nothing.
CREATE TABLE contests (
    id           {ID}    NOT NULL PRIMARY KEY,
    payment      {ID}    NOT NULL,
    wallet       {ID}    NOT NULL,
    processor    {TEXT}  NOT NULL,
    foreign_id   {TEXT}  NOT NULL,
    kind         {TEXT}  NOT NULL,
    reason       {TEXT}  NOT NULL,
    amount_cents {COUNT} NOT NULL,
    state        {TEXT}  NOT NULL,
    is_blocking  {COUNT} NOT NULL CHECK (is_blocking IN (0, 1)),
    opened_at    {COUNT} NOT NULL,
    changed_at   {COUNT} NOT NULL,
    UNIQUE (processor, foreign_id)
) {TABLE};
CREATE INDEX contests_of_wallet ON contests (wallet, id);
CREATE INDEX contests_of_payment ON contests (payment, id);
