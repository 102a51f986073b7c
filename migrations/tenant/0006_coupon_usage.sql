-- projections/coupon_usage. Minor units of the campaign's currency.
CREATE TABLE coupon_usage (
    campaign_id text PRIMARY KEY,
    name text NOT NULL,
    currency text NOT NULL,
    issued bigint NOT NULL,
    redeemed bigint NOT NULL,
    discount_minor bigint NOT NULL,
    sales bigint NOT NULL,
    sales_minor bigint NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON coupon_usage TO daybook_service;
