-- projections/survey_results: what was asked and answered. No texts: those stay sealed in the journal.
CREATE TABLE survey_results (
    survey_id text PRIMARY KEY,
    kind text NOT NULL,
    period text,
    store_id text,
    employee_id text,
    case_id text,
    sent_at timestamptz,
    answered_at timestamptz,
    score bigint
);
CREATE INDEX survey_results_by_period ON survey_results (period) WHERE period IS NOT NULL;
SELECT enter_read_model('survey_results', 'survey_results');
