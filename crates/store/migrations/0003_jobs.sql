-- Version 3: work that follows a change.
--
-- Mail, calls to a payment processor and webhooks are written as rows in the transaction of the change that
-- they follow, so that neither happens without the other, and are carried out afterwards.
--
-- A node claims a job by moving `due_at` to the end of its lease and counting the attempt: one that dies lets
-- the lease run out, and the job is due again. Of the jobs of one lane only the oldest is ever due. A job
-- that was done is deleted. One that was given up stays, without its payload, until an operator has seen it.

CREATE TABLE jobs (
    id          {ID}    NOT NULL PRIMARY KEY,
    kind        {TEXT}  NOT NULL,
    payload     {TEXT}  NOT NULL,
    lane        {TEXT},
    created_at  {COUNT} NOT NULL,
    due_at      {COUNT} NOT NULL,
    expires_at  {COUNT},
    attempts    {COUNT} NOT NULL CHECK (attempts >= 0),
    last_error  {TEXT},
    given_up_at {COUNT}
) {TABLE};
CREATE INDEX jobs_due ON jobs (due_at, id) WHERE given_up_at IS NULL;
CREATE INDEX jobs_of_lane ON jobs (lane, id) WHERE lane IS NOT NULL AND given_up_at IS NULL;
