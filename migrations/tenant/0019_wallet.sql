-- projections/wallet. Lots are sums by the instant at which they lapse, '' for never; value in minor units.
CREATE TABLE wallet (
    customer_id text PRIMARY KEY,
    points jsonb NOT NULL,
    owed bigint NOT NULL,
    next_lapse_at timestamptz,
    tier text,
    tier_since timestamptz,
    grace_until timestamptz,
    earned bigint NOT NULL,
    spent bigint NOT NULL,
    lapsed bigint NOT NULL
);
-- What the daily job looks for.
CREATE INDEX wallet_by_lapse ON wallet (next_lapse_at) WHERE next_lapse_at IS NOT NULL;
CREATE INDEX wallet_in_tiers ON wallet (customer_id) WHERE tier IS NOT NULL;

CREATE TABLE stored_value (
    account text PRIMARY KEY,
    kind text NOT NULL,
    customer_id text,
    currency text NOT NULL,
    status text NOT NULL,
    value jsonb NOT NULL,
    next_expiry_at timestamptz,
    balance_minor bigint NOT NULL,
    issued_minor bigint NOT NULL,
    spent_minor bigint NOT NULL,
    refunded_minor bigint NOT NULL,
    expired_minor bigint NOT NULL
);
CREATE INDEX stored_value_by_customer ON stored_value (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX stored_value_by_expiry ON stored_value (next_expiry_at) WHERE next_expiry_at IS NOT NULL;

CREATE TABLE wallet_coupons (
    customer_id text NOT NULL,
    coupon_id text NOT NULL,
    campaign_id text NOT NULL,
    status text NOT NULL,
    PRIMARY KEY (customer_id, coupon_id)
);

SELECT enter_read_model(table_name, 'wallet')
FROM unnest(ARRAY['wallet', 'stored_value', 'wallet_coupons']) AS table_name;
