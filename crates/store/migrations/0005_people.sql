-- Version 5: how people sign in, the organizations they form, and who changed what.
--
-- Secrets are stored as their SHA-256 only. Roles and states are words, so that a row explains itself.

-- `email` is where sign-in codes go, in small letters; a person whose name is a label has none. Operators
-- run this server.
ALTER TABLE users ADD COLUMN email {TEXT};
ALTER TABLE users ADD COLUMN display_name {TEXT};
ALTER TABLE users ADD COLUMN is_operator {COUNT} NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX users_of_email ON users (email);
CREATE INDEX users_operating ON users (id) WHERE is_operator = 1;

-- What a key may spend in a period: a UTC day, a month, or ever. When it was used last is written behind,
-- at most once a minute.
ALTER TABLE api_keys ADD COLUMN limit_nanos {COUNT};
ALTER TABLE api_keys ADD COLUMN limit_period {TEXT};
ALTER TABLE api_keys ADD COLUMN last_used_at {COUNT};
CREATE INDEX api_keys_of_user ON api_keys (user_id, id);

-- People who share a wallet. `seats` is how many members and pending invitations may take one; a trial ends
-- at its moment, and `trial_ends_at` is empty for who has bought a plan.
CREATE TABLE organizations (
    id            {ID}    NOT NULL PRIMARY KEY,
    name          {TEXT}  NOT NULL,
    wallet        {ID}    NOT NULL UNIQUE,
    seats         {COUNT} NOT NULL CHECK (seats >= 0),
    trial_ends_at {COUNT},
    created_at    {COUNT} NOT NULL
) {TABLE};

-- Who is in an organization, as what, and what they may spend in a UTC day.
CREATE TABLE members (
    organization      {ID}    NOT NULL,
    user_id           {ID}    NOT NULL,
    role              {TEXT}  NOT NULL CHECK (role IN ('owner', 'admin', 'billing_manager', 'member')),
    daily_limit_nanos {COUNT} CHECK (daily_limit_nanos >= 0),
    joined_at         {COUNT} NOT NULL,
    last_active_at    {COUNT},
    PRIMARY KEY (organization, user_id)
) {CLUSTERED};
CREATE INDEX members_of_user ON members (user_id, organization);

-- An open door for one address. It has no secret: only who signed in with that address can accept it. It is
-- pending until it was accepted, revoked, or has expired.
CREATE TABLE invitations (
    organization {ID}    NOT NULL,
    id           {ID}    NOT NULL,
    email        {TEXT}  NOT NULL,
    role         {TEXT}  NOT NULL CHECK (role IN ('owner', 'admin', 'billing_manager', 'member')),
    invited_by   {ID},
    created_at   {COUNT} NOT NULL,
    expires_at   {COUNT} NOT NULL,
    accepted_at  {COUNT},
    revoked_at   {COUNT},
    PRIMARY KEY (organization, id)
) {CLUSTERED};
CREATE INDEX invitations_to ON invitations (email, organization);
CREATE UNIQUE INDEX invitations_by_id ON invitations (id);

-- A code on its way to a mailbox. Who asked for it holds the challenge, and only with it can the code be
-- tried; `code_hash` is that of both together, so six digits cannot be found from this row.
CREATE TABLE sign_in_codes (
    challenge_hash {BYTES} NOT NULL PRIMARY KEY,
    email          {TEXT}  NOT NULL,
    network        {TEXT}  NOT NULL,
    code_hash      {BYTES} NOT NULL,
    tries          {COUNT} NOT NULL,
    wrong          {COUNT} NOT NULL,
    created_at     {COUNT} NOT NULL,
    expires_at     {COUNT} NOT NULL,
    used_at        {COUNT}
) {CLUSTERED};
CREATE INDEX sign_in_codes_to ON sign_in_codes (email, created_at);
CREATE INDEX sign_in_codes_from ON sign_in_codes (network, created_at);
CREATE INDEX sign_in_codes_made ON sign_in_codes (created_at);

-- Where a person is signed in: a browser, or a device with a token of its own. `client` is what it calls itself.
CREATE TABLE sessions (
    id           {ID}    NOT NULL PRIMARY KEY,
    user_id      {ID}    NOT NULL,
    kind         {TEXT}  NOT NULL CHECK (kind IN ('browser', 'device')),
    secret_hash  {BYTES} NOT NULL UNIQUE,
    client       {TEXT}  NOT NULL,
    created_at   {COUNT} NOT NULL,
    last_seen_at {COUNT} NOT NULL,
    expires_at   {COUNT} NOT NULL,
    revoked_at   {COUNT}
) {TABLE};
CREATE INDEX sessions_of_user ON sessions (user_id, id);

-- A device that waits for its person to say yes. Its token is made at the first question after the yes, and
-- handed out then.
CREATE TABLE device_codes (
    code_hash  {BYTES} NOT NULL PRIMARY KEY,
    state      {TEXT}  NOT NULL CHECK (state IN ('pending', 'approved', 'denied', 'collected')),
    user_id    {ID},
    network    {TEXT}  NOT NULL,
    client     {TEXT}  NOT NULL,
    created_at {COUNT} NOT NULL,
    expires_at {COUNT} NOT NULL
) {CLUSTERED};
CREATE INDEX device_codes_from ON device_codes (network, expires_at);

-- What makes the first operator: printed at a start while there is none.
CREATE TABLE setup_tokens (
    secret_hash {BYTES} NOT NULL PRIMARY KEY,
    created_at  {COUNT} NOT NULL,
    expires_at  {COUNT} NOT NULL
) {CLUSTERED};

-- What an organization lets its members use. `rules` is JSON; each change counts `version` up.
CREATE TABLE policies (
    organization {ID}    NOT NULL PRIMARY KEY,
    rules        {TEXT}  NOT NULL,
    version      {COUNT} NOT NULL,
    changed_at   {COUNT} NOT NULL
) {CLUSTERED};

-- Who changed what. `scope` is the organization or the person whose log it is, or the UUID of zeros for the
-- server itself; `person` is whom the change was about. Before and after are JSON without secrets.
CREATE TABLE audit_log (
    scope      {ID}    NOT NULL,
    id         {ID}    NOT NULL,
    at         {COUNT} NOT NULL,
    actor_kind {TEXT}  NOT NULL CHECK (actor_kind IN ('person', 'key', 'operator', 'server')),
    actor      {ID},
    action     {TEXT}  NOT NULL,
    subject    {TEXT}  NOT NULL,
    person     {ID},
    before     {TEXT},
    after      {TEXT},
    PRIMARY KEY (scope, id)
) {CLUSTERED};

-- Nobody rewrites the log.
--- sqlite
CREATE TRIGGER audit_log_keep BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log is only appended'); END;
CREATE TRIGGER audit_log_stay BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'audit_log is only appended'); END;
--- end
--- postgres
CREATE TRIGGER audit_log_keep BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_log_stay BEFORE TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
--- end
