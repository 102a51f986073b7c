-- Keys come to be used, replaced and looked at; people sign in with a name and a password.

-- last_used_at is coarse: each process notes it every half minute, never once per request.
ALTER TABLE api_keys
    ADD COLUMN successor_of text REFERENCES api_keys (key_id),
    ADD COLUMN last_used_at timestamptz;
GRANT UPDATE (expires_at, last_used_at) ON api_keys TO daybook_service;

-- password_hash is Argon2id in its own text form, which says with what parameters it was made. limits are those
-- that this person has instead of the roles'.
CREATE TABLE users (
    user_id text PRIMARY KEY,
    tenant text NOT NULL REFERENCES tenants (name),
    sign_in_name text NOT NULL,
    password_hash text NOT NULL,
    must_change boolean NOT NULL DEFAULT true,
    disabled boolean NOT NULL DEFAULT false,
    limits jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant, sign_in_name)
);

-- store_id '*' means every store of the tenant, those to come included.
CREATE TABLE role_assignments (
    user_id text NOT NULL REFERENCES users (user_id),
    store_id text NOT NULL,
    role text NOT NULL,
    PRIMARY KEY (user_id, store_id, role)
);

-- A tenant's own roles, and its limits for the built-in ones (permissions NULL: those of the built-in role).
CREATE TABLE roles (
    tenant text NOT NULL REFERENCES tenants (name),
    name text NOT NULL,
    permissions text[],
    limits jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant, name)
);

-- Of a session's token only the SHA-256 is kept. used_at is as coarse as that of keys.
CREATE TABLE sessions (
    token_sha256 bytea PRIMARY KEY CHECK (octet_length(token_sha256) = 32),
    user_id text NOT NULL REFERENCES users (user_id),
    created_at timestamptz NOT NULL DEFAULT now(),
    used_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);

CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- Attempts to sign in, by the hash of a name or of an address: neither stands here in clear.
CREATE TABLE sign_in_attempts (
    subject bytea PRIMARY KEY,
    attempts integer NOT NULL,
    last_at timestamptz NOT NULL,
    blocked_until timestamptz NOT NULL
);

CREATE INDEX sign_in_attempts_by_time ON sign_in_attempts (last_at);

GRANT SELECT, INSERT ON users TO daybook_service;
GRANT UPDATE (password_hash, must_change, disabled, limits) ON users TO daybook_service;
GRANT SELECT, INSERT, DELETE ON role_assignments TO daybook_service;
GRANT SELECT, INSERT, UPDATE (permissions, limits) ON roles TO daybook_service;
GRANT SELECT, INSERT, DELETE, UPDATE (used_at) ON sessions TO daybook_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_attempts TO daybook_service;
