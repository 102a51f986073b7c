-- projections/stock_alerts: what somebody should look at. Quantities in the SKU's unit.
CREATE TABLE alerts (
    store_id text NOT NULL,
    sku text NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL,
    lot text,
    figure bigint NOT NULL,
    threshold bigint NOT NULL,
    quantity bigint NOT NULL,
    day date,
    sell_by date,
    position bigint NOT NULL,
    raised_at timestamptz,
    acknowledged_at timestamptz,
    acknowledged_by text,
    note text,
    cleared_at timestamptz,
    cleared_figure bigint,
    PRIMARY KEY (store_id, sku, number)
);
CREATE INDEX alerts_by_age ON alerts (position DESC);
-- What is open is little; what was is kept.
CREATE INDEX alerts_open ON alerts (store_id, position DESC) WHERE cleared_at IS NULL;
SELECT enter_read_model('alerts', 'stock_alerts');

CREATE TABLE alert_items (
    store_id text NOT NULL,
    sku text NOT NULL,
    open jsonb NOT NULL,
    PRIMARY KEY (store_id, sku)
);
SELECT enter_read_model('alert_items', 'stock_alerts');

CREATE TABLE alert_thresholds (
    store_id text NOT NULL,
    sku text NOT NULL,
    thresholds text,
    PRIMARY KEY (store_id, sku)
);
SELECT enter_read_model('alert_thresholds', 'stock_alerts');

CREATE TABLE alert_digests (
    store_id text NOT NULL,
    up_to bigint NOT NULL,
    told_at timestamptz,
    PRIMARY KEY (store_id)
);
SELECT enter_read_model('alert_digests', 'stock_alerts');

-- How far alerts have followed the journal, and the business day on which each store was looked at as a whole
-- (workers/alerts). Both only spare work: what is looked at twice changes nothing.
CREATE TABLE alert_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL
);
INSERT INTO alert_head (position) SELECT position FROM journal_head;

CREATE TABLE alert_days (
    store_id text PRIMARY KEY,
    day date NOT NULL
);
GRANT SELECT, UPDATE ON alert_head TO daybook_service;
GRANT SELECT, INSERT, UPDATE ON alert_days TO daybook_service;
