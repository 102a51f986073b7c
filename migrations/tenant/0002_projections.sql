-- How far each projection has folded the journal, moved in the transaction that writes its rows. The epoch
-- rises with each new projector: one that was overtaken finds another epoch and can't write. A projector that
-- works or waits renews alive_at; one that leaves clears its name.

CREATE TABLE projection_checkpoints (
    name text PRIMARY KEY,
    version bigint NOT NULL,
    position bigint NOT NULL,
    epoch bigint NOT NULL DEFAULT 0,
    owner text,
    alive_at timestamptz,
    moved_at timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT, UPDATE ON projection_checkpoints TO daybook_service;
