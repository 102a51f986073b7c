-- projections/order_board. carriers is the place of each shipment's furthest report; flags are 0 and 1.
CREATE TABLE order_board (
    order_id text PRIMARY KEY,
    store_id text NOT NULL,
    channel text NOT NULL,
    status text NOT NULL,
    customer_id text,
    employee_id text,
    currency text NOT NULL,
    total_minor bigint NOT NULL,
    placed_at timestamptz,
    pay_by timestamptz,
    ship_by timestamptz,
    changed_at timestamptz,
    short bigint NOT NULL,
    delayed bigint NOT NULL,
    damaged bigint NOT NULL,
    undelivered bigint NOT NULL,
    carriers jsonb NOT NULL
);
-- The board is read newest first, all of it or of a status or an employee.
CREATE INDEX order_board_by_placing ON order_board (placed_at DESC, order_id);
CREATE INDEX order_board_by_status ON order_board (status, placed_at DESC, order_id);
CREATE INDEX order_board_by_employee ON order_board (employee_id, placed_at DESC, order_id);
-- Exceptions are sought among what is not over, which is little.
CREATE INDEX order_board_not_over ON order_board (placed_at, order_id)
    WHERE status NOT IN ('received', 'cancelled', 'failed') OR damaged = 1;
SELECT enter_read_model('order_board', 'order_board');
