-- projections/complaint_causes: what cases are about, and their amends. Money: minor units by currency.
CREATE TABLE complaint_causes (
    case_id text PRIMARY KEY,
    kind text NOT NULL,
    category text NOT NULL,
    sku text,
    lot text,
    supplier_id text,
    store_id text,
    about_employee_id text,
    opened_at timestamptz,
    resolved boolean NOT NULL,
    reopenings bigint NOT NULL,
    accepted boolean,
    refunds jsonb NOT NULL,
    credits jsonb NOT NULL,
    points jsonb NOT NULL,
    coupons jsonb NOT NULL
);
CREATE INDEX complaint_causes_by_opening ON complaint_causes (opened_at);
SELECT enter_read_model('complaint_causes', 'complaint_causes');
