-- The journal of one tenant. Table, columns and types of stored_events and snapshots are those that
-- the eventsourcing library reads; positions come from journal_head instead of a sequence, so they have no gaps.

CREATE TABLE stored_events (
    originator_id text NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigint NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
);

CREATE UNIQUE INDEX stored_events_notification_id_idx ON stored_events (notification_id);

-- The one row that every append updates and so holds until it commits: it gives out the positions in
-- commit order. recorded_at is that of the last event: the server's clock may go back, the journal's may not.
CREATE TABLE journal_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL,
    recorded_at timestamptz NOT NULL
);
INSERT INTO journal_head (position, recorded_at) VALUES (0, '-infinity');

-- A command that was accepted, and its answer. The fingerprint is a keyed hash of the request, so that a key
-- used for another request is noticed; neither holds personal data. Kept 30 days.
CREATE TABLE commands (
    command_id text PRIMARY KEY,
    fingerprint bytea NOT NULL,
    position bigint NOT NULL,
    result bytea NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX commands_by_age ON commands (recorded_at);

-- States of long streams, to begin reading from. The topic names the shape of the state; others are ignored.
CREATE TABLE snapshots (
    originator_id text NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
);

-- Append-only: the service's role may not change or remove an event, and even the owner has to drop a trigger first.
CREATE FUNCTION refuse_to_rewrite_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on % refused', TG_OP, TG_TABLE_NAME
        USING HINT = 'Record a correcting event instead.';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_rewrite_history();

-- The journal as an auditor reads it in psql.
CREATE VIEW history AS
SELECT notification_id AS position,
       originator_id AS stream,
       originator_version AS version,
       topic AS type,
       (envelope ->> 'occurred_at')::timestamptz AS occurred_at,
       (envelope ->> 'recorded_at')::timestamptz AS recorded_at,
       envelope ->> 'actor' AS actor,
       envelope ->> 'channel' AS channel,
       envelope ->> 'terminal' AS terminal,
       envelope ->> 'command_id' AS command_id,
       envelope ->> 'correlation_id' AS correlation_id,
       envelope ->> 'causation_id' AS causation_id,
       envelope -> 'data' AS data
FROM stored_events,
     LATERAL (SELECT convert_from(state, 'UTF8')::jsonb AS envelope) AS decoded;

GRANT SELECT, INSERT ON stored_events TO daybook_service;
GRANT SELECT, UPDATE ON journal_head TO daybook_service;
GRANT SELECT, INSERT, DELETE ON commands TO daybook_service;
GRANT SELECT, INSERT, DELETE ON snapshots TO daybook_service;
GRANT SELECT ON history TO daybook_service;
