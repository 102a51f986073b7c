-- projections/staff_scores. month is 'YYYY-MM'; money is minor units by currency.
CREATE TABLE staff_scores (
    employee_id text NOT NULL,
    month text NOT NULL,
    sales bigint NOT NULL,
    sales_minor jsonb NOT NULL,
    units bigint NOT NULL,
    returns bigint NOT NULL,
    returns_minor jsonb NOT NULL,
    returned_units bigint NOT NULL,
    complaints_assigned bigint NOT NULL,
    complaints_resolved bigint NOT NULL,
    complaints_reopened bigint NOT NULL,
    PRIMARY KEY (employee_id, month)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON staff_scores TO daybook_service;
