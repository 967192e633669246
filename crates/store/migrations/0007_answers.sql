-- Version 7: answers to changes that people ask for, so that the same change sent twice happens once.
--
-- A row is inserted by the transaction of the change itself: who finds it knows that the change was made. The answer
-- follows when it is known, sealed with a key that is made from the caller's own secret and never stored, since an answer
-- can carry a secret that is shown once. `scope` is the person or key who asked (zeros for nobody), `key_hash` the
-- SHA-256 of route and key, `content` that of what was asked, `request` the request that made the change.
CREATE TABLE answers (
    scope      {ID}    NOT NULL,
    key_hash   {BYTES} NOT NULL,
    content    {BYTES} NOT NULL,
    request    {ID}    NOT NULL,
    sealed     {BYTES},
    created_at {COUNT} NOT NULL,
    PRIMARY KEY (scope, key_hash)
) {CLUSTERED};
CREATE INDEX answers_by_age ON answers (created_at);
