-- projections/item_demand: quantities in the SKU's unit, instants by the till's clock, hours of the store's local time.
CREATE TABLE item_demand (
    store_id text NOT NULL,
    sku text NOT NULL,
    business_day date NOT NULL,
    sold bigint NOT NULL,
    returned bigint NOT NULL,
    PRIMARY KEY (store_id, sku, business_day)
);
SELECT enter_read_model('item_demand', 'item_demand');

CREATE TABLE item_outages (
    store_id text NOT NULL,
    sku text NOT NULL,
    on_hand bigint NOT NULL,
    since timestamptz,
    out_since timestamptz,
    outages jsonb NOT NULL,
    PRIMARY KEY (store_id, sku)
);
SELECT enter_read_model('item_outages', 'item_demand');

CREATE TABLE selling_hours (
    store_id text NOT NULL,
    hour bigint NOT NULL,
    lines bigint NOT NULL,
    PRIMARY KEY (store_id, hour)
);
SELECT enter_read_model('selling_hours', 'item_demand');

-- projections/replenishment: policies and what follows from them.
CREATE TABLE replenished_items (
    store_id text NOT NULL,
    sku text NOT NULL,
    policy text,
    numbers bigint NOT NULL,
    waiting jsonb NOT NULL,
    reserved bigint NOT NULL,
    PRIMARY KEY (store_id, sku)
);
SELECT enter_read_model('replenished_items', 'replenishment');

CREATE TABLE suggestions (
    store_id text NOT NULL,
    sku text NOT NULL,
    number bigint NOT NULL,
    status text NOT NULL,
    quantity bigint NOT NULL,
    suggested bigint NOT NULL,
    supplier_id text,
    day date,
    made_at timestamptz,
    settled_at timestamptz,
    settled_by text,
    reason text,
    reference text,
    made text NOT NULL,
    PRIMARY KEY (store_id, sku, number)
);
-- What waits is little; what was settled is kept.
CREATE INDEX suggestions_waiting ON suggestions (store_id, status, sku, number) WHERE status IN ('made', 'accepted');
SELECT enter_read_model('suggestions', 'replenishment');

-- projections/demand_observed: what others saw, in thousandths of a unit; bit h of out: hour h was out of stock.
CREATE TABLE demand_observed (
    source text NOT NULL,
    store_id text NOT NULL,
    sku text NOT NULL,
    day date NOT NULL,
    sold_milli bigint NOT NULL,
    out bigint NOT NULL,
    by_hour_milli jsonb NOT NULL,
    PRIMARY KEY (source, store_id, sku, day)
);
SELECT enter_read_model('demand_observed', 'demand_observed');
