-- What follows from events: recorded here with the reactor's position, then relayed to the job queue (decision 0043).
-- Ids and times only.

-- How far the reactor has followed the journal; whoever moves it holds this row.
CREATE TABLE reactor_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL
);
-- What happened before there were reactions causes none.
INSERT INTO reactor_head (position) SELECT position FROM journal_head;

-- One row a reaction and cause, until it is relayed.
CREATE TABLE outbox (
    reaction text NOT NULL,
    position bigint NOT NULL,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (position, reaction)
);

GRANT SELECT, UPDATE ON reactor_head TO daybook_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO daybook_service;
