-- Version 14: automatic top-up.

-- A watch waits for a charge or an expiry that takes the available credits of a wallet below a line. What crosses the
-- line is noted in the transaction that brings the charge into the tables: `look_at` says that somebody must look from
-- then on, and the watch is not armed any more, so many requests that cross together are one crossing. A watch that
-- `rearms` is armed again by credits that come in; any other by whoever looked. `version` counts the changes of the
-- row, except those of a re-arming: who looked without the row in hand finds out whether somebody else did.
CREATE TABLE watches (
    wallet      {ID}    NOT NULL,
    kind        {TEXT}  NOT NULL,
    below_nanos {COUNT} NOT NULL CHECK (below_nanos > 0),
    is_armed    {COUNT} NOT NULL CHECK (is_armed IN (0, 1)),
    rearms      {COUNT} NOT NULL CHECK (rearms IN (0, 1)),
    look_at     {COUNT},
    version     {COUNT} NOT NULL CHECK (version > 0),
    PRIMARY KEY (wallet, kind)
) {CLUSTERED};
CREATE INDEX watches_to_look_at ON watches (look_at, wallet, kind) WHERE look_at IS NOT NULL;

-- What a holder allows. `pause` says why it waits to be resumed, `waits_for` which limit is reached until the watch is
-- looked at again.
CREATE TABLE top_ups (
    wallet          {ID}    NOT NULL PRIMARY KEY,
    state           {TEXT}  NOT NULL,
    pause           {TEXT},
    threshold_nanos {COUNT} NOT NULL CHECK (threshold_nanos > 0),
    amount_cents    {COUNT} NOT NULL CHECK (amount_cents > 0),
    cap_cents       {COUNT} NOT NULL CHECK (cap_cents >= amount_cents),
    waits_for       {TEXT},
    changed_at      {COUNT} NOT NULL,
    CHECK ((state = 'paused') = (pause IS NOT NULL))
) {TABLE};

-- Payments that were made without asking: open, paid, declined or called off. The second index lets a wallet have one that is
-- open; the rows of a month are what its cap counts.
CREATE TABLE top_up_attempts (
    wallet       {ID}    NOT NULL,
    payment      {ID}    NOT NULL,
    amount_cents {COUNT} NOT NULL CHECK (amount_cents > 0),
    state        {TEXT}  NOT NULL CHECK (state IN ('open', 'paid', 'declined', 'called_off')),
    began_at     {COUNT} NOT NULL,
    ended_at     {COUNT},
    PRIMARY KEY (wallet, payment)
) {CLUSTERED};
CREATE INDEX top_up_attempts_by_time ON top_up_attempts (wallet, began_at);
CREATE UNIQUE INDEX top_up_attempts_open ON top_up_attempts (wallet) WHERE state = 'open';

-- Who agreed to what, word for word, with which card saved, and from where: the evidence of a mandate.
CREATE TABLE top_up_consents (
    wallet          {ID}    NOT NULL,
    id              {ID}    NOT NULL,
    given_at        {COUNT} NOT NULL,
    by_user         {ID},
    text_version    {TEXT}  NOT NULL,
    text            {TEXT}  NOT NULL,
    threshold_nanos {COUNT} NOT NULL,
    amount_cents    {COUNT} NOT NULL,
    cap_cents       {COUNT} NOT NULL,
    card            {ID}    NOT NULL,
    address         {TEXT},
    PRIMARY KEY (wallet, id)
) {CLUSTERED};
