-- projections/campaign_results: who was written to, who was not for comparison, and what customers bought.
CREATE TABLE campaign_members (
    rule_id text NOT NULL,
    customer_id text NOT NULL,
    occasion text NOT NULL,
    outcome text NOT NULL,
    due_at timestamptz,
    counts_until timestamptz,
    coupon_id text,
    opened boolean NOT NULL,
    clicked boolean NOT NULL,
    replies bigint NOT NULL,
    rating bigint,
    PRIMARY KEY (rule_id, customer_id, occasion)
);
CREATE TABLE campaign_sales (
    sale_id text PRIMARY KEY,
    customer_id text NOT NULL,
    sold_at timestamptz,
    currency text NOT NULL,
    prices_include_tax boolean NOT NULL,
    paid_minor bigint NOT NULL,
    revenue_minor bigint NOT NULL,
    cost_minor bigint NOT NULL,
    without_cost_minor bigint NOT NULL,
    unknown_cost jsonb NOT NULL
);
CREATE INDEX campaign_sales_by_customer ON campaign_sales (customer_id, sold_at);
CREATE TABLE campaign_coupons (
    coupon_id text PRIMARY KEY,
    sale_id text
);
SELECT enter_read_model('campaign_members', 'campaign_results');
SELECT enter_read_model('campaign_sales', 'campaign_results');
SELECT enter_read_model('campaign_coupons', 'campaign_results');
