-- The key store. It may be a database of its own, so nothing here refers to another schema; its backups
-- expire, and with them the last copy of an erased person's key.

-- One data key a person, wrapped by the master key. Deleting the row erases the person: whatever was
-- encrypted under the key can't be read again.
CREATE TABLE subject_keys (
    key_id uuid PRIMARY KEY,
    tenant text NOT NULL,
    subject text NOT NULL,
    wrapped_key bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (tenant, subject)
);

-- One HMAC key a tenant, wrapped likewise, for blind hashes: search without plain text.
CREATE TABLE tenant_keys (
    tenant text PRIMARY KEY,
    wrapped_key bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- A key is made or destroyed, never changed.
GRANT SELECT, INSERT, DELETE ON subject_keys TO daybook_service;
GRANT SELECT, INSERT ON tenant_keys TO daybook_service;
