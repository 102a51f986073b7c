-- projections/staff_scores: what somebody did on a business day, by the UTC day on which that was recorded. So
-- a closed month can be told as it was known on any day. employee_id '' stands for nobody.
CREATE TABLE staff_days (
    employee_id text NOT NULL,
    store_id text NOT NULL,
    business_day date NOT NULL,
    recorded_on date NOT NULL,
    currency text NOT NULL,
    sales bigint NOT NULL,
    returns bigint NOT NULL,
    sold_minor bigint NOT NULL,
    returned_minor bigint NOT NULL,
    revenue_minor bigint NOT NULL,
    cost_minor bigint NOT NULL,
    units bigint NOT NULL,
    returned_units bigint NOT NULL,
    complaints bigint NOT NULL,
    PRIMARY KEY (employee_id, store_id, business_day, recorded_on)
);
-- Stores are asked for days, and scores for all that somebody did in a month.
CREATE INDEX staff_days_by_day ON staff_days (store_id, business_day);
CREATE INDEX staff_days_by_business_day ON staff_days (business_day);
SELECT enter_read_model('staff_days', 'staff_scores');
