-- The Merkle tree over the journal (infra/audit) and its signed checkpoints. The truth about the past is in the
-- checkpoints that stand outside the database; these tables only make proofs quick.

-- How far the journal is sealed. A sealer holds the row while it works, so two never write at once. error says why
-- it refuses to go on; alive_at is its last sign of life.
CREATE TABLE audit_seal (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    size bigint NOT NULL DEFAULT 0,
    sealed_at timestamptz,
    alive_at timestamptz,
    error text
);
INSERT INTO audit_seal (only_row) VALUES (true);

-- Up to 256 hashes of 32 bytes a tile; the last of each level grows.
CREATE TABLE audit_tiles (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (level, index)
);
-- Hashes can't be compressed: PostgreSQL need not try.
ALTER TABLE audit_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE audit_checkpoints (
    size bigint PRIMARY KEY,
    note text NOT NULL,
    sealed_at timestamptz NOT NULL DEFAULT now()
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();

GRANT SELECT, UPDATE ON audit_seal TO daybook_service;
GRANT SELECT, INSERT, UPDATE ON audit_tiles TO daybook_service;
GRANT SELECT, INSERT ON audit_checkpoints TO daybook_service;

SELECT show_to_auditors(shown)
FROM unnest(ARRAY['audit_seal', 'audit_tiles', 'audit_checkpoints']) AS shown;
