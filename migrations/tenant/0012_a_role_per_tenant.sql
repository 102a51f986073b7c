-- Each tenant has a role of its own, which the runner makes: it alone has the rights of the service here. Files go
-- on to name daybook_service, which stands for it: when they are done, the runner gives the role what they granted
-- to daybook_service, in this schema and its slots. What is granted later, by functions, names the role itself.
SELECT set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true);

CREATE FUNCTION tenant_role() RETURNS text LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
    SELECT 'daybook_' || current_schema()
$$;

CREATE OR REPLACE FUNCTION open_slot(slot text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    target text := slot_schema(slot);
BEGIN
    -- Two at once would both find that it is missing.
    PERFORM pg_advisory_xact_lock(hashtextextended('daybook slot ' || target, 0));
    IF to_regnamespace(quote_ident(target)) IS NULL THEN
        EXECUTE format('CREATE SCHEMA %I', target);
        EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', target, tenant_role());
    END IF;
    RETURN target;
END
$$;

CREATE OR REPLACE FUNCTION enter_read_model(entered text, projection text) RETURNS void
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO %I', entered, tenant_role());
    INSERT INTO read_models (table_name, projection) VALUES (entered, projection);
END
$$;

REVOKE ALL ON FUNCTION tenant_role FROM PUBLIC;
SELECT set_config('search_path', quote_ident(current_schema()), true);
