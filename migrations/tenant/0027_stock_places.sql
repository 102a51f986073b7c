-- projections/stock_levels: what is in quarantine, went to other stores and was given away.
SELECT alter_read_model('stock_levels', 'ADD COLUMN held bigint NOT NULL DEFAULT 0');
SELECT alter_read_model('stock_levels', 'ADD COLUMN transferred bigint NOT NULL DEFAULT 0');
SELECT alter_read_model('stock_levels', 'ADD COLUMN donated bigint NOT NULL DEFAULT 0');
