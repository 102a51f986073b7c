-- projections/customer_days: which record speaks for a customer's, from the end of which day on.
SELECT alter_read_model('customers_since', 'ADD COLUMN merged_into text');
SELECT alter_read_model('customers_since', 'ADD COLUMN merged_on date');
CREATE INDEX customers_since_merged ON customers_since (merged_into) WHERE merged_into IS NOT NULL;
