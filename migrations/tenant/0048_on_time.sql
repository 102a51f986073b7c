-- projections/supplier_scores: deliveries of which something was taken, and of those how many kept a promised day.
SELECT alter_read_model('supplier_scores', 'ADD COLUMN arrivals bigint NOT NULL DEFAULT 0');
SELECT alter_read_model('supplier_scores', 'ADD COLUMN promised bigint NOT NULL DEFAULT 0');
SELECT alter_read_model('supplier_scores', 'ADD COLUMN on_time bigint NOT NULL DEFAULT 0');
