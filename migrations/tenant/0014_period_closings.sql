-- A till's closings are found among its receipts, of which there are thousands for each of them.
CREATE INDEX period_closings ON stored_events (originator_id, originator_version)
WHERE topic = 'till.period_closed.v1';
