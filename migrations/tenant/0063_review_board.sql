-- projections/review_board: how far reviews of employees are, and which plans are open. due is by number of the plan,
-- in days since 1 January of the year 1.
CREATE TABLE reviews (
    employee_id text NOT NULL,
    cycle text NOT NULL,
    store_id text NOT NULL,
    status text NOT NULL,
    given_at timestamptz,
    acknowledged_at timestamptz,
    plans bigint NOT NULL,
    due jsonb NOT NULL,
    next_due date,
    PRIMARY KEY (employee_id, cycle)
);
CREATE INDEX reviews_due ON reviews (store_id, employee_id, cycle) WHERE next_due IS NOT NULL;
SELECT enter_read_model('reviews', 'review_board');
