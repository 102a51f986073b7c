-- A projection is made anew in tables of its own, beside those that are read, and takes their place when it has
-- caught up; those it replaces are kept for a rollback. The tables stand in schemas beside the tenant's ("slots"):
-- next, previous and scratch_..., under the same names, so that the same statements serve everywhere.

-- Which tables are read models, and whose. A migration that makes one says so here.
CREATE TABLE read_models (
    table_name text PRIMARY KEY,
    projection text NOT NULL
);
INSERT INTO read_models (table_name, projection)
VALUES ('stock_levels', 'stock_levels'),
       ('customer_profile', 'customer_profile'),
       ('sales_report', 'sales_report'),
       ('sales_hours', 'sales_report'),
       ('coupon_usage', 'coupon_usage'),
       ('complaint_board', 'complaint_board'),
       ('staff_scores', 'staff_scores');

-- A projection that is being made anew: position is how far its tables in next are, folded how far the one who
-- works at it is in memory. Whoever was killed is followed by another, who goes on from position in a new epoch.
-- error says why it stopped for good; then it waits for an operator.
CREATE TABLE projection_rebuilds (
    name text PRIMARY KEY,
    version bigint NOT NULL,
    position bigint NOT NULL DEFAULT 0,
    folded bigint NOT NULL DEFAULT 0,
    epoch bigint NOT NULL,
    owner text,
    alive_at timestamptz,
    asked_at timestamptz NOT NULL DEFAULT now(),
    resumed_at timestamptz NOT NULL DEFAULT now(),
    resumed_from bigint NOT NULL DEFAULT 0,
    error text
);

-- No epoch is ever given twice, also where a rebuild was given up and asked for anew.
CREATE SEQUENCE rebuild_epochs;

-- What the last rebuild replaced, whose tables are in previous: how far it was, and what was parked there.
CREATE TABLE previous_projections (
    name text PRIMARY KEY,
    version bigint NOT NULL,
    position bigint NOT NULL,
    parked jsonb NOT NULL,
    replaced_at timestamptz NOT NULL DEFAULT now()
);

-- Slots that hold a projection as it once was, until expires_at.
CREATE TABLE scratch_slots (
    slot text PRIMARY KEY CHECK (slot ~ '^scratch_[0-9a-z]{1,12}$'),
    expires_at timestamptz NOT NULL
);

GRANT SELECT ON read_models TO daybook_service;
GRANT USAGE ON SEQUENCE rebuild_epochs TO daybook_service;
GRANT SELECT, INSERT, UPDATE, DELETE ON projection_rebuilds, previous_projections, scratch_slots TO daybook_service;

-- The service may not create or move tables; these functions do, for read models alone. They run as the schemas'
-- owner, and no temporary table of a caller comes before the tenant's.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

CREATE FUNCTION slot_schema(slot text) RETURNS text LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
BEGIN
    IF slot NOT IN ('next', 'previous') AND slot !~ '^scratch_[0-9a-z]{1,12}$' THEN
        RAISE EXCEPTION 'there is no slot %', slot;
    END IF;
    RETURN current_schema() || '.' || slot;
END
$$;

-- The slot's schema, which is made where it is missing.
CREATE FUNCTION open_slot(slot text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    target text := slot_schema(slot);
BEGIN
    -- Two at once would both find that it is missing.
    PERFORM pg_advisory_xact_lock(hashtextextended('daybook slot ' || target, 0));
    IF to_regnamespace(quote_ident(target)) IS NULL THEN
        EXECUTE format('CREATE SCHEMA %I', target);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO daybook_service', target);
    END IF;
    RETURN target;
END
$$;

-- For migrations, once for each table of a projection: so it is read, written and made anew.
CREATE FUNCTION enter_read_model(entered text, projection text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO daybook_service', entered);
    INSERT INTO read_models (table_name, projection) VALUES (entered, projection);
END
$$;

-- A projection that no migration has entered has no tables to make or move.
CREATE FUNCTION require_entered(projection text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM read_models WHERE read_models.projection = $1) THEN
        RAISE EXCEPTION 'no table of % is entered as a read model', projection
            USING HINT = 'Its migration has to call enter_read_model for each table.';
    END IF;
END
$$;

CREATE FUNCTION drop_read_model(slot text, projection text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    model record;
BEGIN
    FOR model IN SELECT table_name FROM read_models WHERE read_models.projection = $2 LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I.%I', slot_schema(slot), model.table_name);
    END LOOP;
END
$$;

-- Empty tables in a slot, with the grants of the tenant's own but without indexes: filling them and then building
-- indexes is quicker.
CREATE FUNCTION make_read_model(slot text, projection text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
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
$$;

-- The indexes that the tenant's own table has, as far as the slot's lacks them; of keys only, or all, and then
-- with statistics for the planner.
CREATE FUNCTION index_read_model(slot text, projection text, keys_only boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET maintenance_work_mem = '128MB' AS $$
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
$$;

-- The tables of a slot become the tenant's own, and those the previous ones. From previous it is a rollback:
-- then the two change places.
CREATE FUNCTION swap_read_model(slot text, projection text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
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
$$;

CREATE FUNCTION drop_scratch(slot text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    IF slot IN ('next', 'previous') THEN
        RAISE EXCEPTION '% is not scratch', slot;
    END IF;
    EXECUTE format('DROP SCHEMA IF EXISTS %I CASCADE', slot_schema(slot));
    DELETE FROM scratch_slots WHERE scratch_slots.slot = $1;
END
$$;

-- For migrations: what changes a read model's table changes it in every slot, so that all have one shape. Its
-- columns come with defaults, and the projection with a new version, whose rebuild fills them.
CREATE FUNCTION alter_read_model(changed text, change text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
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

REVOKE ALL ON FUNCTION slot_schema, open_slot, enter_read_model, require_entered, drop_read_model, make_read_model,
    index_read_model, swap_read_model, drop_scratch, alter_read_model FROM PUBLIC;
GRANT EXECUTE ON FUNCTION drop_read_model, make_read_model, index_read_model, swap_read_model,
    drop_scratch TO daybook_service;
SELECT set_config('search_path', quote_ident(current_schema()), true);
