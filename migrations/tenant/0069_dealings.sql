-- projections/survey_results: whom the question went to. A customer's page asks for their own rows.
SELECT alter_read_model('survey_results', 'ADD COLUMN customer_id text');
CREATE INDEX survey_results_by_customer ON survey_results (customer_id) WHERE customer_id IS NOT NULL;
CREATE INDEX campaign_members_by_customer ON campaign_members (customer_id);
