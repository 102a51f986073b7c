-- projections/targets: what is to be reached on business days from first_day to last_day.
CREATE TABLE targets (
    target_id text NOT NULL,
    store_id text,
    employee_id text,
    sku text,
    category text,
    first_day date,
    last_day date,
    measure text NOT NULL,
    currency text,
    goal bigint NOT NULL,
    version bigint NOT NULL,
    ended boolean NOT NULL,
    PRIMARY KEY (target_id)
);
SELECT enter_read_model('targets', 'targets');
