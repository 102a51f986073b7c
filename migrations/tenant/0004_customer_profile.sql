-- projections/customer_profile. spend_minor: minor units by currency; categories: net by currency/category.
CREATE TABLE customer_profile (
    customer_id text PRIMARY KEY,
    registered_at timestamptz,
    visits bigint NOT NULL,
    returns bigint NOT NULL,
    spend_minor jsonb NOT NULL,
    categories jsonb NOT NULL,
    first_purchase_at timestamptz,
    last_purchase_at timestamptz,
    coupons_issued bigint NOT NULL,
    coupons_redeemed bigint NOT NULL,
    complaints bigint NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON customer_profile TO daybook_service;
