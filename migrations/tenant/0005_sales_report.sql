-- projections/sales_report. employee_id '' stands for nobody, so that it can be part of the key.
CREATE TABLE sales_report (
    store_id text NOT NULL,
    business_day date NOT NULL,
    hour bigint NOT NULL,
    sku text NOT NULL,
    category text NOT NULL,
    employee_id text NOT NULL,
    currency text NOT NULL,
    gross_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    returns_minor bigint NOT NULL,
    cost_minor bigint NOT NULL,
    units bigint NOT NULL,
    returned_units bigint NOT NULL,
    lines bigint NOT NULL,
    PRIMARY KEY (store_id, business_day, hour, sku, category, employee_id)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON sales_report TO daybook_service;

-- How many baskets and returns an hour had.
CREATE TABLE sales_hours (
    store_id text NOT NULL,
    business_day date NOT NULL,
    hour bigint NOT NULL,
    sales bigint NOT NULL,
    lines bigint NOT NULL,
    returns bigint NOT NULL,
    returned_lines bigint NOT NULL,
    PRIMARY KEY (store_id, business_day, hour)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON sales_hours TO daybook_service;
