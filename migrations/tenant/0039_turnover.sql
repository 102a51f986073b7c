-- projections/turnover: what SKUs brought without tax, by when it was recorded, and their categories. Minor units.
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

CREATE TABLE product_categories (
    sku text NOT NULL,
    position bigint NOT NULL,
    recorded_at timestamptz,
    category text NOT NULL,
    PRIMARY KEY (sku, position)
);
SELECT enter_read_model('product_categories', 'turnover');
