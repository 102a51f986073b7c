-- projections/customer_days: what customers bought by day. Maps are minor units: by currency, or currency/category.
CREATE TABLE customer_days (
    customer_id text NOT NULL,
    business_day date NOT NULL,
    purchases bigint NOT NULL,
    returns bigint NOT NULL,
    spend_minor jsonb NOT NULL,
    goods_minor jsonb NOT NULL,
    categories jsonb NOT NULL,
    PRIMARY KEY (customer_id, business_day)
);
SELECT enter_read_model('customer_days', 'customer_days');
CREATE TABLE customers_since (
    customer_id text PRIMARY KEY,
    registered_at timestamptz
);
SELECT enter_read_model('customers_since', 'customer_days');
CREATE TABLE customer_tiers (
    customer_id text NOT NULL,
    changed_on date NOT NULL,
    tier text,
    PRIMARY KEY (customer_id, changed_on)
);
SELECT enter_read_model('customer_tiers', 'customer_days');

-- projections/segments: segments, who came and went as of which day, and who belongs to them.
CREATE TABLE segments (
    segment_id text PRIMARY KEY,
    version bigint NOT NULL,
    active boolean NOT NULL,
    evaluated_version bigint NOT NULL,
    evaluated_as_of date,
    members bigint NOT NULL
);
SELECT enter_read_model('segments', 'segments');
CREATE TABLE segment_counts (
    segment_id text NOT NULL,
    as_of date NOT NULL,
    version bigint NOT NULL,
    entered bigint NOT NULL,
    departed bigint NOT NULL,
    members bigint,
    PRIMARY KEY (segment_id, as_of)
);
SELECT enter_read_model('segment_counts', 'segments');
CREATE TABLE segment_members (
    segment_id text NOT NULL,
    customer_id text NOT NULL,
    entered_as_of date,
    departed_as_of date,
    PRIMARY KEY (segment_id, customer_id)
);
-- Most who ever belonged to a segment have left it.
CREATE INDEX segment_members_present ON segment_members (segment_id, customer_id) WHERE departed_as_of IS NULL;
SELECT enter_read_model('segment_members', 'segments');
