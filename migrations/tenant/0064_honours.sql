-- projections/honours: by what employees were distinguished in a month.
CREATE TABLE honours (
    period text NOT NULL,
    honour_id text NOT NULL,
    employee_id text NOT NULL,
    title text NOT NULL,
    store_id text,
    shared bigint NOT NULL,
    among bigint NOT NULL,
    PRIMARY KEY (period, honour_id, employee_id)
);
SELECT enter_read_model('honours', 'honours');
