-- What a projection could not fold, and whatever came after it for the same row: a row that lacks an event takes
-- no later one. table_name is '' and key the stream where the projection could not even say which rows the event
-- touches. The event that failed has an error; the ones that wait behind it have none.
CREATE TABLE parked_events (
    projection text NOT NULL,
    table_name text NOT NULL,
    key text NOT NULL,
    position bigint NOT NULL,
    error text,
    traceback text,
    parked_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, table_name, key, position)
);

-- What an operator has taken out of a row for good. A rebuild leaves it out too.
CREATE TABLE skipped_events (
    projection text NOT NULL,
    table_name text NOT NULL,
    key text NOT NULL,
    position bigint NOT NULL,
    error text NOT NULL,
    reason text NOT NULL,
    skipped_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, table_name, key, position)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON parked_events TO daybook_service;
GRANT SELECT, INSERT ON skipped_events TO daybook_service;
