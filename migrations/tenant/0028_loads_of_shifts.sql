-- What of a shift's takings was put on gift cards.
SELECT alter_read_model('register_shifts', 'ADD COLUMN loaded_minor bigint NOT NULL DEFAULT 0');
