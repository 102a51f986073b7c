-- projections/report_keys: what a product's category and a store's time zone were from a position of the journal on.
CREATE TABLE product_categories (
    sku text NOT NULL,
    position bigint NOT NULL,
    recorded_at timestamptz,
    category text NOT NULL,
    PRIMARY KEY (sku, position)
);
SELECT enter_read_model('product_categories', 'report_keys');

CREATE TABLE store_time_zones (
    store_id text NOT NULL,
    position bigint NOT NULL,
    time_zone text NOT NULL,
    PRIMARY KEY (store_id, position)
);
SELECT enter_read_model('store_time_zones', 'report_keys');
