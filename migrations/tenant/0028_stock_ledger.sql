-- projections/stock_ledger: what moved of which lot, and what costs turned out to be. Minor units.
CREATE TABLE stock_ledger (
    position bigint NOT NULL,
    number bigint NOT NULL,
    store_id text NOT NULL,
    sku text NOT NULL,
    lot text,
    recorded_at timestamptz,
    occurred_at timestamptz,
    from_place text,
    to_place text,
    quantity bigint NOT NULL,
    on_hand bigint NOT NULL,
    held bigint NOT NULL,
    cost_minor bigint NOT NULL,
    value_minor bigint NOT NULL,
    variance_minor bigint NOT NULL,
    cause text,
    reference text,
    PRIMARY KEY (position, number)
);
-- Read by item, the newest first.
CREATE INDEX stock_ledger_by_item ON stock_ledger (store_id, sku, position DESC, number DESC);
SELECT enter_read_model('stock_ledger', 'stock_ledger');
