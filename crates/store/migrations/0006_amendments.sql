-- What amends the books: refunds, disputes and corrections of charges, and what a wallet owes.

-- What happened to a grant beside being spent, in nanodollars: reserved for refunds on their way (part of what
-- is held), back at the card, expired unused, taken away by an operator. `disputes` counts the open disputes of
-- its payment; while there is one, what is left is frozen. `lost` says that the bank took the payment back.
ALTER TABLE grants ADD COLUMN refunding_nanos {COUNT} NOT NULL DEFAULT 0
    CHECK (refunding_nanos >= 0 AND refunding_nanos <= left_nanos);
ALTER TABLE grants ADD COLUMN refunded_nanos {COUNT} NOT NULL DEFAULT 0 CHECK (refunded_nanos >= 0);
ALTER TABLE grants ADD COLUMN expired_nanos {COUNT} NOT NULL DEFAULT 0 CHECK (expired_nanos >= 0);
ALTER TABLE grants ADD COLUMN taken_nanos {COUNT} NOT NULL DEFAULT 0 CHECK (
    taken_nanos >= 0 AND left_nanos + refunded_nanos + expired_nanos + taken_nanos <= amount_nanos);
ALTER TABLE grants ADD COLUMN disputes {COUNT} NOT NULL DEFAULT 0 CHECK (disputes >= 0);
ALTER TABLE grants ADD COLUMN lost {COUNT} NOT NULL DEFAULT 0 CHECK (lost IN (0, 1));

-- What the wallet owes: credits that were spent although the bank took their payment back.
ALTER TABLE wallets ADD COLUMN receivable_nanos {COUNT} NOT NULL DEFAULT 0 CHECK (receivable_nanos >= 0);

-- Credits of one grant on their way back to the card that paid for them: reserved (1), paid (2), failed (3).
CREATE TABLE refunds (
    wallet       {ID}    NOT NULL,
    id           {ID}    NOT NULL,
    grant_id     {ID}    NOT NULL,
    amount_nanos {COUNT} NOT NULL CHECK (amount_nanos > 0),
    state        {COUNT} NOT NULL CHECK (state IN (1, 2, 3)),
    PRIMARY KEY (wallet, id)
) {CLUSTERED};

-- Payments that their payer contests, by the grant that they brought: open (1), won (2), lost (3). An ended
-- dispute stays, so that a late event does not open it again.
CREATE TABLE disputes (
    wallet   {ID}    NOT NULL,
    id       {ID}    NOT NULL,
    grant_id {ID}    NOT NULL,
    state    {COUNT} NOT NULL CHECK (state IN (1, 2, 3)),
    PRIMARY KEY (wallet, id)
) {CLUSTERED};

-- What was given back of charges. The transfers of a correction are `first_seq` and the ones after it.
CREATE TABLE corrections (
    wallet         {ID}    NOT NULL,
    charge         {ID}    NOT NULL,
    id             {ID}    NOT NULL,
    corrected_at   {COUNT} NOT NULL,
    amount_nanos   {COUNT} NOT NULL CHECK (amount_nanos > 0),
    first_seq      {COUNT} NOT NULL,
    transfer_count {COUNT} NOT NULL CHECK (transfer_count > 0),
    PRIMARY KEY (wallet, charge, id)
) {CLUSTERED};

-- The accounts by day, with two more: 7 receivable, 8 transit (what left one wallet for another). Kinds of
-- transfers are also 6 refund, 7 dispute, 8 repayment, 9 correction, 10 move.
CREATE TABLE account_daily_wider (
    wallet     {ID}    NOT NULL,
    day        {COUNT} NOT NULL,
    grants     {COUNT} NOT NULL,
    cash       {COUNT} NOT NULL,
    revenue    {COUNT} NOT NULL,
    promotions {COUNT} NOT NULL,
    breakage   {COUNT} NOT NULL,
    loss       {COUNT} NOT NULL,
    receivable {COUNT} NOT NULL,
    transit    {COUNT} NOT NULL,
    PRIMARY KEY (wallet, day),
    CHECK (grants + cash + revenue + promotions + breakage + loss + receivable + transit = 0)
) {CLUSTERED};
INSERT INTO account_daily_wider
    SELECT wallet, day, grants, cash, revenue, promotions, breakage, loss, 0, 0 FROM account_daily;
DROP TABLE account_daily;
ALTER TABLE account_daily_wider RENAME TO account_daily;
--- postgres
ALTER TABLE account_daily SET (fillfactor = 80);
--- end

-- Nobody changes what was posted, not even a program with a bug.
--- sqlite
CREATE TRIGGER corrections_keep BEFORE UPDATE ON corrections
BEGIN SELECT RAISE(ABORT, 'corrections are only appended'); END;
CREATE TRIGGER corrections_stay BEFORE DELETE ON corrections
BEGIN SELECT RAISE(ABORT, 'corrections are only appended'); END;
--- end
--- postgres
CREATE TRIGGER corrections_keep BEFORE UPDATE OR DELETE ON corrections FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER corrections_stay BEFORE TRUNCATE ON corrections FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--- end
