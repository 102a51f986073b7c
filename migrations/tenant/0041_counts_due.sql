-- projections/counts_due: which items are being counted, and when they were.
CREATE TABLE item_counts (
    store_id text NOT NULL,
    sku text NOT NULL,
    counting text,
    counted_at timestamptz,
    PRIMARY KEY (store_id, sku)
);
SELECT enter_read_model('item_counts', 'counts_due');
