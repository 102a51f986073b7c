-- projections/stock_levels. Quantities in the SKU's unit.
CREATE TABLE stock_levels (
    store_id text NOT NULL,
    sku text NOT NULL,
    on_hand bigint NOT NULL,
    value_minor bigint NOT NULL,
    received bigint NOT NULL,
    sold bigint NOT NULL,
    returned bigint NOT NULL,
    wasted bigint NOT NULL,
    adjusted bigint NOT NULL,
    moved_at timestamptz,
    PRIMARY KEY (store_id, sku)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON stock_levels TO daybook_service;
