-- Version 17: how far holders were told of credits that are about to expire.
--
-- One row for each notice (seven days before, one day before): the last grant that its letters told of. It is written
-- with the letters, so none is told of twice.
CREATE TABLE expiry_notices (
    days       {COUNT} NOT NULL PRIMARY KEY,
    expires_at {COUNT} NOT NULL,
    wallet     {ID}    NOT NULL,
    grant_id   {ID}    NOT NULL
) {TABLE};
