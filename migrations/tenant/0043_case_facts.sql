-- projections/complaint_board: how a case came, what it is about, whom it was passed on to, how it was judged.
SELECT alter_read_model('complaint_board', 'ADD COLUMN channel text');
SELECT alter_read_model('complaint_board', $$ADD COLUMN priority text NOT NULL DEFAULT 'normal'$$);
SELECT alter_read_model('complaint_board', 'ADD COLUMN lot text');
SELECT alter_read_model('complaint_board', 'ADD COLUMN supplier_id text');
SELECT alter_read_model('complaint_board', 'ADD COLUMN about_employee_id text');
SELECT alter_read_model('complaint_board', 'ADD COLUMN responded_at timestamptz');
SELECT alter_read_model('complaint_board', 'ADD COLUMN referred_at timestamptz');
SELECT alter_read_model('complaint_board', 'ADD COLUMN outcome text');
SELECT alter_read_model('complaint_board', 'ADD COLUMN in_time boolean');
SELECT alter_read_model('complaint_board', 'ADD COLUMN accepted boolean');
