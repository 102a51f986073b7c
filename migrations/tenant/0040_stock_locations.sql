-- projections/stock_locations: what came to which location of a store and left it, and what the places cost. Minor
-- units.
CREATE TABLE location_entries (
    position bigint NOT NULL,
    location text NOT NULL,
    store_id text NOT NULL,
    sku text NOT NULL,
    recorded_at timestamptz,
    quantity bigint NOT NULL,
    PRIMARY KEY (position, location)
);
CREATE INDEX location_entries_by_item ON location_entries (store_id, sku, position);
SELECT enter_read_model('location_entries', 'stock_locations');

CREATE TABLE storage_costs (
    position bigint NOT NULL,
    location text NOT NULL,
    store_id text NOT NULL,
    recorded_at timestamptz,
    month_minor bigint NOT NULL,
    PRIMARY KEY (position, location)
);
SELECT enter_read_model('storage_costs', 'stock_locations');
