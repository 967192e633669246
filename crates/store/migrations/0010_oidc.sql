-- Version 10: signing in with an OpenID provider.

-- Somebody who has set out to the provider. The state comes back with them, once: the row goes with it.
CREATE TABLE oidc_setouts (
    state_hash {BYTES} NOT NULL PRIMARY KEY,
    nonce      {TEXT}  NOT NULL,
    verifier   {TEXT}  NOT NULL,
    return_to  {TEXT}  NOT NULL,
    expires_at {COUNT} NOT NULL
) {TABLE};
CREATE INDEX oidc_setouts_old ON oidc_setouts (expires_at);

-- Who a person is to a provider. It stays when their mail address changes there.
CREATE TABLE oidc_identities (
    issuer    {TEXT}  NOT NULL,
    subject   {TEXT}  NOT NULL,
    user_id   {ID}    NOT NULL,
    linked_at {COUNT} NOT NULL,
    PRIMARY KEY (issuer, subject)
) {TABLE};
CREATE INDEX oidc_identities_of_user ON oidc_identities (user_id);
