-- projections/sale_exceptions: when, by whom and why an exception was settled; null while it is open.
SELECT alter_read_model('sale_exceptions', 'ADD COLUMN settled_at timestamptz');
SELECT alter_read_model('sale_exceptions', 'ADD COLUMN settled_by text');
SELECT alter_read_model('sale_exceptions', 'ADD COLUMN settled_reason text');
