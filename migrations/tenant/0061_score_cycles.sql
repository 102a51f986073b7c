-- projections/staff_scores: cycles of scorecards, and people in them. period is 'YYYY-MM', the first month.
CREATE TABLE score_cycles (
    scorecard_id text NOT NULL,
    period text NOT NULL,
    currency text NOT NULL,
    months bigint NOT NULL,
    version bigint NOT NULL,
    previous text,
    cut_off date,
    people bigint,
    PRIMARY KEY (scorecard_id, period)
);
SELECT enter_read_model('score_cycles', 'staff_scores');

CREATE TABLE cycle_scores (
    scorecard_id text NOT NULL,
    period text NOT NULL,
    employee_id text NOT NULL,
    ratings bigint NOT NULL,
    frozen boolean NOT NULL,
    score_milli bigint,
    points jsonb NOT NULL,
    PRIMARY KEY (scorecard_id, period, employee_id)
);
SELECT enter_read_model('cycle_scores', 'staff_scores');
