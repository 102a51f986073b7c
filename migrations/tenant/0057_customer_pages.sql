-- projections/customer_profile: what a customer kept, by currency, unit and category; each purchase; what others pay.
SELECT alter_read_model('customer_profile', $$ADD COLUMN returned_minor jsonb NOT NULL DEFAULT '{}'$$);
SELECT alter_read_model('customer_profile', $$ADD COLUMN bought jsonb NOT NULL DEFAULT '{}'$$);
SELECT alter_read_model('customer_profile', $$ADD COLUMN paid_minor jsonb NOT NULL DEFAULT '{}'$$);
SELECT alter_read_model('customer_profile', 'ADD COLUMN household_id text');
CREATE INDEX customer_profile_by_household ON customer_profile (household_id, customer_id)
WHERE household_id IS NOT NULL;

CREATE TABLE customer_purchases (
    customer_id text NOT NULL,
    sale_id text NOT NULL,
    business_day date,
    sold_at timestamptz,
    hour bigint NOT NULL,
    store_id text NOT NULL,
    currency text NOT NULL,
    total_minor bigint NOT NULL,
    returned_minor bigint NOT NULL,
    corrected boolean NOT NULL,
    goods jsonb NOT NULL,
    PRIMARY KEY (customer_id, sale_id)
);

CREATE TABLE category_prices (
    currency text NOT NULL,
    unit text NOT NULL,
    category text NOT NULL,
    quantity bigint NOT NULL,
    paid_minor bigint NOT NULL,
    PRIMARY KEY (currency, unit, category)
);

CREATE TABLE product_traits (
    sku text PRIMARY KEY,
    brand text,
    size text,
    variety text
);

SELECT enter_read_model(table_name, 'customer_profile')
FROM unnest(ARRAY['customer_purchases', 'category_prices', 'product_traits']) AS table_name;

-- A customer's page asks for their own cases.
CREATE INDEX complaint_board_by_customer ON complaint_board (customer_id) WHERE customer_id IS NOT NULL;
