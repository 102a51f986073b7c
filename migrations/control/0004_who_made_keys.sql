-- Keys tell who made them and open nothing while that person is disabled; people who sign in can be forgotten.

-- created_by is who made it, as events name them; NULL for keys from before. user_id is the person behind it, also
-- where a key of that person's made it.
ALTER TABLE api_keys
    ADD COLUMN created_by text,
    ADD COLUMN user_id text REFERENCES users (user_id);
CREATE INDEX api_keys_by_user ON api_keys (user_id) WHERE user_id IS NOT NULL;

-- employee_id is who the person is at work: whoever is erased there is erased here. After erased_at the name to sign
-- in with is the id, and the password is none.
ALTER TABLE users
    ADD COLUMN employee_id text,
    ADD COLUMN erased_at timestamptz;
GRANT UPDATE (sign_in_name, employee_id, erased_at) ON users TO daybook_service;

-- Since when names of the erased may still lie in dead rows on disk; NULL where none do.
CREATE TABLE forgotten_names (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    since timestamptz
);
INSERT INTO forgotten_names (since) VALUES (NULL);
GRANT SELECT, UPDATE ON forgotten_names TO daybook_service;

-- The living rows in new files, as rewrite_subject_keys does it. Not by TRUNCATE, because other tables point to
-- users: a column whose type is set anew has every row that lives, and no other, written into a new file. Returns
-- whether there was something to do.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);
CREATE FUNCTION rewrite_users() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET lock_timeout = '3s' AS $$
BEGIN
    LOCK TABLE users, sign_in_attempts IN ACCESS EXCLUSIVE MODE;
    UPDATE forgotten_names SET since = NULL WHERE since IS NOT NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    ALTER TABLE users ALTER COLUMN sign_in_name TYPE text USING sign_in_name || '';
    CREATE TEMPORARY TABLE known_attempts ON COMMIT DROP AS
        SELECT subject, attempts, last_at, blocked_until FROM sign_in_attempts;
    TRUNCATE sign_in_attempts;
    INSERT INTO sign_in_attempts (subject, attempts, last_at, blocked_until)
    SELECT subject, attempts, last_at, blocked_until FROM pg_temp.known_attempts;
    RETURN true;
END
$$;
REVOKE ALL ON FUNCTION rewrite_users FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rewrite_users TO daybook_service;
SELECT set_config('search_path', quote_ident(current_schema()), true);
