-- Version 22: wallets that an operator has suspended by hand.

-- Service that an operator has stopped, from `since` until the row is deleted; what is owed is another matter and stands
-- in `debts`. `reason` is what the holder reads. Who did it stands in the audit log. Keys and sessions are looked up with
-- it, so that the next request on every node is refused.
CREATE TABLE suspensions (
    wallet {ID}    NOT NULL PRIMARY KEY,
    since  {COUNT} NOT NULL,
    reason {TEXT}  NOT NULL
) {CLUSTERED};
CREATE INDEX suspensions_by_time ON suspensions (since, wallet);
