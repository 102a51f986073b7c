-- projections/register_journal: what was voided before payment in each shift, and what of it came late.
SELECT alter_read_model('register_shifts', 'ADD COLUMN voids bigint NOT NULL DEFAULT 0');
SELECT alter_read_model('register_shifts', 'ADD COLUMN voided_minor bigint NOT NULL DEFAULT 0');
SELECT alter_read_model('register_shifts', 'ADD COLUMN late_voids bigint NOT NULL DEFAULT 0');
