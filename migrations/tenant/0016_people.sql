-- What is kept of people beside the journal. Nothing personal stands here in clear: ids, keyed hashes, times.

-- Who read what of whom in clear, and why. The service may add to it and read it, and change nothing.
CREATE TABLE accesses (
    access_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    read_at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    operation text NOT NULL,
    purpose text NOT NULL,
    subjects text[] NOT NULL,
    texts bigint NOT NULL,
    request_id text
);
CREATE INDEX accesses_by_subject ON accesses USING gin (subjects);
CREATE INDEX accesses_by_age ON accesses (read_at);
GRANT SELECT, INSERT ON accesses TO daybook_service;

-- The blind index: which customer has this telephone number, as a keyed hash (decision 0028).
CREATE TABLE customer_index (
    kind text NOT NULL,
    digest bytea NOT NULL,
    customer_id text NOT NULL,
    PRIMARY KEY (kind, digest, customer_id)
);
CREATE INDEX customer_index_by_customer ON customer_index (customer_id, kind);

-- In which streams a customer appears, and when they were last active there.
CREATE TABLE customer_traces (
    customer_id text NOT NULL,
    stream text NOT NULL,
    active_at timestamptz,
    PRIMARY KEY (customer_id, stream)
);
CREATE INDEX customer_traces_by_stream ON customer_traces (stream);

-- Whose keys are destroyed for good: after a restore of the key store they are destroyed again.
CREATE TABLE forgotten_subjects (
    subject text PRIMARY KEY,
    forgotten_at timestamptz NOT NULL DEFAULT now()
);

-- How far the indexer has followed the journal; whoever changes the tables above holds this row. And since when
-- hashes of the forgotten may still lie in dead rows on disk; NULL where none do.
CREATE TABLE customer_index_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    position bigint NOT NULL,
    forgotten_since timestamptz
);
INSERT INTO customer_index_head (position) VALUES (0);

GRANT SELECT, INSERT, UPDATE, DELETE ON customer_index, customer_traces TO daybook_service;
GRANT SELECT, INSERT ON forgotten_subjects TO daybook_service;
GRANT SELECT, UPDATE ON customer_index_head TO daybook_service;

SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

-- The law wants to see who read what; nothing younger than half a year goes, whoever asks. Returns how many went.
CREATE FUNCTION prune_accesses(days integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    pruned bigint;
BEGIN
    IF days < 183 THEN
        RAISE EXCEPTION 'accesses are kept for at least 183 days, not %', days;
    END IF;
    DELETE FROM accesses WHERE read_at < now() - make_interval(days => days);
    GET DIAGNOSTICS pruned = ROW_COUNT;
    RETURN pruned;
END
$$;

-- The living rows in new files; the old ones, with what was deleted from them, are unlinked. VACUUM would leave
-- the bytes in the free space of the pages. Returns whether there was something to do.
CREATE FUNCTION rewrite_customer_index() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '3s' AS $$
BEGIN
    UPDATE customer_index_head SET forgotten_since = NULL WHERE forgotten_since IS NOT NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    LOCK TABLE customer_index IN ACCESS EXCLUSIVE MODE;
    CREATE TEMPORARY TABLE living_rows ON COMMIT DROP AS SELECT kind, digest, customer_id FROM customer_index;
    TRUNCATE customer_index;
    INSERT INTO customer_index (kind, digest, customer_id)
    SELECT kind, digest, customer_id FROM pg_temp.living_rows;
    RETURN true;
END
$$;

REVOKE ALL ON FUNCTION prune_accesses, rewrite_customer_index FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_accesses, rewrite_customer_index TO daybook_service;
SELECT set_config('search_path', quote_ident(current_schema()), true);

-- Ids and causes only, no personal text.
SELECT show_to_auditors('accesses');
