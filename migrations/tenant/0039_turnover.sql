-- projections/turnover: what SKUs brought without tax, by when it was recorded. Minor units.
CREATE TABLE turnover_sales (
    position bigint NOT NULL,
    sku text NOT NULL,
    store_id text NOT NULL,
    recorded_at timestamptz,
    quantity bigint NOT NULL,
    net_minor bigint NOT NULL,
    PRIMARY KEY (position, sku)
);
-- Read by store and time.
CREATE INDEX turnover_sales_by_time ON turnover_sales (store_id, recorded_at);
SELECT enter_read_model('turnover_sales', 'turnover');
