-- projections/care_audience: who may be written to on which occasion. Ids, days and prices only.
CREATE TABLE care_rules (
    rule_id text PRIMARY KEY,
    version bigint NOT NULL,
    name text NOT NULL,
    occasion text NOT NULL,
    store_id text NOT NULL,
    channel text NOT NULL,
    active_from date,
    active_until date
);
CREATE TABLE care_customers (
    customer_id text PRIMARY KEY,
    registered boolean NOT NULL,
    consents jsonb NOT NULL,
    last_bought_on date
);
CREATE INDEX care_customers_by_day ON care_customers (last_bought_on);
CREATE TABLE care_interests (
    customer_id text NOT NULL,
    sku text NOT NULL,
    category text NOT NULL,
    last_bought_on date,
    PRIMARY KEY (customer_id, sku)
);
CREATE INDEX care_interests_by_product ON care_interests (sku, customer_id);
CREATE INDEX care_interests_by_category ON care_interests (category, customer_id);
CREATE TABLE care_wishes (
    customer_id text NOT NULL,
    sku text NOT NULL,
    number bigint NOT NULL,
    noted_at timestamptz,
    is_open boolean NOT NULL,
    PRIMARY KEY (customer_id, sku)
);
CREATE INDEX care_wishes_by_product ON care_wishes (sku) WHERE is_open;
CREATE TABLE care_products (
    sku text PRIMARY KEY,
    category text NOT NULL,
    price_minor bigint NOT NULL,
    listed_at timestamptz,
    dropped_at timestamptz,
    before_minor bigint
);
SELECT enter_read_model('care_rules', 'care_audience');
SELECT enter_read_model('care_customers', 'care_audience');
SELECT enter_read_model('care_interests', 'care_audience');
SELECT enter_read_model('care_wishes', 'care_audience');
SELECT enter_read_model('care_products', 'care_audience');
