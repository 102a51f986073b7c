-- projections/counts_due: when items were counted, and which of their lots expire.
CREATE TABLE item_counts (
    store_id text NOT NULL,
    sku text NOT NULL,
    counting text,
    counted_at timestamptz,
    PRIMARY KEY (store_id, sku)
);
SELECT enter_read_model('item_counts', 'counts_due');

CREATE TABLE item_lots (
    store_id text NOT NULL,
    sku text NOT NULL,
    lot text NOT NULL,
    sell_by date,
    on_hand bigint NOT NULL,
    PRIMARY KEY (store_id, sku, lot)
);
SELECT enter_read_model('item_lots', 'counts_due');
