-- What is due of each case that is not resolved (infra/cases/deadlines), worked out from the journal up to the
-- position. Emptied and set back to 0 it comes to the same.
CREATE TABLE case_deadlines (
    case_id text PRIMARY KEY,
    kind text NOT NULL,
    category text NOT NULL,
    priority text NOT NULL,
    store_id text,
    employee_id text,
    clock text,
    due_at timestamptz,
    next_at timestamptz,
    level bigint NOT NULL
);
CREATE INDEX case_deadlines_by_due ON case_deadlines (due_at, case_id) WHERE due_at IS NOT NULL;
CREATE INDEX case_deadlines_by_level ON case_deadlines (next_at, case_id) WHERE next_at IS NOT NULL;

CREATE TABLE case_deadlines_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL
);
INSERT INTO case_deadlines_head (position) VALUES (0);
GRANT SELECT, INSERT, DELETE ON case_deadlines TO daybook_service;
GRANT SELECT, UPDATE ON case_deadlines_head TO daybook_service;
