-- The projector processes that are alive: they share the tenants among them.
CREATE TABLE projectors (
    name text PRIMARY KEY,
    alive_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON projectors TO daybook_service;
