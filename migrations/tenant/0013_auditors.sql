-- The auditor's role, which the runner makes: it reads the journal and what is made of it, writes nothing, and never
-- sees the key store, so what is sealed stays sealed. Neither kept answers nor snapshots: they prove nothing.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

CREATE FUNCTION auditor_role() RETURNS text LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT 'daybook_audit_' || current_schema()
$$;

-- For migrations: what an auditor should see of this schema besides read models.
CREATE FUNCTION show_to_auditors(relation text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    EXECUTE format('GRANT SELECT ON %I TO %I', relation, auditor_role());
END
$$;

CREATE OR REPLACE FUNCTION enter_read_model(entered text, projection text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO %I', entered, tenant_role());
    PERFORM show_to_auditors(entered);
    INSERT INTO read_models (table_name, projection) VALUES (entered, projection);
END
$$;

-- Auditors read slots too: read models as they once were.
CREATE OR REPLACE FUNCTION open_slot(slot text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
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

REVOKE ALL ON FUNCTION auditor_role, show_to_auditors FROM PUBLIC;

-- What there is already; the tables of slots keep their grants when they take their places.
DO $$
DECLARE
    found record;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), auditor_role());
    PERFORM show_to_auditors(shown)
    FROM unnest(ARRAY['stored_events', 'history', 'journal_head', 'projection_checkpoints', 'read_models',
        'skipped_events']) AS shown;
    PERFORM show_to_auditors(table_name) FROM read_models;
    FOR found IN
        SELECT nspname, relname
        FROM pg_namespace
        LEFT JOIN pg_class ON relnamespace = pg_namespace.oid AND relkind = 'r'
        WHERE starts_with(nspname, current_schema() || '.')
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', found.nspname, auditor_role());
        IF found.relname IS NOT NULL THEN
            EXECUTE format('GRANT SELECT ON %I.%I TO %I', found.nspname, found.relname, auditor_role());
        END IF;
    END LOOP;
END
$$;
SELECT set_config('search_path', quote_ident(current_schema()), true);
