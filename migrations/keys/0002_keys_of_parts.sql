-- A person has a key for each part of what is known: name, phone, text. So a telephone number can be forgotten
-- years before a name. '' is the one key of what was sealed before; new texts get keys of their parts.
ALTER TABLE subject_keys ADD COLUMN part text NOT NULL DEFAULT '';
ALTER TABLE subject_keys DROP CONSTRAINT subject_keys_tenant_subject_key;
ALTER TABLE subject_keys ADD UNIQUE (tenant, subject, part);

-- 'hash' is the key of coupon ids and fingerprints, 'index' that of the blind index. The row of 'hash' also says,
-- by the master key that wraps it, with which one new keys of the tenant are wrapped; and who makes or destroys
-- keys of the tenant locks it first.
ALTER TABLE tenant_keys ADD COLUMN purpose text NOT NULL DEFAULT 'hash';
ALTER TABLE tenant_keys DROP CONSTRAINT tenant_keys_pkey;
ALTER TABLE tenant_keys ADD PRIMARY KEY (tenant, purpose);

-- Who was erased never gets a key again: whatever a slow process still wants to seal for them is refused.
CREATE TABLE erased_subjects (
    tenant text NOT NULL,
    subject text NOT NULL,
    erased_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant, subject)
);

-- Since when destroyed keys may still lie in dead rows on disk; NULL where none do.
CREATE TABLE destroyed_keys (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    since timestamptz
);
INSERT INTO destroyed_keys (since) VALUES (NULL);

-- The service may lock a tenant's row, which takes the right to change something of it; a wrapped key is changed,
-- when the master key is, by the owner alone.
GRANT UPDATE (created_at) ON tenant_keys TO daybook_service;
GRANT SELECT, INSERT ON erased_subjects TO daybook_service;
GRANT SELECT, UPDATE ON destroyed_keys TO daybook_service;

-- The living keys in new files; the old ones, with what was deleted from them, are unlinked. VACUUM would leave
-- the bytes in the free space of the pages. Returns whether there was something to do. Who reads keys waits
-- meanwhile, so it does not queue for long behind a dump that reads them all.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);
CREATE FUNCTION rewrite_subject_keys() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '3s' AS $$
BEGIN
    LOCK TABLE subject_keys IN ACCESS EXCLUSIVE MODE;
    UPDATE destroyed_keys SET since = NULL WHERE since IS NOT NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    CREATE TEMPORARY TABLE living_keys ON COMMIT DROP AS
        SELECT key_id, tenant, subject, part, wrapped_key, created_at FROM subject_keys;
    TRUNCATE subject_keys;
    INSERT INTO subject_keys (key_id, tenant, subject, part, wrapped_key, created_at)
    SELECT key_id, tenant, subject, part, wrapped_key, created_at FROM pg_temp.living_keys;
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION rewrite_subject_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rewrite_subject_keys TO daybook_service;
SELECT set_config('search_path', quote_ident(current_schema()), true);
