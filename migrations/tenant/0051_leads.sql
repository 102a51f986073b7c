-- projections/lead_board. No notes: those are sealed in the journal.
CREATE TABLE lead_board (
    lead_id text PRIMARY KEY,
    customer_id text NOT NULL,
    store_id text NOT NULL,
    source text NOT NULL,
    employee_id text,
    sku text,
    category text,
    stage text NOT NULL,
    reached text NOT NULL,
    opened_at timestamptz,
    stage_at timestamptz,
    changed_at timestamptz,
    contacted_at timestamptz,
    visited_at timestamptz,
    quoted_at timestamptz,
    closed_at timestamptz,
    reason text,
    sale_id text,
    amount_minor bigint,
    currency text
);
CREATE INDEX lead_board_by_opening ON lead_board (opened_at DESC, lead_id);
CREATE INDEX lead_board_by_stage ON lead_board (stage, opened_at DESC, lead_id);
CREATE INDEX lead_board_by_customer ON lead_board (customer_id);
SELECT enter_read_model('lead_board', 'lead_board');

-- projections/task_board: what is open is read by when it is due.
CREATE TABLE task_board (
    task_id text PRIMARY KEY,
    store_id text NOT NULL,
    subject text NOT NULL,
    action text NOT NULL,
    status text NOT NULL,
    employee_id text,
    rule text,
    opened_at timestamptz,
    due_at timestamptz,
    closed_at timestamptz,
    outcome text
);
CREATE INDEX task_board_by_due ON task_board (status, due_at, task_id);
CREATE INDEX task_board_by_subject ON task_board (subject);
SELECT enter_read_model('task_board', 'task_board');
