-- projections/register_journal: what happens at a till, and its shifts. Minor units of the store's currency.
CREATE TABLE register_journal (
    store_id text NOT NULL,
    register_id text NOT NULL,
    entry bigint NOT NULL,
    kind text NOT NULL,
    happened_at timestamptz,
    actor text NOT NULL,
    number bigint NOT NULL,
    shift bigint NOT NULL,
    amount_minor bigint NOT NULL,
    by_method jsonb NOT NULL,
    document text,
    reason text,
    PRIMARY KEY (store_id, register_id, entry)
);
SELECT enter_read_model('register_journal', 'register_journal');

CREATE TABLE register_shifts (
    store_id text NOT NULL,
    register_id text NOT NULL,
    shift bigint NOT NULL,
    currency text NOT NULL,
    opened_at timestamptz,
    closed_at timestamptz,
    float_minor bigint NOT NULL,
    receipts bigint NOT NULL,
    sales_minor bigint NOT NULL,
    refunds_minor bigint NOT NULL,
    rounding_minor bigint NOT NULL,
    takings jsonb NOT NULL,
    paid_in_minor bigint NOT NULL,
    paid_out_minor bigint NOT NULL,
    dropped_minor bigint NOT NULL,
    counted jsonb NOT NULL,
    over_short jsonb NOT NULL,
    late_receipts bigint NOT NULL,
    late_minor bigint NOT NULL,
    late_takings jsonb NOT NULL,
    PRIMARY KEY (store_id, register_id, shift)
);
SELECT enter_read_model('register_shifts', 'register_journal');

-- projections/sale_exceptions: what sales that were made offline have against the rules.
CREATE TABLE sale_exceptions (
    sale_id text NOT NULL,
    number bigint NOT NULL,
    store_id text NOT NULL,
    register_id text NOT NULL,
    happened_at timestamptz,
    code text NOT NULL,
    line bigint NOT NULL,
    expected bigint NOT NULL,
    found bigint NOT NULL,
    reference text,
    PRIMARY KEY (sale_id, number)
);
-- Read by store, the newest first.
CREATE INDEX sale_exceptions_by_store ON sale_exceptions (store_id, happened_at DESC, sale_id, number);
SELECT enter_read_model('sale_exceptions', 'sale_exceptions');
