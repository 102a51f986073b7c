-- projections/stock_ledger: what is in transit is asked of the few rows that are of transfers, not of all.
CREATE INDEX stock_ledger_in_transit ON stock_ledger (reference, store_id)
WHERE from_place = 'transit' OR to_place = 'transit';
