-- projections/incentives: attributed sales and returns without tax, and what closed months came to. Money is minor
-- units, by line of the sale where it is jsonb.
CREATE TABLE attributed_sales (
    employee_id text NOT NULL,
    sale_id text NOT NULL,
    store_id text NOT NULL,
    month text NOT NULL,
    day date,
    position bigint NOT NULL,
    currency text NOT NULL,
    shift bigint NOT NULL,
    share_bp bigint NOT NULL,
    skus jsonb NOT NULL,
    categories jsonb NOT NULL,
    net_minor jsonb NOT NULL,
    cost_minor jsonb NOT NULL,
    own_net_minor jsonb NOT NULL,
    own_cost_minor jsonb NOT NULL,
    PRIMARY KEY (employee_id, sale_id)
);
CREATE INDEX attributed_sales_by_month ON attributed_sales (month, employee_id);
-- Rows come in the order of the journal, so this costs next to nothing; it finds what came after a closing.
CREATE INDEX attributed_sales_by_position ON attributed_sales USING brin (position);
SELECT enter_read_model('attributed_sales', 'incentives');

CREATE TABLE attributed_returns (
    employee_id text NOT NULL,
    sale_id text NOT NULL,
    return_id text NOT NULL,
    month text NOT NULL,
    day date,
    position bigint NOT NULL,
    net_minor jsonb NOT NULL,
    cost_minor jsonb NOT NULL,
    PRIMARY KEY (employee_id, sale_id, return_id)
);
CREATE INDEX attributed_returns_by_month ON attributed_returns (month, employee_id);
CREATE INDEX attributed_returns_by_position ON attributed_returns USING brin (position);
SELECT enter_read_model('attributed_returns', 'incentives');

CREATE TABLE incentive_amounts (
    scheme_id text NOT NULL,
    period text NOT NULL,
    employee_id text NOT NULL,
    currency text NOT NULL,
    commission_minor bigint NOT NULL,
    bonus_minor bigint NOT NULL,
    entries bigint NOT NULL,
    PRIMARY KEY (scheme_id, period, employee_id)
);
SELECT enter_read_model('incentive_amounts', 'incentives');
