-- What customers say of resolutions, and what became of leads. An end that is taken back counts below zero.
SELECT alter_read_model('staff_days', 'ADD COLUMN csat_answers bigint NOT NULL DEFAULT 0');
SELECT alter_read_model('staff_days', 'ADD COLUMN csat_points bigint NOT NULL DEFAULT 0');
SELECT alter_read_model('staff_days', 'ADD COLUMN leads_ended bigint NOT NULL DEFAULT 0');
SELECT alter_read_model('staff_days', 'ADD COLUMN leads_won bigint NOT NULL DEFAULT 0');
