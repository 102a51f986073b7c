-- projections/replenishment: what is promised to orders stands in stock_reservations, and lapses by the clock.
SELECT alter_read_model('replenished_items', 'DROP COLUMN reserved');
