-- projections/count_results: what counts found, what turned out to be told late, and what was counted. Minor units.
CREATE TABLE count_variances (
    position bigint NOT NULL,
    number bigint NOT NULL,
    store_id text NOT NULL,
    sku text NOT NULL,
    lot text,
    recorded_at timestamptz,
    count_id text,
    cause text,
    shrink bigint NOT NULL,
    shrink_minor bigint NOT NULL,
    surplus bigint NOT NULL,
    surplus_minor bigint NOT NULL,
    late bigint NOT NULL,
    late_minor bigint NOT NULL,
    PRIMARY KEY (position, number)
);
-- Read by store and time.
CREATE INDEX count_variances_by_time ON count_variances (store_id, recorded_at);
SELECT enter_read_model('count_variances', 'count_results');

CREATE TABLE count_lines (
    position bigint NOT NULL,
    number bigint NOT NULL,
    store_id text NOT NULL,
    count_id text NOT NULL,
    sku text NOT NULL,
    lot text,
    location text,
    recorded_at timestamptz,
    counted bigint NOT NULL,
    book bigint NOT NULL,
    PRIMARY KEY (position, number)
);
CREATE INDEX count_lines_by_time ON count_lines (store_id, recorded_at);
SELECT enter_read_model('count_lines', 'count_results');
