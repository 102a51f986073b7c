-- projections/stock_levels: what of a SKU is promised to which order until when; quantity is 0 once that has ended.
CREATE TABLE stock_reservations (
    store_id text NOT NULL,
    sku text NOT NULL,
    reference text NOT NULL,
    quantity bigint NOT NULL,
    held_until timestamptz,
    PRIMARY KEY (store_id, sku, reference)
);
-- What is promised is little; what was grows with the orders.
CREATE INDEX stock_reservations_held ON stock_reservations (store_id, sku, held_until) WHERE quantity > 0;
SELECT enter_read_model('stock_reservations', 'stock_levels');
