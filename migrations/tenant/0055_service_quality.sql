-- projections/service_quality: who answered and resolved a case, and what its customer says of that; by employee.
CREATE TABLE service_quality (
    case_id text PRIMARY KEY,
    kind text NOT NULL,
    store_id text,
    employee_id text,
    opened_at timestamptz,
    resolved boolean NOT NULL,
    resolved_by text NOT NULL,
    waits_since timestamptz,
    responses jsonb NOT NULL,
    response_s jsonb NOT NULL,
    resolutions jsonb NOT NULL,
    reopened jsonb NOT NULL,
    asked jsonb NOT NULL,
    answers jsonb NOT NULL,
    scores jsonb NOT NULL
);
CREATE INDEX service_quality_by_opening ON service_quality (opened_at);
SELECT enter_read_model('service_quality', 'service_quality');
