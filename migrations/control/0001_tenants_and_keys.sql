-- What all tenants share: who they are and which API keys open their doors.

CREATE TABLE tenants (
    name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]{0,40}$'),
    created_at timestamptz NOT NULL DEFAULT now()
);

-- key_id is the public part of a key, by which it is found and named; of the secret only its SHA-256 is
-- kept (it is random, so a slow hash would add nothing). stores NULL means every store of the tenant.
CREATE TABLE api_keys (
    key_id text PRIMARY KEY,
    tenant text NOT NULL REFERENCES tenants (name),
    secret_sha256 bytea NOT NULL CHECK (octet_length(secret_sha256) = 32),
    name text NOT NULL,
    scopes text[] NOT NULL,
    stores text[],
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);

CREATE INDEX api_keys_by_tenant ON api_keys (tenant, created_at);

-- The service reads tenants and can't make one; it issues keys and revokes them, and changes nothing else.
GRANT SELECT ON tenants TO daybook_service;
GRANT SELECT, INSERT ON api_keys TO daybook_service;
GRANT UPDATE (revoked_at) ON api_keys TO daybook_service;
