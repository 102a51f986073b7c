-- projections/parked_sales: baskets that were put aside.
CREATE TABLE parked_sales (
    parked_id text PRIMARY KEY,
    store_id text NOT NULL,
    register_id text NOT NULL,
    status text NOT NULL,
    parked_at timestamptz,
    lines bigint NOT NULL
);
-- Few of all that there ever were are still put aside.
CREATE INDEX parked_sales_waiting ON parked_sales (store_id, parked_at, parked_id) WHERE status = 'parked';
SELECT enter_read_model('parked_sales', 'parked_sales');
