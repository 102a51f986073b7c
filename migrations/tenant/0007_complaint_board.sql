-- projections/complaint_board. No texts: those are sealed in the journal.
CREATE TABLE complaint_board (
    case_id text PRIMARY KEY,
    kind text NOT NULL,
    status text NOT NULL,
    category text NOT NULL,
    customer_id text,
    store_id text,
    sale_id text,
    sku text,
    employee_id text,
    opened_at timestamptz,
    changed_at timestamptz,
    resolved_at timestamptz,
    comments bigint NOT NULL,
    reopenings bigint NOT NULL
);
-- The board is read newest first, all of it or by status.
CREATE INDEX complaint_board_by_opening ON complaint_board (opened_at DESC, case_id);
CREATE INDEX complaint_board_by_status ON complaint_board (status, opened_at DESC, case_id);
GRANT SELECT, INSERT, UPDATE, DELETE ON complaint_board TO daybook_service;
