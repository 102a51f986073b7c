-- projections/count_board: which counts are there, and how far they are. Nothing of what the book says.
CREATE TABLE count_board (
    count_id text PRIMARY KEY,
    store_id text NOT NULL,
    kind text NOT NULL,
    location text,
    status text NOT NULL,
    started_at timestamptz,
    changed_at timestamptz,
    items bigint NOT NULL,
    items_left bigint NOT NULL,
    lines bigint NOT NULL
);
CREATE INDEX count_board_by_start ON count_board (store_id, started_at DESC, count_id);
SELECT enter_read_model('count_board', 'count_board');
