-- projections/replenishment: what is promised to orders stands in stock_reservations, and lapses by the clock.
SELECT alter_read_model('replenished_items', 'DROP COLUMN reserved');

-- Which suggestions of a store for a supplier become drafts of purchase orders by themselves.
CREATE TABLE ordering_policies (
    store_id text NOT NULL,
    supplier_id text NOT NULL,
    automatic text,
    PRIMARY KEY (store_id, supplier_id)
);
SELECT enter_read_model('ordering_policies', 'replenishment');

-- What stands in a draft waits too.
DROP INDEX suggestions_waiting;
CREATE INDEX suggestions_waiting ON suggestions (store_id, status, sku, number)
    WHERE status IN ('made', 'accepted', 'drafted');

-- projections/item_demand: how much of each lot is on the shelf, and until when it may be sold.
CREATE TABLE item_lots (
    store_id text NOT NULL,
    sku text NOT NULL,
    lot text NOT NULL,
    received_on date,
    sell_by date,
    on_hand bigint NOT NULL,
    PRIMARY KEY (store_id, sku, lot)
);
-- What is there is little; what has gone grows with the deliveries.
CREATE INDEX item_lots_there ON item_lots (store_id, sku) WHERE on_hand > 0;
SELECT enter_read_model('item_lots', 'item_demand');
