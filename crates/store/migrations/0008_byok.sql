-- Provider keys that the holder of a wallet brought, one for each provider, sealed.
--
-- `sealed` is the key under a data key of its own, `wrapped` that data key under the master key whose name
-- `master_key` is; both are nonce, ciphertext and tag of AES-256-GCM, bound to wallet, id, provider and
-- `version`, so that a row that was changed or moved does not open. Master keys are never in the database.
-- A rotation rewrites `wrapped` and `master_key` alone.
CREATE TABLE byok_keys (
    wallet     {ID}    NOT NULL,
    id         {ID}    NOT NULL,
    provider   {TEXT}  NOT NULL,
    name       {TEXT}  NOT NULL,
    last4      {TEXT}  NOT NULL,
    version    {COUNT} NOT NULL,
    master_key {TEXT}  NOT NULL,
    wrapped    {BYTES} NOT NULL,
    sealed     {BYTES} NOT NULL,
    added_by   {ID},
    created_at {COUNT} NOT NULL,
    changed_at {COUNT} NOT NULL,
    PRIMARY KEY (wallet, id),
    UNIQUE (wallet, provider)
) {CLUSTERED};
CREATE INDEX byok_keys_under ON byok_keys (master_key, id);
