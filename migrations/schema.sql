-- The schemas as all migrations together leave them: control, key store and one tenant.
-- Not a migration: nothing runs it. `.venv/bin/python -m tests.support.schema_dump` writes it, `make check` compares it.


CREATE SCHEMA daybook;

CREATE FUNCTION daybook.rewrite_users() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'daybook', 'pg_temp'
    SET lock_timeout TO '3s'
    AS $$
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

CREATE TABLE daybook.api_keys (
    key_id text NOT NULL,
    tenant text NOT NULL,
    secret_sha256 bytea NOT NULL,
    name text NOT NULL,
    scopes text[] NOT NULL,
    stores text[],
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    successor_of text,
    last_used_at timestamp with time zone,
    created_by text,
    user_id text,
    CONSTRAINT api_keys_secret_sha256_check CHECK ((octet_length(secret_sha256) = 32))
);

CREATE TABLE daybook.forgotten_names (
    only_row boolean DEFAULT true NOT NULL,
    since timestamp with time zone,
    CONSTRAINT forgotten_names_only_row_check CHECK (only_row)
);

CREATE TABLE daybook.projectors (
    name text NOT NULL,
    alive_at timestamp with time zone NOT NULL
);

CREATE TABLE daybook.role_assignments (
    user_id text NOT NULL,
    store_id text NOT NULL,
    role text NOT NULL
);

CREATE TABLE daybook.roles (
    tenant text NOT NULL,
    name text NOT NULL,
    permissions text[],
    limits jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE daybook.schema_migrations (
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE daybook.sessions (
    token_sha256 bytea NOT NULL,
    user_id text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    used_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT sessions_token_sha256_check CHECK ((octet_length(token_sha256) = 32))
);

CREATE TABLE daybook.sign_in_attempts (
    subject bytea NOT NULL,
    attempts integer NOT NULL,
    last_at timestamp with time zone NOT NULL,
    blocked_until timestamp with time zone NOT NULL
);

CREATE TABLE daybook.tenants (
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenants_name_check CHECK ((name ~ '^[a-z][a-z0-9_]{0,40}$'::text))
);

CREATE TABLE daybook.users (
    user_id text NOT NULL,
    tenant text NOT NULL,
    sign_in_name text NOT NULL,
    password_hash text NOT NULL,
    must_change boolean DEFAULT true NOT NULL,
    disabled boolean DEFAULT false NOT NULL,
    limits jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    employee_id text,
    erased_at timestamp with time zone
);

ALTER TABLE ONLY daybook.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (key_id);

ALTER TABLE ONLY daybook.forgotten_names
    ADD CONSTRAINT forgotten_names_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY daybook.projectors
    ADD CONSTRAINT projectors_pkey PRIMARY KEY (name);

ALTER TABLE ONLY daybook.role_assignments
    ADD CONSTRAINT role_assignments_pkey PRIMARY KEY (user_id, store_id, role);

ALTER TABLE ONLY daybook.roles
    ADD CONSTRAINT roles_pkey PRIMARY KEY (tenant, name);

ALTER TABLE ONLY daybook.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (number);

ALTER TABLE ONLY daybook.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_sha256);

ALTER TABLE ONLY daybook.sign_in_attempts
    ADD CONSTRAINT sign_in_attempts_pkey PRIMARY KEY (subject);

ALTER TABLE ONLY daybook.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (name);

ALTER TABLE ONLY daybook.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY daybook.users
    ADD CONSTRAINT users_tenant_sign_in_name_key UNIQUE (tenant, sign_in_name);

CREATE INDEX api_keys_by_tenant ON daybook.api_keys USING btree (tenant, created_at);

CREATE INDEX api_keys_by_user ON daybook.api_keys USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX sessions_by_end ON daybook.sessions USING btree (expires_at);

CREATE INDEX sessions_by_user ON daybook.sessions USING btree (user_id);

CREATE INDEX sign_in_attempts_by_time ON daybook.sign_in_attempts USING btree (last_at);

ALTER TABLE ONLY daybook.api_keys
    ADD CONSTRAINT api_keys_successor_of_fkey FOREIGN KEY (successor_of) REFERENCES daybook.api_keys(key_id);

ALTER TABLE ONLY daybook.api_keys
    ADD CONSTRAINT api_keys_tenant_fkey FOREIGN KEY (tenant) REFERENCES daybook.tenants(name);

ALTER TABLE ONLY daybook.api_keys
    ADD CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES daybook.users(user_id);

ALTER TABLE ONLY daybook.role_assignments
    ADD CONSTRAINT role_assignments_user_id_fkey FOREIGN KEY (user_id) REFERENCES daybook.users(user_id);

ALTER TABLE ONLY daybook.roles
    ADD CONSTRAINT roles_tenant_fkey FOREIGN KEY (tenant) REFERENCES daybook.tenants(name);

ALTER TABLE ONLY daybook.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES daybook.users(user_id);

ALTER TABLE ONLY daybook.users
    ADD CONSTRAINT users_tenant_fkey FOREIGN KEY (tenant) REFERENCES daybook.tenants(name);

GRANT USAGE ON SCHEMA daybook TO daybook_service;

REVOKE ALL ON FUNCTION daybook.rewrite_users() FROM PUBLIC;
GRANT ALL ON FUNCTION daybook.rewrite_users() TO daybook_service;

GRANT SELECT,INSERT ON TABLE daybook.api_keys TO daybook_service;

GRANT UPDATE(expires_at) ON TABLE daybook.api_keys TO daybook_service;

GRANT UPDATE(revoked_at) ON TABLE daybook.api_keys TO daybook_service;

GRANT UPDATE(last_used_at) ON TABLE daybook.api_keys TO daybook_service;

GRANT SELECT,UPDATE ON TABLE daybook.forgotten_names TO daybook_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE daybook.projectors TO daybook_service;

GRANT SELECT,INSERT,DELETE ON TABLE daybook.role_assignments TO daybook_service;

GRANT SELECT,INSERT ON TABLE daybook.roles TO daybook_service;

GRANT UPDATE(permissions) ON TABLE daybook.roles TO daybook_service;

GRANT UPDATE(limits) ON TABLE daybook.roles TO daybook_service;

GRANT SELECT,INSERT,DELETE ON TABLE daybook.sessions TO daybook_service;

GRANT UPDATE(used_at) ON TABLE daybook.sessions TO daybook_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE daybook.sign_in_attempts TO daybook_service;

GRANT SELECT ON TABLE daybook.tenants TO daybook_service;

GRANT SELECT,INSERT ON TABLE daybook.users TO daybook_service;

GRANT UPDATE(sign_in_name) ON TABLE daybook.users TO daybook_service;

GRANT UPDATE(password_hash) ON TABLE daybook.users TO daybook_service;

GRANT UPDATE(must_change) ON TABLE daybook.users TO daybook_service;

GRANT UPDATE(disabled) ON TABLE daybook.users TO daybook_service;

GRANT UPDATE(limits) ON TABLE daybook.users TO daybook_service;

GRANT UPDATE(employee_id) ON TABLE daybook.users TO daybook_service;

GRANT UPDATE(erased_at) ON TABLE daybook.users TO daybook_service;


CREATE SCHEMA daybook_keys;

CREATE FUNCTION daybook_keys.rewrite_subject_keys() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'daybook_keys', 'pg_temp'
    SET lock_timeout TO '3s'
    AS $$
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

CREATE TABLE daybook_keys.destroyed_keys (
    only_row boolean DEFAULT true NOT NULL,
    since timestamp with time zone,
    CONSTRAINT destroyed_keys_only_row_check CHECK (only_row)
);

CREATE TABLE daybook_keys.erased_subjects (
    tenant text NOT NULL,
    subject text NOT NULL,
    erased_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE daybook_keys.schema_migrations (
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE daybook_keys.subject_keys (
    key_id uuid NOT NULL,
    tenant text NOT NULL,
    subject text NOT NULL,
    wrapped_key bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    part text DEFAULT ''::text NOT NULL
);

CREATE TABLE daybook_keys.tenant_keys (
    tenant text NOT NULL,
    wrapped_key bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    purpose text DEFAULT 'hash'::text NOT NULL
);

ALTER TABLE ONLY daybook_keys.destroyed_keys
    ADD CONSTRAINT destroyed_keys_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY daybook_keys.erased_subjects
    ADD CONSTRAINT erased_subjects_pkey PRIMARY KEY (tenant, subject);

ALTER TABLE ONLY daybook_keys.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (number);

ALTER TABLE ONLY daybook_keys.subject_keys
    ADD CONSTRAINT subject_keys_pkey PRIMARY KEY (key_id);

ALTER TABLE ONLY daybook_keys.subject_keys
    ADD CONSTRAINT subject_keys_tenant_subject_part_key UNIQUE (tenant, subject, part);

ALTER TABLE ONLY daybook_keys.tenant_keys
    ADD CONSTRAINT tenant_keys_pkey PRIMARY KEY (tenant, purpose);

GRANT USAGE ON SCHEMA daybook_keys TO daybook_service;

REVOKE ALL ON FUNCTION daybook_keys.rewrite_subject_keys() FROM PUBLIC;
GRANT ALL ON FUNCTION daybook_keys.rewrite_subject_keys() TO daybook_service;

GRANT SELECT,UPDATE ON TABLE daybook_keys.destroyed_keys TO daybook_service;

GRANT SELECT,INSERT ON TABLE daybook_keys.erased_subjects TO daybook_service;

GRANT SELECT,INSERT,DELETE ON TABLE daybook_keys.subject_keys TO daybook_service;

GRANT SELECT,INSERT ON TABLE daybook_keys.tenant_keys TO daybook_service;

GRANT UPDATE(created_at) ON TABLE daybook_keys.tenant_keys TO daybook_service;


CREATE SCHEMA t_tenant;

CREATE FUNCTION t_tenant.alter_read_model(changed text, change text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 't_tenant', 'pg_temp'
    AS $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT nspname
        FROM pg_class
        JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE relname = changed
            AND relkind = 'r'
            AND nspname IN (current_schema(), slot_schema('next'), slot_schema('previous'))
    LOOP
        EXECUTE format('ALTER TABLE %I.%I %s', found.nspname, changed, change);
    END LOOP;
END
$$;

CREATE FUNCTION t_tenant.auditor_role() RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 't_tenant', 'pg_temp'
    AS $$
    SELECT 'daybook_audit_' || current_schema()
$$;

CREATE FUNCTION t_tenant.drop_read_model(slot text, projection text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 't_tenant', 'pg_temp'
    AS $_$
DECLARE
    model record;
BEGIN
    FOR model IN SELECT table_name FROM read_models WHERE read_models.projection = $2 LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I.%I', slot_schema(slot), model.table_name);
    END LOOP;
END
$_$;

CREATE FUNCTION t_tenant.drop_scratch(slot text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 't_tenant', 'pg_temp'
    AS $_$
BEGIN
    IF slot IN ('next', 'previous') THEN
        RAISE EXCEPTION '% is not scratch', slot;
    END IF;
    EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', slot_schema(slot));
    DELETE FROM scratch_slots WHERE scratch_slots.slot = $1;
END
$_$;

CREATE FUNCTION t_tenant.enter_read_model(entered text, projection text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 't_tenant', 'pg_temp'
    AS $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO %I', entered, tenant_role());
    PERFORM show_to_auditors(entered);
    INSERT INTO read_models (table_name, projection) VALUES (entered, projection);
END
$$;

CREATE FUNCTION t_tenant.index_read_model(slot text, projection text, keys_only boolean) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 't_tenant', 'pg_temp'
    SET maintenance_work_mem TO '128MB'
    AS $_$
DECLARE
    home text := current_schema();
    target text := slot_schema(slot);
    found record;
BEGIN
    FOR found IN
        SELECT model.table_name, class.relname AS index_name, key.definition AS key_definition,
            pg_get_indexdef(index.indexrelid) AS index_definition
        FROM read_models AS model
        JOIN pg_index AS index ON index.indrelid = to_regclass(format('%I.%I', home, model.table_name))
        JOIN pg_class AS class ON class.oid = index.indexrelid
        LEFT JOIN LATERAL (
            SELECT pg_get_constraintdef(pg_constraint.oid) AS definition
            FROM pg_constraint
            WHERE conindid = index.indexrelid AND conrelid = index.indrelid AND contype IN ('p', 'u')
        ) AS key ON true
        WHERE model.projection = $2
            AND (key.definition IS NOT NULL OR NOT keys_only)
            AND to_regclass(format('%I.%I', target, class.relname)) IS NULL
    LOOP
        IF found.key_definition IS NOT NULL THEN
            EXECUTE format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s',
                target, found.table_name, found.index_name, found.key_definition);
        ELSE
            EXECUTE replace(found.index_definition,
                format(' ON %I.%I ', home, found.table_name), format(' ON %I.%I ', target, found.table_name));
        END IF;
    END LOOP;
    IF NOT keys_only THEN
        FOR found IN SELECT table_name FROM read_models WHERE read_models.projection = $2 LOOP
            EXECUTE format('ANALYZE %I.%I', target, found.table_name);
        END LOOP;
    END IF;
END
$_$;

CREATE FUNCTION t_tenant.make_read_model(slot text, projection text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 't_tenant', 'pg_temp'
    AS $_$
DECLARE
    target text := open_slot(slot);
    model record;
    granted record;
BEGIN
    PERFORM require_entered(projection);
    PERFORM drop_read_model(slot, projection);
    FOR model IN SELECT table_name FROM read_models WHERE read_models.projection = $2 LOOP
        EXECUTE format('CREATE TABLE %I.%I (LIKE %I.%2$I INCLUDING ALL EXCLUDING INDEXES)',
            target, model.table_name, current_schema());
        FOR granted IN
            SELECT privilege_type AS privilege,
                CASE grantee WHEN 0 THEN 'PUBLIC' ELSE grantee::regrole::text END AS grantee
            FROM pg_class, aclexplode(relacl)
            WHERE pg_class.oid = to_regclass(format('%I.%I', current_schema(), model.table_name))
                AND grantee <> relowner
        LOOP
            EXECUTE format('GRANT %s ON %I.%I TO %s',
                granted.privilege, target, model.table_name, granted.grantee);
        END LOOP;
    END LOOP;
END
$_$;

CREATE FUNCTION t_tenant.open_slot(slot text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 't_tenant', 'pg_temp'
    AS $$
DECLARE
    target text := slot_schema(slot);
BEGIN
    -- Two at once would both find that it is missing.
    PERFORM pg_advisory_xact_lock(hashtextextended('daybook slot ' || target, 0));
    IF to_regnamespace(quote_ident(target)) IS NULL THEN
        EXECUTE format('CREATE SCHEMA %I', target);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I, %I', target, tenant_role(), auditor_role());
    END IF;
    RETURN target;
END
$$;

CREATE FUNCTION t_tenant.prune_accesses(days integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 't_tenant', 'pg_temp'
    AS $$
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

CREATE FUNCTION t_tenant.refuse_to_rewrite_history() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on % refused', TG_OP, TG_TABLE_NAME
        USING HINT = 'Record a correcting event instead.';
END
$$;

CREATE FUNCTION t_tenant.require_entered(projection text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 't_tenant', 'pg_temp'
    AS $_$
BEGIN
    IF NOT EXISTS (SELECT FROM read_models WHERE read_models.projection = $1) THEN
        RAISE EXCEPTION 'no table of % is entered as a read model', projection
            USING HINT = 'Its migration has to call enter_read_model for each table.';
    END IF;
END
$_$;

CREATE FUNCTION t_tenant.rewrite_customer_index() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 't_tenant', 'pg_temp'
    SET lock_timeout TO '3s'
    AS $$
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

CREATE FUNCTION t_tenant.show_to_auditors(relation text) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 't_tenant', 'pg_temp'
    AS $$
BEGIN
    EXECUTE format('GRANT SELECT ON %I TO %I', relation, auditor_role());
END
$$;

CREATE FUNCTION t_tenant.slot_schema(slot text) RETURNS text
    LANGUAGE plpgsql STABLE
    SET search_path TO 't_tenant', 'pg_temp'
    AS $_$
BEGIN
    IF slot NOT IN ('next', 'previous') AND slot !~ '^scratch_[0-9a-z]{1,12}$' THEN
        RAISE EXCEPTION 'there is no slot %', slot;
    END IF;
    RETURN current_schema() || '.' || slot;
END
$_$;

CREATE FUNCTION t_tenant.swap_read_model(slot text, projection text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 't_tenant', 'pg_temp'
    AS $_$
DECLARE
    home text := current_schema();
    source text := slot_schema(slot);
    previous text := open_slot('previous');
    model record;
BEGIN
    IF slot NOT IN ('next', 'previous') THEN
        RAISE EXCEPTION 'what is in % is not meant to be read as the present', slot;
    END IF;
    PERFORM require_entered(projection);
    IF slot = 'next' THEN
        PERFORM drop_read_model('previous', projection);
    ELSE
        source := open_slot('next');
        PERFORM drop_read_model('next', projection);
        FOR model IN SELECT table_name FROM read_models WHERE read_models.projection = $2 LOOP
            EXECUTE format('ALTER TABLE %I.%I SET SCHEMA %I', previous, model.table_name, source);
        END LOOP;
    END IF;
    FOR model IN SELECT table_name FROM read_models WHERE read_models.projection = $2 LOOP
        EXECUTE format('ALTER TABLE %I.%I SET SCHEMA %I', home, model.table_name, previous);
        EXECUTE format('ALTER TABLE %I.%I SET SCHEMA %I', source, model.table_name, home);
    END LOOP;
END
$_$;

CREATE FUNCTION t_tenant.tenant_role() RETURNS text
    LANGUAGE sql STABLE
    SET search_path TO 't_tenant', 'pg_temp'
    AS $$
    SELECT 'daybook_' || current_schema()
$$;

CREATE TABLE t_tenant.accesses (
    access_id bigint NOT NULL,
    read_at timestamp with time zone DEFAULT now() NOT NULL,
    actor text NOT NULL,
    operation text NOT NULL,
    purpose text NOT NULL,
    subjects text[] NOT NULL,
    texts bigint NOT NULL,
    request_id text
);

ALTER TABLE t_tenant.accesses ALTER COLUMN access_id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME t_tenant.accesses_access_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE t_tenant.alert_days (
    store_id text NOT NULL,
    day date NOT NULL
);

CREATE TABLE t_tenant.alert_digests (
    store_id text NOT NULL,
    up_to bigint NOT NULL,
    told_at timestamp with time zone
);

CREATE TABLE t_tenant.alert_head (
    only_row boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT alert_head_only_row_check CHECK (only_row)
);

CREATE TABLE t_tenant.alert_items (
    store_id text NOT NULL,
    sku text NOT NULL,
    open jsonb NOT NULL
);

CREATE TABLE t_tenant.alert_thresholds (
    store_id text NOT NULL,
    sku text NOT NULL,
    thresholds text
);

CREATE TABLE t_tenant.alerts (
    store_id text NOT NULL,
    sku text NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL,
    lot text,
    figure bigint NOT NULL,
    threshold bigint NOT NULL,
    quantity bigint NOT NULL,
    day date,
    sell_by date,
    "position" bigint NOT NULL,
    raised_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    acknowledged_by text,
    note text,
    cleared_at timestamp with time zone,
    cleared_figure bigint
);

CREATE TABLE t_tenant.attributed_returns (
    employee_id text NOT NULL,
    sale_id text NOT NULL,
    return_id text NOT NULL,
    month text NOT NULL,
    day date,
    "position" bigint NOT NULL,
    net_minor jsonb NOT NULL,
    cost_minor jsonb NOT NULL
);

CREATE TABLE t_tenant.attributed_sales (
    employee_id text NOT NULL,
    sale_id text NOT NULL,
    store_id text NOT NULL,
    month text NOT NULL,
    day date,
    "position" bigint NOT NULL,
    currency text NOT NULL,
    shift bigint NOT NULL,
    share_bp bigint NOT NULL,
    skus jsonb NOT NULL,
    categories jsonb NOT NULL,
    net_minor jsonb NOT NULL,
    cost_minor jsonb NOT NULL,
    own_net_minor jsonb NOT NULL,
    own_cost_minor jsonb NOT NULL
);

CREATE TABLE t_tenant.audit_checkpoints (
    size bigint NOT NULL,
    note text NOT NULL,
    sealed_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE t_tenant.audit_seal (
    only_row boolean DEFAULT true NOT NULL,
    size bigint DEFAULT 0 NOT NULL,
    sealed_at timestamp with time zone,
    alive_at timestamp with time zone,
    error text,
    CONSTRAINT audit_seal_only_row_check CHECK (only_row)
);

CREATE TABLE t_tenant.audit_tiles (
    level smallint NOT NULL,
    index bigint NOT NULL,
    hashes bytea NOT NULL
);
ALTER TABLE ONLY t_tenant.audit_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

CREATE TABLE t_tenant.campaign_coupons (
    coupon_id text NOT NULL,
    sale_id text
);

CREATE TABLE t_tenant.campaign_members (
    rule_id text NOT NULL,
    customer_id text NOT NULL,
    occasion text NOT NULL,
    outcome text NOT NULL,
    due_at timestamp with time zone,
    counts_until timestamp with time zone,
    coupon_id text,
    opened boolean NOT NULL,
    clicked boolean NOT NULL,
    replies bigint NOT NULL,
    rating bigint
);

CREATE TABLE t_tenant.campaign_sales (
    sale_id text NOT NULL,
    customer_id text NOT NULL,
    sold_at timestamp with time zone,
    currency text NOT NULL,
    prices_include_tax boolean NOT NULL,
    paid_minor bigint NOT NULL,
    revenue_minor bigint NOT NULL,
    cost_minor bigint NOT NULL,
    without_cost_minor bigint NOT NULL,
    unknown_cost jsonb NOT NULL
);

CREATE TABLE t_tenant.campaign_targets (
    campaign_id text NOT NULL,
    customer_id text NOT NULL,
    named_at timestamp with time zone
);

CREATE TABLE t_tenant.canned_answers (
    answer_id text NOT NULL,
    version bigint NOT NULL,
    language text NOT NULL,
    case_kind text,
    text text NOT NULL,
    retired boolean NOT NULL
);

CREATE TABLE t_tenant.care_customers (
    customer_id text NOT NULL,
    registered boolean NOT NULL,
    consents jsonb NOT NULL,
    last_bought_on date
);

CREATE TABLE t_tenant.care_interests (
    customer_id text NOT NULL,
    sku text NOT NULL,
    category text NOT NULL,
    last_bought_on date
);

CREATE TABLE t_tenant.care_products (
    sku text NOT NULL,
    category text NOT NULL,
    price_minor bigint NOT NULL,
    listed_at timestamp with time zone,
    dropped_at timestamp with time zone,
    before_minor bigint
);

CREATE TABLE t_tenant.care_rules (
    rule_id text NOT NULL,
    version bigint NOT NULL,
    name text NOT NULL,
    occasion text NOT NULL,
    store_id text NOT NULL,
    channel text NOT NULL,
    active_from date,
    active_until date
);

CREATE TABLE t_tenant.care_wishes (
    customer_id text NOT NULL,
    sku text NOT NULL,
    number bigint NOT NULL,
    noted_at timestamp with time zone,
    is_open boolean NOT NULL
);

CREATE TABLE t_tenant.case_deadlines (
    case_id text NOT NULL,
    kind text NOT NULL,
    category text NOT NULL,
    priority text NOT NULL,
    store_id text,
    employee_id text,
    clock text,
    due_at timestamp with time zone,
    next_at timestamp with time zone,
    level bigint NOT NULL
);

CREATE TABLE t_tenant.case_deadlines_head (
    only_row boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT case_deadlines_head_only_row_check CHECK (only_row)
);

CREATE TABLE t_tenant.category_prices (
    currency text NOT NULL,
    unit text NOT NULL,
    category text NOT NULL,
    quantity bigint NOT NULL,
    paid_minor bigint NOT NULL
);

CREATE TABLE t_tenant.commands (
    command_id text NOT NULL,
    fingerprint bytea NOT NULL,
    "position" bigint NOT NULL,
    result bytea NOT NULL,
    recorded_at timestamp with time zone NOT NULL
);

CREATE TABLE t_tenant.complaint_board (
    case_id text NOT NULL,
    kind text NOT NULL,
    status text NOT NULL,
    category text NOT NULL,
    customer_id text,
    store_id text,
    sale_id text,
    sku text,
    employee_id text,
    opened_at timestamp with time zone,
    changed_at timestamp with time zone,
    resolved_at timestamp with time zone,
    comments bigint NOT NULL,
    reopenings bigint NOT NULL,
    channel text,
    priority text DEFAULT 'normal'::text NOT NULL,
    lot text,
    supplier_id text,
    about_employee_id text,
    responded_at timestamp with time zone,
    referred_at timestamp with time zone,
    outcome text,
    in_time boolean,
    accepted boolean
);

CREATE TABLE t_tenant.complaint_causes (
    case_id text NOT NULL,
    kind text NOT NULL,
    category text NOT NULL,
    sku text,
    lot text,
    supplier_id text,
    store_id text,
    about_employee_id text,
    opened_at timestamp with time zone,
    resolved boolean NOT NULL,
    reopenings bigint NOT NULL,
    accepted boolean,
    refunds jsonb NOT NULL,
    credits jsonb NOT NULL,
    points jsonb NOT NULL,
    coupons jsonb NOT NULL
);

CREATE TABLE t_tenant.count_board (
    count_id text NOT NULL,
    store_id text NOT NULL,
    kind text NOT NULL,
    location text,
    status text NOT NULL,
    started_at timestamp with time zone,
    changed_at timestamp with time zone,
    items bigint NOT NULL,
    items_left bigint NOT NULL,
    lines bigint NOT NULL
);

CREATE TABLE t_tenant.count_lines (
    "position" bigint NOT NULL,
    number bigint NOT NULL,
    store_id text NOT NULL,
    count_id text NOT NULL,
    sku text NOT NULL,
    lot text,
    location text,
    recorded_at timestamp with time zone,
    counted bigint NOT NULL,
    book bigint NOT NULL
);

CREATE TABLE t_tenant.count_variances (
    "position" bigint NOT NULL,
    number bigint NOT NULL,
    store_id text NOT NULL,
    sku text NOT NULL,
    lot text,
    recorded_at timestamp with time zone,
    count_id text,
    cause text,
    shrink bigint NOT NULL,
    shrink_minor bigint NOT NULL,
    surplus bigint NOT NULL,
    surplus_minor bigint NOT NULL,
    late bigint NOT NULL,
    late_minor bigint NOT NULL
);

CREATE TABLE t_tenant.coupon_reservations (
    coupon_id text NOT NULL,
    reference text NOT NULL,
    campaign_id text NOT NULL,
    held bigint NOT NULL,
    held_until timestamp with time zone
);

CREATE TABLE t_tenant.coupon_standing (
    campaign_id text NOT NULL,
    batch_id text NOT NULL,
    own_limit text NOT NULL,
    ends_at timestamp with time zone,
    issued bigint NOT NULL,
    reserved bigint NOT NULL,
    redeemed bigint NOT NULL,
    returned bigint NOT NULL,
    revoked bigint NOT NULL,
    whole_revoked bigint NOT NULL
);

CREATE TABLE t_tenant.coupon_usage (
    campaign_id text NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    issued bigint NOT NULL,
    redeemed bigint NOT NULL,
    discount_minor bigint NOT NULL,
    sales bigint NOT NULL,
    sales_minor bigint NOT NULL
);

CREATE TABLE t_tenant.customer_days (
    customer_id text NOT NULL,
    business_day date NOT NULL,
    purchases bigint NOT NULL,
    returns bigint NOT NULL,
    spend_minor jsonb NOT NULL,
    goods_minor jsonb NOT NULL,
    categories jsonb NOT NULL
);

CREATE TABLE t_tenant.customer_index (
    kind text NOT NULL,
    digest bytea NOT NULL,
    customer_id text NOT NULL
);

CREATE TABLE t_tenant.customer_index_head (
    only_row boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    forgotten_since timestamp with time zone,
    CONSTRAINT customer_index_head_only_row_check CHECK (only_row)
);

CREATE TABLE t_tenant.customer_profile (
    customer_id text NOT NULL,
    registered_at timestamp with time zone,
    visits bigint NOT NULL,
    returns bigint NOT NULL,
    spend_minor jsonb NOT NULL,
    categories jsonb NOT NULL,
    first_purchase_at timestamp with time zone,
    last_purchase_at timestamp with time zone,
    coupons_issued bigint NOT NULL,
    coupons_redeemed bigint NOT NULL,
    complaints bigint NOT NULL,
    returned_minor jsonb DEFAULT '{}'::jsonb NOT NULL,
    bought jsonb DEFAULT '{}'::jsonb NOT NULL,
    paid_minor jsonb DEFAULT '{}'::jsonb NOT NULL,
    household_id text
);

CREATE TABLE t_tenant.customer_purchases (
    customer_id text NOT NULL,
    sale_id text NOT NULL,
    business_day date,
    sold_at timestamp with time zone,
    hour bigint NOT NULL,
    store_id text NOT NULL,
    currency text NOT NULL,
    total_minor bigint NOT NULL,
    returned_minor bigint NOT NULL,
    corrected boolean NOT NULL,
    goods jsonb NOT NULL
);

CREATE TABLE t_tenant.customer_tiers (
    customer_id text NOT NULL,
    changed_on date NOT NULL,
    tier text
);

CREATE TABLE t_tenant.customer_traces (
    customer_id text NOT NULL,
    stream text NOT NULL,
    active_at timestamp with time zone
);

CREATE TABLE t_tenant.customers_since (
    customer_id text NOT NULL,
    registered_at timestamp with time zone,
    merged_into text,
    merged_on date
);

CREATE TABLE t_tenant.cycle_scores (
    scorecard_id text NOT NULL,
    period text NOT NULL,
    employee_id text NOT NULL,
    ratings bigint NOT NULL,
    frozen boolean NOT NULL,
    score_milli bigint,
    points jsonb NOT NULL
);

CREATE TABLE t_tenant.demand_observed (
    source text NOT NULL,
    store_id text NOT NULL,
    sku text NOT NULL,
    day date NOT NULL,
    sold_milli bigint NOT NULL,
    "out" bigint NOT NULL,
    by_hour_milli jsonb NOT NULL
);

CREATE TABLE t_tenant.expiry_board (
    store_id text NOT NULL,
    sku text NOT NULL,
    lot text NOT NULL,
    received_on date,
    sell_by date,
    supplier_id text,
    unit_cost_minor bigint,
    on_hand bigint NOT NULL,
    held bigint NOT NULL,
    expired_on date
);

CREATE TABLE t_tenant.forgotten_subjects (
    subject text NOT NULL,
    forgotten_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE t_tenant.stored_events (
    originator_id text NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigint NOT NULL
);

CREATE VIEW t_tenant.history AS
 SELECT stored_events.notification_id AS "position",
    stored_events.originator_id AS stream,
    stored_events.originator_version AS version,
    stored_events.topic AS type,
    ((decoded.envelope ->> 'occurred_at'::text))::timestamp with time zone AS occurred_at,
    ((decoded.envelope ->> 'recorded_at'::text))::timestamp with time zone AS recorded_at,
    (decoded.envelope ->> 'actor'::text) AS actor,
    (decoded.envelope ->> 'channel'::text) AS channel,
    (decoded.envelope ->> 'terminal'::text) AS terminal,
    (decoded.envelope ->> 'command_id'::text) AS command_id,
    (decoded.envelope ->> 'correlation_id'::text) AS correlation_id,
    (decoded.envelope ->> 'causation_id'::text) AS causation_id,
    (decoded.envelope -> 'data'::text) AS data
   FROM t_tenant.stored_events,
    LATERAL ( SELECT (convert_from(stored_events.state, 'UTF8'::name))::jsonb AS envelope) decoded;

CREATE TABLE t_tenant.honours (
    period text NOT NULL,
    honour_id text NOT NULL,
    employee_id text NOT NULL,
    title text NOT NULL,
    store_id text,
    shared bigint NOT NULL,
    among bigint NOT NULL
);

CREATE TABLE t_tenant.incentive_amounts (
    scheme_id text NOT NULL,
    period text NOT NULL,
    employee_id text NOT NULL,
    currency text NOT NULL,
    commission_minor bigint NOT NULL,
    bonus_minor bigint NOT NULL,
    entries bigint NOT NULL
);

CREATE TABLE t_tenant.item_counts (
    store_id text NOT NULL,
    sku text NOT NULL,
    counting text,
    counted_at timestamp with time zone
);

CREATE TABLE t_tenant.item_demand (
    store_id text NOT NULL,
    sku text NOT NULL,
    business_day date NOT NULL,
    sold bigint NOT NULL,
    returned bigint NOT NULL
);

CREATE TABLE t_tenant.item_outages (
    store_id text NOT NULL,
    sku text NOT NULL,
    on_hand bigint NOT NULL,
    since timestamp with time zone,
    out_since timestamp with time zone,
    outages jsonb NOT NULL
);

CREATE TABLE t_tenant.journal_head (
    only_row boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    CONSTRAINT journal_head_only_row_check CHECK (only_row)
);

CREATE TABLE t_tenant.lead_board (
    lead_id text NOT NULL,
    customer_id text NOT NULL,
    store_id text NOT NULL,
    source text NOT NULL,
    employee_id text,
    sku text,
    category text,
    stage text NOT NULL,
    reached text NOT NULL,
    opened_at timestamp with time zone,
    stage_at timestamp with time zone,
    changed_at timestamp with time zone,
    contacted_at timestamp with time zone,
    visited_at timestamp with time zone,
    quoted_at timestamp with time zone,
    closed_at timestamp with time zone,
    reason text,
    sale_id text,
    amount_minor bigint,
    currency text
);

CREATE TABLE t_tenant.list_prices (
    list_id text NOT NULL,
    sku text NOT NULL,
    version bigint NOT NULL,
    price_minor bigint,
    piece_price_minor bigint,
    set_at timestamp with time zone
);

CREATE TABLE t_tenant.location_entries (
    "position" bigint NOT NULL,
    location text NOT NULL,
    store_id text NOT NULL,
    sku text NOT NULL,
    recorded_at timestamp with time zone,
    quantity bigint NOT NULL
);

CREATE TABLE t_tenant.markdown_labels (
    label text NOT NULL,
    store_id text NOT NULL,
    sku text NOT NULL,
    lot text NOT NULL,
    labels bigint NOT NULL,
    sold bigint NOT NULL,
    price_minor bigint,
    off_bp bigint NOT NULL,
    reason text NOT NULL,
    until timestamp with time zone,
    made_at timestamp with time zone,
    ended_at timestamp with time zone
);

CREATE TABLE t_tenant.markdown_proposals (
    store_id text NOT NULL,
    sku text NOT NULL,
    number bigint NOT NULL,
    status text NOT NULL,
    lot text NOT NULL,
    sell_by date,
    day date,
    days_left bigint NOT NULL,
    off_bp bigint NOT NULL,
    quantity bigint NOT NULL,
    ladder text NOT NULL,
    ladder_version bigint NOT NULL,
    label text,
    automatic bigint NOT NULL,
    reason text,
    proposed_at timestamp with time zone,
    settled_at timestamp with time zone,
    settled_by text
);

CREATE TABLE t_tenant.messages (
    message_id text NOT NULL,
    kind text NOT NULL,
    about text NOT NULL,
    store_id text NOT NULL,
    customer_id text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    sent_at timestamp with time zone,
    failure text
);

CREATE TABLE t_tenant.order_board (
    order_id text NOT NULL,
    store_id text NOT NULL,
    channel text NOT NULL,
    status text NOT NULL,
    customer_id text,
    employee_id text,
    currency text NOT NULL,
    total_minor bigint NOT NULL,
    placed_at timestamp with time zone,
    pay_by timestamp with time zone,
    ship_by timestamp with time zone,
    changed_at timestamp with time zone,
    short bigint NOT NULL,
    delayed bigint NOT NULL,
    damaged bigint NOT NULL,
    undelivered bigint NOT NULL,
    carriers jsonb NOT NULL,
    returned bigint DEFAULT 0 NOT NULL,
    matters jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE t_tenant.ordering_policies (
    store_id text NOT NULL,
    supplier_id text NOT NULL,
    automatic text
);

CREATE TABLE t_tenant.outbox (
    reaction text NOT NULL,
    "position" bigint NOT NULL,
    due_at timestamp with time zone NOT NULL
);

CREATE TABLE t_tenant.parked_events (
    projection text NOT NULL,
    table_name text NOT NULL,
    key text NOT NULL,
    "position" bigint NOT NULL,
    error text,
    traceback text,
    parked_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE t_tenant.parked_sales (
    parked_id text NOT NULL,
    store_id text NOT NULL,
    register_id text NOT NULL,
    status text NOT NULL,
    parked_at timestamp with time zone,
    lines bigint NOT NULL
);

CREATE TABLE t_tenant.previous_projections (
    name text NOT NULL,
    version bigint NOT NULL,
    "position" bigint NOT NULL,
    parked jsonb NOT NULL,
    replaced_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE t_tenant.product_categories (
    sku text NOT NULL,
    "position" bigint NOT NULL,
    recorded_at timestamp with time zone,
    category text NOT NULL
);

CREATE TABLE t_tenant.product_sales (
    sku text NOT NULL,
    store_id text NOT NULL,
    business_day date NOT NULL,
    currency text NOT NULL,
    quantity bigint NOT NULL,
    returned_quantity bigint NOT NULL,
    gross_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    returns_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    cost_minor bigint NOT NULL
);

CREATE TABLE t_tenant.product_traits (
    sku text NOT NULL,
    brand text,
    size text,
    variety text
);

CREATE TABLE t_tenant.projection_checkpoints (
    name text NOT NULL,
    version bigint NOT NULL,
    "position" bigint NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    owner text,
    alive_at timestamp with time zone,
    moved_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE t_tenant.projection_rebuilds (
    name text NOT NULL,
    version bigint NOT NULL,
    "position" bigint DEFAULT 0 NOT NULL,
    folded bigint DEFAULT 0 NOT NULL,
    epoch bigint NOT NULL,
    owner text,
    alive_at timestamp with time zone,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    resumed_at timestamp with time zone DEFAULT now() NOT NULL,
    resumed_from bigint DEFAULT 0 NOT NULL,
    error text
);

CREATE TABLE t_tenant.promotion_customers (
    source text NOT NULL,
    rule_id text NOT NULL,
    customer_id text NOT NULL,
    store_id text NOT NULL,
    business_day date NOT NULL,
    first_used_at timestamp with time zone
);

CREATE TABLE t_tenant.promotion_results (
    source text NOT NULL,
    rule_id text NOT NULL,
    store_id text NOT NULL,
    business_day date NOT NULL,
    currency text NOT NULL,
    sales bigint NOT NULL,
    uses bigint NOT NULL,
    discount_minor bigint NOT NULL,
    revenue_minor bigint NOT NULL
);

CREATE TABLE t_tenant.purchase_board (
    purchase_id text NOT NULL,
    supplier_id text NOT NULL,
    store_id text NOT NULL,
    status text NOT NULL,
    currency text NOT NULL,
    lines bigint NOT NULL,
    total_minor bigint NOT NULL,
    drafted_at timestamp with time zone,
    sent_on date,
    expected_on date,
    changed_at timestamp with time zone,
    expected jsonb NOT NULL,
    received jsonb NOT NULL,
    owed jsonb NOT NULL
);

CREATE TABLE t_tenant.reactor_head (
    only_row boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT reactor_head_only_row_check CHECK (only_row)
);

CREATE TABLE t_tenant.read_models (
    table_name text NOT NULL,
    projection text NOT NULL
);

CREATE SEQUENCE t_tenant.rebuild_epochs
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE t_tenant.register_journal (
    store_id text NOT NULL,
    register_id text NOT NULL,
    entry bigint NOT NULL,
    kind text NOT NULL,
    happened_at timestamp with time zone,
    actor text NOT NULL,
    number bigint NOT NULL,
    shift bigint NOT NULL,
    amount_minor bigint NOT NULL,
    by_method jsonb NOT NULL,
    document text,
    reason text
);

CREATE TABLE t_tenant.register_shifts (
    store_id text NOT NULL,
    register_id text NOT NULL,
    shift bigint NOT NULL,
    currency text NOT NULL,
    opened_at timestamp with time zone,
    closed_at timestamp with time zone,
    float_minor bigint NOT NULL,
    receipts bigint NOT NULL,
    sales_minor bigint NOT NULL,
    refunds_minor bigint NOT NULL,
    rounding_minor bigint NOT NULL,
    takings jsonb NOT NULL,
    paid_in_minor bigint NOT NULL,
    paid_out_minor bigint NOT NULL,
    dropped_minor bigint NOT NULL,
    counted jsonb NOT NULL,
    over_short jsonb NOT NULL,
    late_receipts bigint NOT NULL,
    late_minor bigint NOT NULL,
    late_takings jsonb NOT NULL,
    loaded_minor bigint DEFAULT 0 NOT NULL,
    voids bigint DEFAULT 0 NOT NULL,
    voided_minor bigint DEFAULT 0 NOT NULL,
    late_voids bigint DEFAULT 0 NOT NULL
);

CREATE TABLE t_tenant.replenished_items (
    store_id text NOT NULL,
    sku text NOT NULL,
    policy text,
    numbers bigint NOT NULL,
    waiting jsonb NOT NULL
);

CREATE TABLE t_tenant.reviewed_people (
    employee_id text NOT NULL,
    store_id text NOT NULL,
    erased boolean NOT NULL
);

CREATE TABLE t_tenant.reviews (
    employee_id text NOT NULL,
    cycle text NOT NULL,
    store_id text NOT NULL,
    status text NOT NULL,
    given_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    plans bigint NOT NULL,
    due jsonb NOT NULL,
    next_due date
);

CREATE TABLE t_tenant.sale_exceptions (
    sale_id text NOT NULL,
    number bigint NOT NULL,
    store_id text NOT NULL,
    register_id text NOT NULL,
    happened_at timestamp with time zone,
    code text NOT NULL,
    line bigint NOT NULL,
    expected bigint NOT NULL,
    found bigint NOT NULL,
    reference text,
    settled_at timestamp with time zone,
    settled_by text,
    settled_reason text
);

CREATE TABLE t_tenant.sales_hours (
    store_id text NOT NULL,
    business_day date NOT NULL,
    hour bigint NOT NULL,
    sales bigint NOT NULL,
    lines bigint NOT NULL,
    returns bigint NOT NULL,
    returned_lines bigint NOT NULL
);

CREATE TABLE t_tenant.sales_report (
    store_id text NOT NULL,
    business_day date NOT NULL,
    hour bigint NOT NULL,
    sku text NOT NULL,
    category text NOT NULL,
    employee_id text NOT NULL,
    currency text NOT NULL,
    gross_minor bigint NOT NULL,
    discount_minor bigint NOT NULL,
    tax_minor bigint NOT NULL,
    net_minor bigint NOT NULL,
    returns_minor bigint NOT NULL,
    cost_minor bigint NOT NULL,
    units bigint NOT NULL,
    returned_units bigint NOT NULL,
    lines bigint NOT NULL
);

CREATE TABLE t_tenant.schema_migrations (
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE t_tenant.score_cycles (
    scorecard_id text NOT NULL,
    period text NOT NULL,
    currency text NOT NULL,
    months bigint NOT NULL,
    version bigint NOT NULL,
    previous text,
    cut_off date,
    people bigint
);

CREATE TABLE t_tenant.scratch_slots (
    slot text NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT scratch_slots_slot_check CHECK ((slot ~ '^scratch_[0-9a-z]{1,12}$'::text))
);

CREATE TABLE t_tenant.segment_counts (
    segment_id text NOT NULL,
    as_of date NOT NULL,
    version bigint NOT NULL,
    entered bigint NOT NULL,
    departed bigint NOT NULL,
    members bigint
);

CREATE TABLE t_tenant.segment_members (
    segment_id text NOT NULL,
    customer_id text NOT NULL,
    entered_as_of date,
    departed_as_of date
);

CREATE TABLE t_tenant.segments (
    segment_id text NOT NULL,
    version bigint NOT NULL,
    active boolean NOT NULL,
    evaluated_version bigint NOT NULL,
    evaluated_as_of date,
    members bigint NOT NULL
);

CREATE TABLE t_tenant.selling_hours (
    store_id text NOT NULL,
    hour bigint NOT NULL,
    lines bigint NOT NULL
);

CREATE TABLE t_tenant.service_quality (
    case_id text NOT NULL,
    kind text NOT NULL,
    store_id text,
    employee_id text,
    opened_at timestamp with time zone,
    resolved boolean NOT NULL,
    resolved_by text NOT NULL,
    waits_since timestamp with time zone,
    responses jsonb NOT NULL,
    response_s jsonb NOT NULL,
    resolutions jsonb NOT NULL,
    reopened jsonb NOT NULL,
    asked jsonb NOT NULL,
    answers jsonb NOT NULL,
    scores jsonb NOT NULL
);

CREATE TABLE t_tenant.skipped_events (
    projection text NOT NULL,
    table_name text NOT NULL,
    key text NOT NULL,
    "position" bigint NOT NULL,
    error text NOT NULL,
    reason text NOT NULL,
    skipped_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE t_tenant.snapshots (
    originator_id text NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL
);

CREATE TABLE t_tenant.staff_days (
    employee_id text NOT NULL,
    store_id text NOT NULL,
    business_day date NOT NULL,
    recorded_on date NOT NULL,
    currency text NOT NULL,
    sales bigint NOT NULL,
    returns bigint NOT NULL,
    sold_minor bigint NOT NULL,
    returned_minor bigint NOT NULL,
    revenue_minor bigint NOT NULL,
    cost_minor bigint NOT NULL,
    units bigint NOT NULL,
    returned_units bigint NOT NULL,
    complaints bigint NOT NULL,
    csat_answers bigint DEFAULT 0 NOT NULL,
    csat_points bigint DEFAULT 0 NOT NULL,
    leads_ended bigint DEFAULT 0 NOT NULL,
    leads_won bigint DEFAULT 0 NOT NULL
);

CREATE TABLE t_tenant.staff_scores (
    employee_id text NOT NULL,
    month text NOT NULL,
    sales bigint NOT NULL,
    sales_minor jsonb NOT NULL,
    units bigint NOT NULL,
    returns bigint NOT NULL,
    returns_minor jsonb NOT NULL,
    returned_units bigint NOT NULL,
    complaints_assigned bigint NOT NULL,
    complaints_resolved bigint NOT NULL,
    complaints_reopened bigint NOT NULL
);

CREATE TABLE t_tenant.stock_ledger (
    "position" bigint NOT NULL,
    number bigint NOT NULL,
    store_id text NOT NULL,
    sku text NOT NULL,
    lot text,
    recorded_at timestamp with time zone,
    occurred_at timestamp with time zone,
    from_place text,
    to_place text,
    quantity bigint NOT NULL,
    on_hand bigint NOT NULL,
    held bigint NOT NULL,
    cost_minor bigint NOT NULL,
    value_minor bigint NOT NULL,
    variance_minor bigint NOT NULL,
    cause text,
    reference text
);

CREATE TABLE t_tenant.stock_levels (
    store_id text NOT NULL,
    sku text NOT NULL,
    on_hand bigint NOT NULL,
    value_minor bigint NOT NULL,
    received bigint NOT NULL,
    sold bigint NOT NULL,
    returned bigint NOT NULL,
    wasted bigint NOT NULL,
    adjusted bigint NOT NULL,
    moved_at timestamp with time zone,
    held bigint DEFAULT 0 NOT NULL,
    transferred bigint DEFAULT 0 NOT NULL,
    donated bigint DEFAULT 0 NOT NULL
);

CREATE TABLE t_tenant.stock_reservations (
    store_id text NOT NULL,
    sku text NOT NULL,
    reference text NOT NULL,
    quantity bigint NOT NULL,
    held_until timestamp with time zone
);

CREATE TABLE t_tenant.storage_costs (
    "position" bigint NOT NULL,
    location text NOT NULL,
    store_id text NOT NULL,
    recorded_at timestamp with time zone,
    month_minor bigint NOT NULL
);

CREATE TABLE t_tenant.store_time_zones (
    store_id text NOT NULL,
    "position" bigint NOT NULL,
    time_zone text NOT NULL
);

CREATE TABLE t_tenant.stored_value (
    account text NOT NULL,
    kind text NOT NULL,
    customer_id text,
    currency text NOT NULL,
    status text NOT NULL,
    value jsonb NOT NULL,
    next_expiry_at timestamp with time zone,
    balance_minor bigint NOT NULL,
    issued_minor bigint NOT NULL,
    spent_minor bigint NOT NULL,
    refunded_minor bigint NOT NULL,
    expired_minor bigint NOT NULL
);

CREATE TABLE t_tenant.suggestions (
    store_id text NOT NULL,
    sku text NOT NULL,
    number bigint NOT NULL,
    status text NOT NULL,
    quantity bigint NOT NULL,
    suggested bigint NOT NULL,
    supplier_id text,
    day date,
    made_at timestamp with time zone,
    settled_at timestamp with time zone,
    settled_by text,
    reason text,
    reference text,
    made text NOT NULL
);

CREATE TABLE t_tenant.supplier_scores (
    supplier_id text NOT NULL,
    sku text NOT NULL,
    deliveries bigint NOT NULL,
    lead_days bigint NOT NULL,
    lead_days_squared bigint NOT NULL,
    accepted_bp bigint NOT NULL,
    closed bigint NOT NULL,
    filled_bp bigint NOT NULL,
    price_changes bigint NOT NULL,
    price_change_bp bigint NOT NULL,
    returned bigint NOT NULL,
    claimed_minor bigint NOT NULL,
    credited_minor bigint NOT NULL,
    arrivals bigint DEFAULT 0 NOT NULL,
    promised bigint DEFAULT 0 NOT NULL,
    on_time bigint DEFAULT 0 NOT NULL
);

CREATE TABLE t_tenant.suppliers (
    supplier_id text NOT NULL,
    name text NOT NULL,
    currency text NOT NULL,
    active bigint NOT NULL
);

CREATE TABLE t_tenant.supply_terms (
    supplier_id text NOT NULL,
    sku text NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    unit_cost_minor bigint NOT NULL,
    currency text NOT NULL,
    pack_size bigint NOT NULL,
    minimum_packs bigint NOT NULL,
    lead_time_days bigint NOT NULL,
    supplier_sku text
);

CREATE TABLE t_tenant.survey_results (
    survey_id text NOT NULL,
    kind text NOT NULL,
    period text,
    store_id text,
    employee_id text,
    case_id text,
    sent_at timestamp with time zone,
    answered_at timestamp with time zone,
    score bigint,
    customer_id text
);

CREATE TABLE t_tenant.targets (
    target_id text NOT NULL,
    store_id text,
    employee_id text,
    sku text,
    category text,
    first_day date,
    last_day date,
    measure text NOT NULL,
    currency text,
    goal bigint NOT NULL,
    version bigint NOT NULL,
    ended boolean NOT NULL
);

CREATE TABLE t_tenant.task_board (
    task_id text NOT NULL,
    store_id text NOT NULL,
    subject text NOT NULL,
    action text NOT NULL,
    status text NOT NULL,
    employee_id text,
    rule text,
    opened_at timestamp with time zone,
    due_at timestamp with time zone,
    closed_at timestamp with time zone,
    outcome text
);

CREATE TABLE t_tenant.trading_days (
    store_id text NOT NULL,
    business_day date NOT NULL,
    currency text NOT NULL,
    sales bigint NOT NULL,
    revenue_minor bigint NOT NULL
);

CREATE TABLE t_tenant.transfer_board (
    transfer_id text NOT NULL,
    from_store_id text NOT NULL,
    to_store_id text NOT NULL,
    status text NOT NULL,
    sent_at timestamp with time zone,
    expected_on date,
    changed_at timestamp with time zone,
    in_transit jsonb NOT NULL,
    damaged bigint NOT NULL,
    missing bigint NOT NULL,
    over bigint NOT NULL
);

CREATE TABLE t_tenant.turnover_sales (
    "position" bigint NOT NULL,
    sku text NOT NULL,
    store_id text NOT NULL,
    recorded_at timestamp with time zone,
    quantity bigint NOT NULL,
    net_minor bigint NOT NULL
);

CREATE TABLE t_tenant.wallet (
    customer_id text NOT NULL,
    points jsonb NOT NULL,
    owed bigint NOT NULL,
    next_lapse_at timestamp with time zone,
    tier text,
    tier_since timestamp with time zone,
    grace_until timestamp with time zone,
    earned bigint NOT NULL,
    spent bigint NOT NULL,
    lapsed bigint NOT NULL
);

CREATE TABLE t_tenant.wallet_coupons (
    customer_id text NOT NULL,
    coupon_id text NOT NULL,
    campaign_id text NOT NULL,
    status text NOT NULL
);

ALTER TABLE ONLY t_tenant.accesses
    ADD CONSTRAINT accesses_pkey PRIMARY KEY (access_id);

ALTER TABLE ONLY t_tenant.alert_days
    ADD CONSTRAINT alert_days_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY t_tenant.alert_digests
    ADD CONSTRAINT alert_digests_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY t_tenant.alert_head
    ADD CONSTRAINT alert_head_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY t_tenant.alert_items
    ADD CONSTRAINT alert_items_pkey PRIMARY KEY (store_id, sku);

ALTER TABLE ONLY t_tenant.alert_thresholds
    ADD CONSTRAINT alert_thresholds_pkey PRIMARY KEY (store_id, sku);

ALTER TABLE ONLY t_tenant.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (store_id, sku, number);

ALTER TABLE ONLY t_tenant.attributed_returns
    ADD CONSTRAINT attributed_returns_pkey PRIMARY KEY (employee_id, sale_id, return_id);

ALTER TABLE ONLY t_tenant.attributed_sales
    ADD CONSTRAINT attributed_sales_pkey PRIMARY KEY (employee_id, sale_id);

ALTER TABLE ONLY t_tenant.audit_checkpoints
    ADD CONSTRAINT audit_checkpoints_pkey PRIMARY KEY (size);

ALTER TABLE ONLY t_tenant.audit_seal
    ADD CONSTRAINT audit_seal_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY t_tenant.audit_tiles
    ADD CONSTRAINT audit_tiles_pkey PRIMARY KEY (level, index);

ALTER TABLE ONLY t_tenant.campaign_coupons
    ADD CONSTRAINT campaign_coupons_pkey PRIMARY KEY (coupon_id);

ALTER TABLE ONLY t_tenant.campaign_members
    ADD CONSTRAINT campaign_members_pkey PRIMARY KEY (rule_id, customer_id, occasion);

ALTER TABLE ONLY t_tenant.campaign_sales
    ADD CONSTRAINT campaign_sales_pkey PRIMARY KEY (sale_id);

ALTER TABLE ONLY t_tenant.campaign_targets
    ADD CONSTRAINT campaign_targets_pkey PRIMARY KEY (campaign_id, customer_id);

ALTER TABLE ONLY t_tenant.canned_answers
    ADD CONSTRAINT canned_answers_pkey PRIMARY KEY (answer_id);

ALTER TABLE ONLY t_tenant.care_customers
    ADD CONSTRAINT care_customers_pkey PRIMARY KEY (customer_id);

ALTER TABLE ONLY t_tenant.care_interests
    ADD CONSTRAINT care_interests_pkey PRIMARY KEY (customer_id, sku);

ALTER TABLE ONLY t_tenant.care_products
    ADD CONSTRAINT care_products_pkey PRIMARY KEY (sku);

ALTER TABLE ONLY t_tenant.care_rules
    ADD CONSTRAINT care_rules_pkey PRIMARY KEY (rule_id);

ALTER TABLE ONLY t_tenant.care_wishes
    ADD CONSTRAINT care_wishes_pkey PRIMARY KEY (customer_id, sku);

ALTER TABLE ONLY t_tenant.case_deadlines_head
    ADD CONSTRAINT case_deadlines_head_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY t_tenant.case_deadlines
    ADD CONSTRAINT case_deadlines_pkey PRIMARY KEY (case_id);

ALTER TABLE ONLY t_tenant.category_prices
    ADD CONSTRAINT category_prices_pkey PRIMARY KEY (currency, unit, category);

ALTER TABLE ONLY t_tenant.commands
    ADD CONSTRAINT commands_pkey PRIMARY KEY (command_id);

ALTER TABLE ONLY t_tenant.complaint_board
    ADD CONSTRAINT complaint_board_pkey PRIMARY KEY (case_id);

ALTER TABLE ONLY t_tenant.complaint_causes
    ADD CONSTRAINT complaint_causes_pkey PRIMARY KEY (case_id);

ALTER TABLE ONLY t_tenant.count_board
    ADD CONSTRAINT count_board_pkey PRIMARY KEY (count_id);

ALTER TABLE ONLY t_tenant.count_lines
    ADD CONSTRAINT count_lines_pkey PRIMARY KEY ("position", number);

ALTER TABLE ONLY t_tenant.count_variances
    ADD CONSTRAINT count_variances_pkey PRIMARY KEY ("position", number);

ALTER TABLE ONLY t_tenant.coupon_reservations
    ADD CONSTRAINT coupon_reservations_pkey PRIMARY KEY (coupon_id, reference);

ALTER TABLE ONLY t_tenant.coupon_standing
    ADD CONSTRAINT coupon_standing_pkey PRIMARY KEY (campaign_id, batch_id, own_limit);

ALTER TABLE ONLY t_tenant.coupon_usage
    ADD CONSTRAINT coupon_usage_pkey PRIMARY KEY (campaign_id);

ALTER TABLE ONLY t_tenant.customer_days
    ADD CONSTRAINT customer_days_pkey PRIMARY KEY (customer_id, business_day);

ALTER TABLE ONLY t_tenant.customer_index_head
    ADD CONSTRAINT customer_index_head_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY t_tenant.customer_index
    ADD CONSTRAINT customer_index_pkey PRIMARY KEY (kind, digest, customer_id);

ALTER TABLE ONLY t_tenant.customer_profile
    ADD CONSTRAINT customer_profile_pkey PRIMARY KEY (customer_id);

ALTER TABLE ONLY t_tenant.customer_purchases
    ADD CONSTRAINT customer_purchases_pkey PRIMARY KEY (customer_id, sale_id);

ALTER TABLE ONLY t_tenant.customer_tiers
    ADD CONSTRAINT customer_tiers_pkey PRIMARY KEY (customer_id, changed_on);

ALTER TABLE ONLY t_tenant.customer_traces
    ADD CONSTRAINT customer_traces_pkey PRIMARY KEY (customer_id, stream);

ALTER TABLE ONLY t_tenant.customers_since
    ADD CONSTRAINT customers_since_pkey PRIMARY KEY (customer_id);

ALTER TABLE ONLY t_tenant.cycle_scores
    ADD CONSTRAINT cycle_scores_pkey PRIMARY KEY (scorecard_id, period, employee_id);

ALTER TABLE ONLY t_tenant.demand_observed
    ADD CONSTRAINT demand_observed_pkey PRIMARY KEY (source, store_id, sku, day);

ALTER TABLE ONLY t_tenant.expiry_board
    ADD CONSTRAINT expiry_board_pkey PRIMARY KEY (store_id, sku, lot);

ALTER TABLE ONLY t_tenant.forgotten_subjects
    ADD CONSTRAINT forgotten_subjects_pkey PRIMARY KEY (subject);

ALTER TABLE ONLY t_tenant.honours
    ADD CONSTRAINT honours_pkey PRIMARY KEY (period, honour_id, employee_id);

ALTER TABLE ONLY t_tenant.incentive_amounts
    ADD CONSTRAINT incentive_amounts_pkey PRIMARY KEY (scheme_id, period, employee_id);

ALTER TABLE ONLY t_tenant.item_counts
    ADD CONSTRAINT item_counts_pkey PRIMARY KEY (store_id, sku);

ALTER TABLE ONLY t_tenant.item_demand
    ADD CONSTRAINT item_demand_pkey PRIMARY KEY (store_id, sku, business_day);

ALTER TABLE ONLY t_tenant.item_outages
    ADD CONSTRAINT item_outages_pkey PRIMARY KEY (store_id, sku);

ALTER TABLE ONLY t_tenant.journal_head
    ADD CONSTRAINT journal_head_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY t_tenant.lead_board
    ADD CONSTRAINT lead_board_pkey PRIMARY KEY (lead_id);

ALTER TABLE ONLY t_tenant.list_prices
    ADD CONSTRAINT list_prices_pkey PRIMARY KEY (list_id, sku);

ALTER TABLE ONLY t_tenant.location_entries
    ADD CONSTRAINT location_entries_pkey PRIMARY KEY ("position", location);

ALTER TABLE ONLY t_tenant.markdown_labels
    ADD CONSTRAINT markdown_labels_pkey PRIMARY KEY (label);

ALTER TABLE ONLY t_tenant.markdown_proposals
    ADD CONSTRAINT markdown_proposals_pkey PRIMARY KEY (store_id, sku, number);

ALTER TABLE ONLY t_tenant.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (message_id);

ALTER TABLE ONLY t_tenant.order_board
    ADD CONSTRAINT order_board_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY t_tenant.ordering_policies
    ADD CONSTRAINT ordering_policies_pkey PRIMARY KEY (store_id, supplier_id);

ALTER TABLE ONLY t_tenant.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY ("position", reaction);

ALTER TABLE ONLY t_tenant.parked_events
    ADD CONSTRAINT parked_events_pkey PRIMARY KEY (projection, table_name, key, "position");

ALTER TABLE ONLY t_tenant.parked_sales
    ADD CONSTRAINT parked_sales_pkey PRIMARY KEY (parked_id);

ALTER TABLE ONLY t_tenant.previous_projections
    ADD CONSTRAINT previous_projections_pkey PRIMARY KEY (name);

ALTER TABLE ONLY t_tenant.product_categories
    ADD CONSTRAINT product_categories_pkey PRIMARY KEY (sku, "position");

ALTER TABLE ONLY t_tenant.product_sales
    ADD CONSTRAINT product_sales_pkey PRIMARY KEY (sku, store_id, business_day);

ALTER TABLE ONLY t_tenant.product_traits
    ADD CONSTRAINT product_traits_pkey PRIMARY KEY (sku);

ALTER TABLE ONLY t_tenant.projection_checkpoints
    ADD CONSTRAINT projection_checkpoints_pkey PRIMARY KEY (name);

ALTER TABLE ONLY t_tenant.projection_rebuilds
    ADD CONSTRAINT projection_rebuilds_pkey PRIMARY KEY (name);

ALTER TABLE ONLY t_tenant.promotion_customers
    ADD CONSTRAINT promotion_customers_pkey PRIMARY KEY (source, rule_id, customer_id, store_id, business_day);

ALTER TABLE ONLY t_tenant.promotion_results
    ADD CONSTRAINT promotion_results_pkey PRIMARY KEY (source, rule_id, store_id, business_day);

ALTER TABLE ONLY t_tenant.purchase_board
    ADD CONSTRAINT purchase_board_pkey PRIMARY KEY (purchase_id);

ALTER TABLE ONLY t_tenant.reactor_head
    ADD CONSTRAINT reactor_head_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY t_tenant.read_models
    ADD CONSTRAINT read_models_pkey PRIMARY KEY (table_name);

ALTER TABLE ONLY t_tenant.register_journal
    ADD CONSTRAINT register_journal_pkey PRIMARY KEY (store_id, register_id, entry);

ALTER TABLE ONLY t_tenant.register_shifts
    ADD CONSTRAINT register_shifts_pkey PRIMARY KEY (store_id, register_id, shift);

ALTER TABLE ONLY t_tenant.replenished_items
    ADD CONSTRAINT replenished_items_pkey PRIMARY KEY (store_id, sku);

ALTER TABLE ONLY t_tenant.reviewed_people
    ADD CONSTRAINT reviewed_people_pkey PRIMARY KEY (employee_id);

ALTER TABLE ONLY t_tenant.reviews
    ADD CONSTRAINT reviews_pkey PRIMARY KEY (employee_id, cycle);

ALTER TABLE ONLY t_tenant.sale_exceptions
    ADD CONSTRAINT sale_exceptions_pkey PRIMARY KEY (sale_id, number);

ALTER TABLE ONLY t_tenant.sales_hours
    ADD CONSTRAINT sales_hours_pkey PRIMARY KEY (store_id, business_day, hour);

ALTER TABLE ONLY t_tenant.sales_report
    ADD CONSTRAINT sales_report_pkey PRIMARY KEY (store_id, business_day, hour, sku, category, employee_id);

ALTER TABLE ONLY t_tenant.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (number);

ALTER TABLE ONLY t_tenant.score_cycles
    ADD CONSTRAINT score_cycles_pkey PRIMARY KEY (scorecard_id, period);

ALTER TABLE ONLY t_tenant.scratch_slots
    ADD CONSTRAINT scratch_slots_pkey PRIMARY KEY (slot);

ALTER TABLE ONLY t_tenant.segment_counts
    ADD CONSTRAINT segment_counts_pkey PRIMARY KEY (segment_id, as_of);

ALTER TABLE ONLY t_tenant.segment_members
    ADD CONSTRAINT segment_members_pkey PRIMARY KEY (segment_id, customer_id);

ALTER TABLE ONLY t_tenant.segments
    ADD CONSTRAINT segments_pkey PRIMARY KEY (segment_id);

ALTER TABLE ONLY t_tenant.selling_hours
    ADD CONSTRAINT selling_hours_pkey PRIMARY KEY (store_id, hour);

ALTER TABLE ONLY t_tenant.service_quality
    ADD CONSTRAINT service_quality_pkey PRIMARY KEY (case_id);

ALTER TABLE ONLY t_tenant.skipped_events
    ADD CONSTRAINT skipped_events_pkey PRIMARY KEY (projection, table_name, key, "position");

ALTER TABLE ONLY t_tenant.snapshots
    ADD CONSTRAINT snapshots_pkey PRIMARY KEY (originator_id, originator_version);

ALTER TABLE ONLY t_tenant.staff_days
    ADD CONSTRAINT staff_days_pkey PRIMARY KEY (employee_id, store_id, business_day, recorded_on);

ALTER TABLE ONLY t_tenant.staff_scores
    ADD CONSTRAINT staff_scores_pkey PRIMARY KEY (employee_id, month);

ALTER TABLE ONLY t_tenant.stock_ledger
    ADD CONSTRAINT stock_ledger_pkey PRIMARY KEY ("position", number);

ALTER TABLE ONLY t_tenant.stock_levels
    ADD CONSTRAINT stock_levels_pkey PRIMARY KEY (store_id, sku);

ALTER TABLE ONLY t_tenant.stock_reservations
    ADD CONSTRAINT stock_reservations_pkey PRIMARY KEY (store_id, sku, reference);

ALTER TABLE ONLY t_tenant.storage_costs
    ADD CONSTRAINT storage_costs_pkey PRIMARY KEY ("position", location);

ALTER TABLE ONLY t_tenant.store_time_zones
    ADD CONSTRAINT store_time_zones_pkey PRIMARY KEY (store_id, "position");

ALTER TABLE ONLY t_tenant.stored_events
    ADD CONSTRAINT stored_events_pkey PRIMARY KEY (originator_id, originator_version);

ALTER TABLE ONLY t_tenant.stored_value
    ADD CONSTRAINT stored_value_pkey PRIMARY KEY (account);

ALTER TABLE ONLY t_tenant.suggestions
    ADD CONSTRAINT suggestions_pkey PRIMARY KEY (store_id, sku, number);

ALTER TABLE ONLY t_tenant.supplier_scores
    ADD CONSTRAINT supplier_scores_pkey PRIMARY KEY (supplier_id, sku);

ALTER TABLE ONLY t_tenant.suppliers
    ADD CONSTRAINT suppliers_pkey PRIMARY KEY (supplier_id);

ALTER TABLE ONLY t_tenant.supply_terms
    ADD CONSTRAINT supply_terms_pkey PRIMARY KEY (supplier_id, sku, valid_from);

ALTER TABLE ONLY t_tenant.survey_results
    ADD CONSTRAINT survey_results_pkey PRIMARY KEY (survey_id);

ALTER TABLE ONLY t_tenant.targets
    ADD CONSTRAINT targets_pkey PRIMARY KEY (target_id);

ALTER TABLE ONLY t_tenant.task_board
    ADD CONSTRAINT task_board_pkey PRIMARY KEY (task_id);

ALTER TABLE ONLY t_tenant.trading_days
    ADD CONSTRAINT trading_days_pkey PRIMARY KEY (store_id, business_day);

ALTER TABLE ONLY t_tenant.transfer_board
    ADD CONSTRAINT transfer_board_pkey PRIMARY KEY (transfer_id);

ALTER TABLE ONLY t_tenant.turnover_sales
    ADD CONSTRAINT turnover_sales_pkey PRIMARY KEY ("position", sku);

ALTER TABLE ONLY t_tenant.wallet_coupons
    ADD CONSTRAINT wallet_coupons_pkey PRIMARY KEY (customer_id, coupon_id);

ALTER TABLE ONLY t_tenant.wallet
    ADD CONSTRAINT wallet_pkey PRIMARY KEY (customer_id);

CREATE INDEX accesses_by_age ON t_tenant.accesses USING btree (read_at);

CREATE INDEX accesses_by_subject ON t_tenant.accesses USING gin (subjects);

CREATE INDEX alerts_by_age ON t_tenant.alerts USING btree ("position" DESC);

CREATE INDEX alerts_open ON t_tenant.alerts USING btree (store_id, "position" DESC) WHERE (cleared_at IS NULL);

CREATE INDEX attributed_returns_by_month ON t_tenant.attributed_returns USING btree (month, employee_id);

CREATE INDEX attributed_returns_by_position ON t_tenant.attributed_returns USING brin ("position");

CREATE INDEX attributed_sales_by_month ON t_tenant.attributed_sales USING btree (month, employee_id);

CREATE INDEX attributed_sales_by_position ON t_tenant.attributed_sales USING brin ("position");

CREATE INDEX audit_key_changes ON t_tenant.audit_checkpoints USING btree (size) WHERE (note ~~ '%
key-change %'::text);

CREATE INDEX campaign_members_by_customer ON t_tenant.campaign_members USING btree (customer_id);

CREATE INDEX campaign_sales_by_customer ON t_tenant.campaign_sales USING btree (customer_id, sold_at);

CREATE INDEX care_customers_by_day ON t_tenant.care_customers USING btree (last_bought_on);

CREATE INDEX care_interests_by_category ON t_tenant.care_interests USING btree (category, customer_id);

CREATE INDEX care_interests_by_product ON t_tenant.care_interests USING btree (sku, customer_id);

CREATE INDEX care_wishes_by_product ON t_tenant.care_wishes USING btree (sku) WHERE is_open;

CREATE INDEX case_deadlines_by_due ON t_tenant.case_deadlines USING btree (due_at, case_id) WHERE (due_at IS NOT NULL);

CREATE INDEX case_deadlines_by_level ON t_tenant.case_deadlines USING btree (next_at, case_id) WHERE (next_at IS NOT NULL);

CREATE INDEX commands_by_age ON t_tenant.commands USING btree (recorded_at);

CREATE INDEX complaint_board_by_customer ON t_tenant.complaint_board USING btree (customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX complaint_board_by_opening ON t_tenant.complaint_board USING btree (opened_at DESC, case_id);

CREATE INDEX complaint_board_by_status ON t_tenant.complaint_board USING btree (status, opened_at DESC, case_id);

CREATE INDEX complaint_causes_by_opening ON t_tenant.complaint_causes USING btree (opened_at);

CREATE INDEX count_board_by_start ON t_tenant.count_board USING btree (store_id, started_at DESC, count_id);

CREATE INDEX count_lines_by_time ON t_tenant.count_lines USING btree (store_id, recorded_at);

CREATE INDEX count_variances_by_time ON t_tenant.count_variances USING btree (store_id, recorded_at);

CREATE INDEX coupon_reservations_held ON t_tenant.coupon_reservations USING btree (held_until) WHERE (held = 1);

CREATE INDEX customer_index_by_customer ON t_tenant.customer_index USING btree (customer_id, kind);

CREATE INDEX customer_profile_by_household ON t_tenant.customer_profile USING btree (household_id, customer_id) WHERE (household_id IS NOT NULL);

CREATE INDEX customer_traces_by_stream ON t_tenant.customer_traces USING btree (stream);

CREATE INDEX customers_since_merged ON t_tenant.customers_since USING btree (merged_into) WHERE (merged_into IS NOT NULL);

CREATE INDEX expiry_board_by_sell_by ON t_tenant.expiry_board USING btree (store_id, COALESCE(sell_by, '9999-12-31'::date), sku, lot) WHERE ((on_hand > 0) OR (held > 0));

CREATE INDEX lead_board_by_customer ON t_tenant.lead_board USING btree (customer_id);

CREATE INDEX lead_board_by_opening ON t_tenant.lead_board USING btree (opened_at DESC, lead_id);

CREATE INDEX lead_board_by_stage ON t_tenant.lead_board USING btree (stage, opened_at DESC, lead_id);

CREATE INDEX location_entries_by_item ON t_tenant.location_entries USING btree (store_id, sku, "position");

CREATE INDEX markdown_labels_by_end ON t_tenant.markdown_labels USING btree (store_id, until, label);

CREATE INDEX markdown_proposals_by_status ON t_tenant.markdown_proposals USING btree (store_id, status, sku, number);

CREATE INDEX messages_by_age ON t_tenant.messages USING btree (created_at DESC, message_id);

CREATE INDEX order_board_by_employee ON t_tenant.order_board USING btree (employee_id, placed_at DESC, order_id);

CREATE INDEX order_board_by_placing ON t_tenant.order_board USING btree (placed_at DESC, order_id);

CREATE INDEX order_board_by_status ON t_tenant.order_board USING btree (status, placed_at DESC, order_id);

CREATE INDEX order_board_not_over ON t_tenant.order_board USING btree (placed_at, order_id) WHERE ((status <> ALL (ARRAY['received'::text, 'cancelled'::text, 'failed'::text, 'returned'::text])) OR (damaged = 1));

CREATE INDEX parked_sales_waiting ON t_tenant.parked_sales USING btree (store_id, parked_at, parked_id) WHERE (status = 'parked'::text);

CREATE INDEX period_closings ON t_tenant.stored_events USING btree (originator_id, originator_version) WHERE (topic = 'till.period_closed.v1'::text);

CREATE INDEX purchase_board_by_draft ON t_tenant.purchase_board USING btree (drafted_at DESC, purchase_id);

CREATE INDEX purchase_board_by_status ON t_tenant.purchase_board USING btree (status, drafted_at DESC, purchase_id);

CREATE INDEX purchase_board_on_order ON t_tenant.purchase_board USING btree (store_id) WHERE (status = ANY (ARRAY['sent'::text, 'confirmed'::text, 'partly_received'::text]));

CREATE INDEX reviewed_people_by_store ON t_tenant.reviewed_people USING btree (store_id, employee_id);

CREATE INDEX sale_exceptions_by_store ON t_tenant.sale_exceptions USING btree (store_id, happened_at DESC, sale_id, number);

CREATE INDEX segment_members_present ON t_tenant.segment_members USING btree (segment_id, customer_id) WHERE (departed_as_of IS NULL);

CREATE INDEX service_quality_by_opening ON t_tenant.service_quality USING btree (opened_at);

CREATE INDEX staff_days_by_business_day ON t_tenant.staff_days USING btree (business_day);

CREATE INDEX staff_days_by_day ON t_tenant.staff_days USING btree (store_id, business_day);

CREATE INDEX stock_ledger_by_item ON t_tenant.stock_ledger USING btree (store_id, sku, "position" DESC, number DESC);

CREATE INDEX stock_ledger_in_transit ON t_tenant.stock_ledger USING btree (reference, store_id) WHERE ((from_place = 'transit'::text) OR (to_place = 'transit'::text));

CREATE INDEX stock_reservations_held ON t_tenant.stock_reservations USING btree (store_id, sku, held_until) WHERE (quantity > 0);

CREATE UNIQUE INDEX stored_events_notification_id_idx ON t_tenant.stored_events USING btree (notification_id);

CREATE INDEX stored_value_by_customer ON t_tenant.stored_value USING btree (customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX stored_value_by_expiry ON t_tenant.stored_value USING btree (next_expiry_at) WHERE (next_expiry_at IS NOT NULL);

CREATE INDEX suggestions_waiting ON t_tenant.suggestions USING btree (store_id, status, sku, number) WHERE (status = ANY (ARRAY['made'::text, 'accepted'::text, 'drafted'::text]));

CREATE INDEX supply_terms_by_sku ON t_tenant.supply_terms USING btree (sku, supplier_id, valid_from DESC);

CREATE INDEX survey_results_by_customer ON t_tenant.survey_results USING btree (customer_id) WHERE (customer_id IS NOT NULL);

CREATE INDEX survey_results_by_period ON t_tenant.survey_results USING btree (period) WHERE (period IS NOT NULL);

CREATE INDEX task_board_by_due ON t_tenant.task_board USING btree (status, due_at, task_id);

CREATE INDEX task_board_by_subject ON t_tenant.task_board USING btree (subject);

CREATE INDEX transfer_board_by_sending ON t_tenant.transfer_board USING btree (sent_at DESC, transfer_id);

CREATE INDEX transfer_board_under_way ON t_tenant.transfer_board USING btree (to_store_id) WHERE (status = 'in_transit'::text);

CREATE INDEX turnover_sales_by_time ON t_tenant.turnover_sales USING btree (store_id, recorded_at);

CREATE INDEX wallet_by_lapse ON t_tenant.wallet USING btree (next_lapse_at) WHERE (next_lapse_at IS NOT NULL);

CREATE INDEX wallet_in_tiers ON t_tenant.wallet USING btree (customer_id) WHERE (tier IS NOT NULL);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON t_tenant.audit_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION t_tenant.refuse_to_rewrite_history();

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON t_tenant.stored_events FOR EACH STATEMENT EXECUTE FUNCTION t_tenant.refuse_to_rewrite_history();

GRANT USAGE ON SCHEMA t_tenant TO daybook_t_tenant;
GRANT USAGE ON SCHEMA t_tenant TO daybook_audit_t_tenant;

REVOKE ALL ON FUNCTION t_tenant.alter_read_model(changed text, change text) FROM PUBLIC;

REVOKE ALL ON FUNCTION t_tenant.auditor_role() FROM PUBLIC;

REVOKE ALL ON FUNCTION t_tenant.drop_read_model(slot text, projection text) FROM PUBLIC;
GRANT ALL ON FUNCTION t_tenant.drop_read_model(slot text, projection text) TO daybook_t_tenant;

REVOKE ALL ON FUNCTION t_tenant.drop_scratch(slot text) FROM PUBLIC;
GRANT ALL ON FUNCTION t_tenant.drop_scratch(slot text) TO daybook_t_tenant;

REVOKE ALL ON FUNCTION t_tenant.enter_read_model(entered text, projection text) FROM PUBLIC;

REVOKE ALL ON FUNCTION t_tenant.index_read_model(slot text, projection text, keys_only boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION t_tenant.index_read_model(slot text, projection text, keys_only boolean) TO daybook_t_tenant;

REVOKE ALL ON FUNCTION t_tenant.make_read_model(slot text, projection text) FROM PUBLIC;
GRANT ALL ON FUNCTION t_tenant.make_read_model(slot text, projection text) TO daybook_t_tenant;

REVOKE ALL ON FUNCTION t_tenant.open_slot(slot text) FROM PUBLIC;

REVOKE ALL ON FUNCTION t_tenant.prune_accesses(days integer) FROM PUBLIC;
GRANT ALL ON FUNCTION t_tenant.prune_accesses(days integer) TO daybook_t_tenant;

REVOKE ALL ON FUNCTION t_tenant.require_entered(projection text) FROM PUBLIC;

REVOKE ALL ON FUNCTION t_tenant.rewrite_customer_index() FROM PUBLIC;
GRANT ALL ON FUNCTION t_tenant.rewrite_customer_index() TO daybook_t_tenant;

REVOKE ALL ON FUNCTION t_tenant.show_to_auditors(relation text) FROM PUBLIC;

REVOKE ALL ON FUNCTION t_tenant.slot_schema(slot text) FROM PUBLIC;

REVOKE ALL ON FUNCTION t_tenant.swap_read_model(slot text, projection text) FROM PUBLIC;
GRANT ALL ON FUNCTION t_tenant.swap_read_model(slot text, projection text) TO daybook_t_tenant;

REVOKE ALL ON FUNCTION t_tenant.tenant_role() FROM PUBLIC;

GRANT SELECT ON TABLE t_tenant.accesses TO daybook_audit_t_tenant;
GRANT SELECT,INSERT ON TABLE t_tenant.accesses TO daybook_t_tenant;

GRANT SELECT,INSERT,UPDATE ON TABLE t_tenant.alert_days TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.alert_digests TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.alert_digests TO daybook_audit_t_tenant;

GRANT SELECT,UPDATE ON TABLE t_tenant.alert_head TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.alert_items TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.alert_items TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.alert_thresholds TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.alert_thresholds TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.alerts TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.alerts TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.attributed_returns TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.attributed_returns TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.attributed_sales TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.attributed_sales TO daybook_audit_t_tenant;

GRANT SELECT ON TABLE t_tenant.audit_checkpoints TO daybook_audit_t_tenant;
GRANT SELECT,INSERT ON TABLE t_tenant.audit_checkpoints TO daybook_t_tenant;

GRANT SELECT ON TABLE t_tenant.audit_seal TO daybook_audit_t_tenant;
GRANT SELECT,UPDATE ON TABLE t_tenant.audit_seal TO daybook_t_tenant;

GRANT SELECT ON TABLE t_tenant.audit_tiles TO daybook_audit_t_tenant;
GRANT SELECT,INSERT,UPDATE ON TABLE t_tenant.audit_tiles TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.campaign_coupons TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.campaign_coupons TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.campaign_members TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.campaign_members TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.campaign_sales TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.campaign_sales TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.campaign_targets TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.campaign_targets TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.canned_answers TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.canned_answers TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.care_customers TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.care_customers TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.care_interests TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.care_interests TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.care_products TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.care_products TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.care_rules TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.care_rules TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.care_wishes TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.care_wishes TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE ON TABLE t_tenant.case_deadlines TO daybook_t_tenant;

GRANT SELECT,UPDATE ON TABLE t_tenant.case_deadlines_head TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.category_prices TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.category_prices TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE ON TABLE t_tenant.commands TO daybook_t_tenant;

GRANT SELECT ON TABLE t_tenant.complaint_board TO daybook_audit_t_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.complaint_board TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.complaint_causes TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.complaint_causes TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.count_board TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.count_board TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.count_lines TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.count_lines TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.count_variances TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.count_variances TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.coupon_reservations TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.coupon_reservations TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.coupon_standing TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.coupon_standing TO daybook_audit_t_tenant;

GRANT SELECT ON TABLE t_tenant.coupon_usage TO daybook_audit_t_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.coupon_usage TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.customer_days TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.customer_days TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.customer_index TO daybook_t_tenant;

GRANT SELECT,UPDATE ON TABLE t_tenant.customer_index_head TO daybook_t_tenant;

GRANT SELECT ON TABLE t_tenant.customer_profile TO daybook_audit_t_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.customer_profile TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.customer_purchases TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.customer_purchases TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.customer_tiers TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.customer_tiers TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.customer_traces TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.customers_since TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.customers_since TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.cycle_scores TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.cycle_scores TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.demand_observed TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.demand_observed TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.expiry_board TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.expiry_board TO daybook_audit_t_tenant;

GRANT SELECT,INSERT ON TABLE t_tenant.forgotten_subjects TO daybook_t_tenant;

GRANT SELECT ON TABLE t_tenant.stored_events TO daybook_audit_t_tenant;
GRANT SELECT,INSERT ON TABLE t_tenant.stored_events TO daybook_t_tenant;

GRANT SELECT ON TABLE t_tenant.history TO daybook_audit_t_tenant;
GRANT SELECT ON TABLE t_tenant.history TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.honours TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.honours TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.incentive_amounts TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.incentive_amounts TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.item_counts TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.item_counts TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.item_demand TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.item_demand TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.item_outages TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.item_outages TO daybook_audit_t_tenant;

GRANT SELECT ON TABLE t_tenant.journal_head TO daybook_audit_t_tenant;
GRANT SELECT,UPDATE ON TABLE t_tenant.journal_head TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.lead_board TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.lead_board TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.list_prices TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.list_prices TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.location_entries TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.location_entries TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.markdown_labels TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.markdown_labels TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.markdown_proposals TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.markdown_proposals TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,UPDATE ON TABLE t_tenant.messages TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.order_board TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.order_board TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.ordering_policies TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.ordering_policies TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.outbox TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.parked_events TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.parked_sales TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.parked_sales TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.previous_projections TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.product_categories TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.product_categories TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.product_sales TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.product_sales TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.product_traits TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.product_traits TO daybook_audit_t_tenant;

GRANT SELECT ON TABLE t_tenant.projection_checkpoints TO daybook_audit_t_tenant;
GRANT SELECT,INSERT,UPDATE ON TABLE t_tenant.projection_checkpoints TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.projection_rebuilds TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.promotion_customers TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.promotion_customers TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.promotion_results TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.promotion_results TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.purchase_board TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.purchase_board TO daybook_audit_t_tenant;

GRANT SELECT,UPDATE ON TABLE t_tenant.reactor_head TO daybook_t_tenant;

GRANT SELECT ON TABLE t_tenant.read_models TO daybook_audit_t_tenant;
GRANT SELECT ON TABLE t_tenant.read_models TO daybook_t_tenant;

GRANT USAGE ON SEQUENCE t_tenant.rebuild_epochs TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.register_journal TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.register_journal TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.register_shifts TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.register_shifts TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.replenished_items TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.replenished_items TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.reviewed_people TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.reviewed_people TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.reviews TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.reviews TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.sale_exceptions TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.sale_exceptions TO daybook_audit_t_tenant;

GRANT SELECT ON TABLE t_tenant.sales_hours TO daybook_audit_t_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.sales_hours TO daybook_t_tenant;

GRANT SELECT ON TABLE t_tenant.sales_report TO daybook_audit_t_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.sales_report TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.score_cycles TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.score_cycles TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.scratch_slots TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.segment_counts TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.segment_counts TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.segment_members TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.segment_members TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.segments TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.segments TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.selling_hours TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.selling_hours TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.service_quality TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.service_quality TO daybook_audit_t_tenant;

GRANT SELECT ON TABLE t_tenant.skipped_events TO daybook_audit_t_tenant;
GRANT SELECT,INSERT ON TABLE t_tenant.skipped_events TO daybook_t_tenant;

GRANT SELECT ON TABLE t_tenant.snapshots TO daybook_audit_t_tenant;
GRANT SELECT,INSERT,DELETE ON TABLE t_tenant.snapshots TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.staff_days TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.staff_days TO daybook_audit_t_tenant;

GRANT SELECT ON TABLE t_tenant.staff_scores TO daybook_audit_t_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.staff_scores TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.stock_ledger TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.stock_ledger TO daybook_audit_t_tenant;

GRANT SELECT ON TABLE t_tenant.stock_levels TO daybook_audit_t_tenant;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.stock_levels TO daybook_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.stock_reservations TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.stock_reservations TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.storage_costs TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.storage_costs TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.store_time_zones TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.store_time_zones TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.stored_value TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.stored_value TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.suggestions TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.suggestions TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.supplier_scores TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.supplier_scores TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.suppliers TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.suppliers TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.supply_terms TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.supply_terms TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.survey_results TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.survey_results TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.targets TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.targets TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.task_board TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.task_board TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.trading_days TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.trading_days TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.transfer_board TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.transfer_board TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.turnover_sales TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.turnover_sales TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.wallet TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.wallet TO daybook_audit_t_tenant;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.wallet_coupons TO daybook_t_tenant;
GRANT SELECT ON TABLE t_tenant.wallet_coupons TO daybook_audit_t_tenant;
