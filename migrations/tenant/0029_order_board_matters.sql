-- Whether anything came back, and what somebody has to look at.
SELECT alter_read_model('order_board', 'ADD COLUMN returned bigint NOT NULL DEFAULT 0');
SELECT alter_read_model('order_board', 'ADD COLUMN matters jsonb NOT NULL DEFAULT ''{}''');
-- An order of which nothing is kept is over.
DROP INDEX order_board_not_over;
CREATE INDEX order_board_not_over ON order_board (placed_at, order_id)
    WHERE status NOT IN ('received', 'cancelled', 'failed', 'returned') OR damaged = 1;
