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
