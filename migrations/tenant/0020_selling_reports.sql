-- projections/product_sales and projections/promotion_results. Minor units of the store's currency.
CREATE TABLE product_sales (
    sku text NOT NULL,
    store_id text NOT NULL,
    business_day date NOT NULL,
    currency text NOT NULL,
    quantity bigint NOT NULL,
    returned_quantity bigint NOT NULL,
    gross_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    returns_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    cost_minor bigint NOT NULL,
    PRIMARY KEY (sku, store_id, business_day)
);
SELECT enter_read_model('product_sales', 'product_sales');

CREATE TABLE promotion_results (
    source text NOT NULL,
    rule_id text NOT NULL,
    store_id text NOT NULL,
    business_day date NOT NULL,
    currency text NOT NULL,
    sales bigint NOT NULL,
    uses bigint NOT NULL,
    discount_minor bigint NOT NULL,
    revenue_minor bigint NOT NULL,
    PRIMARY KEY (source, rule_id, store_id, business_day)
);
SELECT enter_read_model('promotion_results', 'promotion_results');

CREATE TABLE promotion_customers (
    source text NOT NULL,
    rule_id text NOT NULL,
    customer_id text NOT NULL,
    store_id text NOT NULL,
    business_day date NOT NULL,
    first_used_at timestamptz,
    PRIMARY KEY (source, rule_id, customer_id, store_id, business_day)
);
SELECT enter_read_model('promotion_customers', 'promotion_results');

CREATE TABLE trading_days (
    store_id text NOT NULL,
    business_day date NOT NULL,
    currency text NOT NULL,
    sales bigint NOT NULL,
    revenue_minor bigint NOT NULL,
    PRIMARY KEY (store_id, business_day)
);
SELECT enter_read_model('trading_days', 'promotion_results');
