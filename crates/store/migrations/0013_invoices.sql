-- Version 13: invoices and credit notes.
--
-- A payment is written down with its draft: what its invoice will say, and so what the card pays. When the payment
-- is paid, the draft becomes a document with a number, in the same transaction. Documents and drafts are JSON, as
-- `billing::invoice` reads them; the columns beside are what they are looked for by.

-- What the holder of a wallet wants on invoices.
CREATE TABLE billing_details (
    wallet     {ID}    NOT NULL PRIMARY KEY,
    details    {TEXT}  NOT NULL,
    changed_at {COUNT} NOT NULL
) {CLUSTERED};

CREATE TABLE invoice_drafts (
    payment {ID}   NOT NULL PRIMARY KEY,
    draft   {TEXT} NOT NULL
) {CLUSTERED};

-- The last number of each series in each year, and when it was given. Whoever gives the next one changes this row
-- in the transaction that writes the document, so numbers have no gaps: a transaction that fails gives none.
CREATE TABLE invoice_numbers (
    series {TEXT}  NOT NULL CHECK (series IN ('invoice', 'credit_note')),
    year   {COUNT} NOT NULL,
    last   {COUNT} NOT NULL CHECK (last > 0),
    last_at {COUNT} NOT NULL,
    PRIMARY KEY (series, year)
) {CLUSTERED};

-- A payment has one invoice, a refund one credit note.
CREATE TABLE invoices (
    id          {ID}    NOT NULL PRIMARY KEY,
    series      {TEXT}  NOT NULL CHECK (series IN ('invoice', 'credit_note')),
    year        {COUNT} NOT NULL,
    number      {COUNT} NOT NULL CHECK (number > 0),
    wallet      {ID}    NOT NULL,
    payment     {ID}    NOT NULL,
    refund      {ID},
    kind        {TEXT}  NOT NULL,
    issued_at   {COUNT} NOT NULL,
    total_cents {COUNT} NOT NULL CHECK (total_cents > 0),
    document    {TEXT}  NOT NULL,
    UNIQUE (series, year, number),
    CHECK ((series = 'credit_note') = (refund IS NOT NULL))
) {TABLE};
CREATE UNIQUE INDEX invoices_of_payment ON invoices (payment) WHERE series = 'invoice';
CREATE UNIQUE INDEX invoices_of_refund ON invoices (refund) WHERE refund IS NOT NULL;
CREATE INDEX credit_notes_of_payment ON invoices (payment, id) WHERE series = 'credit_note';
CREATE INDEX invoices_of_wallet ON invoices (wallet, id);

-- What was issued is not changed, by nobody: a mistake is a credit note.
--- sqlite
CREATE TRIGGER invoices_keep BEFORE UPDATE ON invoices
BEGIN SELECT RAISE(ABORT, 'an issued invoice never changes'); END;
CREATE TRIGGER invoices_stay BEFORE DELETE ON invoices
BEGIN SELECT RAISE(ABORT, 'an issued invoice never changes'); END;
--- end
--- postgres
CREATE TRIGGER invoices_keep BEFORE UPDATE OR DELETE ON invoices FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER invoices_stay BEFORE TRUNCATE ON invoices FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--- end
