-- The schemas as all migrations together leave them: control, key store and one tenant.
-- Not a migration: nothing runs it. `.venv/bin/python -m tests.support.schema_dump` writes it, `make check` compares it.


CREATE SCHEMA daybook;

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
    CONSTRAINT api_keys_secret_sha256_check CHECK ((octet_length(secret_sha256) = 32))
);

CREATE TABLE daybook.schema_migrations (
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE daybook.tenants (
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenants_name_check CHECK ((name ~ '^[a-z][a-z0-9_]{0,40}$'::text))
);

ALTER TABLE ONLY daybook.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (key_id);

ALTER TABLE ONLY daybook.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (number);

ALTER TABLE ONLY daybook.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (name);

CREATE INDEX api_keys_by_tenant ON daybook.api_keys USING btree (tenant, created_at);

ALTER TABLE ONLY daybook.api_keys
    ADD CONSTRAINT api_keys_tenant_fkey FOREIGN KEY (tenant) REFERENCES daybook.tenants(name);

GRANT USAGE ON SCHEMA daybook TO daybook_service;

GRANT SELECT,INSERT ON TABLE daybook.api_keys TO daybook_service;

GRANT UPDATE(revoked_at) ON TABLE daybook.api_keys TO daybook_service;

GRANT SELECT ON TABLE daybook.tenants TO daybook_service;


CREATE SCHEMA daybook_keys;

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
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE daybook_keys.tenant_keys (
    tenant text NOT NULL,
    wrapped_key bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY daybook_keys.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (number);

ALTER TABLE ONLY daybook_keys.subject_keys
    ADD CONSTRAINT subject_keys_pkey PRIMARY KEY (key_id);

ALTER TABLE ONLY daybook_keys.subject_keys
    ADD CONSTRAINT subject_keys_tenant_subject_key UNIQUE (tenant, subject);

ALTER TABLE ONLY daybook_keys.tenant_keys
    ADD CONSTRAINT tenant_keys_pkey PRIMARY KEY (tenant);

GRANT USAGE ON SCHEMA daybook_keys TO daybook_service;

GRANT SELECT,INSERT,DELETE ON TABLE daybook_keys.subject_keys TO daybook_service;

GRANT SELECT,INSERT ON TABLE daybook_keys.tenant_keys TO daybook_service;


CREATE SCHEMA t_tenant;

CREATE FUNCTION t_tenant.refuse_to_rewrite_history() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the journal is append-only: % on % refused', TG_OP, TG_TABLE_NAME
        USING HINT = 'Record a correcting event instead.';
END
$$;

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
    reopenings bigint NOT NULL
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
    complaints bigint NOT NULL
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

CREATE TABLE t_tenant.journal_head (
    only_row boolean DEFAULT true NOT NULL,
    "position" bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    fence bigint DEFAULT 0 NOT NULL,
    CONSTRAINT journal_head_only_row_check CHECK (only_row)
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

CREATE TABLE t_tenant.projection_checkpoints (
    name text NOT NULL,
    version bigint NOT NULL,
    "position" bigint NOT NULL,
    epoch bigint DEFAULT 0 NOT NULL,
    owner text,
    alive_at timestamp with time zone,
    moved_at timestamp with time zone DEFAULT now() NOT NULL
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
    moved_at timestamp with time zone
);

ALTER TABLE ONLY t_tenant.commands
    ADD CONSTRAINT commands_pkey PRIMARY KEY (command_id);

ALTER TABLE ONLY t_tenant.complaint_board
    ADD CONSTRAINT complaint_board_pkey PRIMARY KEY (case_id);

ALTER TABLE ONLY t_tenant.coupon_usage
    ADD CONSTRAINT coupon_usage_pkey PRIMARY KEY (campaign_id);

ALTER TABLE ONLY t_tenant.customer_profile
    ADD CONSTRAINT customer_profile_pkey PRIMARY KEY (customer_id);

ALTER TABLE ONLY t_tenant.journal_head
    ADD CONSTRAINT journal_head_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY t_tenant.parked_events
    ADD CONSTRAINT parked_events_pkey PRIMARY KEY (projection, table_name, key, "position");

ALTER TABLE ONLY t_tenant.projection_checkpoints
    ADD CONSTRAINT projection_checkpoints_pkey PRIMARY KEY (name);

ALTER TABLE ONLY t_tenant.sales_hours
    ADD CONSTRAINT sales_hours_pkey PRIMARY KEY (store_id, business_day, hour);

ALTER TABLE ONLY t_tenant.sales_report
    ADD CONSTRAINT sales_report_pkey PRIMARY KEY (store_id, business_day, hour, sku, category, employee_id);

ALTER TABLE ONLY t_tenant.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (number);

ALTER TABLE ONLY t_tenant.skipped_events
    ADD CONSTRAINT skipped_events_pkey PRIMARY KEY (projection, table_name, key, "position");

ALTER TABLE ONLY t_tenant.snapshots
    ADD CONSTRAINT snapshots_pkey PRIMARY KEY (originator_id, originator_version);

ALTER TABLE ONLY t_tenant.staff_scores
    ADD CONSTRAINT staff_scores_pkey PRIMARY KEY (employee_id, month);

ALTER TABLE ONLY t_tenant.stock_levels
    ADD CONSTRAINT stock_levels_pkey PRIMARY KEY (store_id, sku);

ALTER TABLE ONLY t_tenant.stored_events
    ADD CONSTRAINT stored_events_pkey PRIMARY KEY (originator_id, originator_version);

CREATE INDEX commands_by_age ON t_tenant.commands USING btree (recorded_at);

CREATE INDEX complaint_board_by_opening ON t_tenant.complaint_board USING btree (opened_at DESC, case_id);

CREATE INDEX complaint_board_by_status ON t_tenant.complaint_board USING btree (status, opened_at DESC, case_id);

CREATE UNIQUE INDEX stored_events_notification_id_idx ON t_tenant.stored_events USING btree (notification_id);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON t_tenant.stored_events FOR EACH STATEMENT EXECUTE FUNCTION t_tenant.refuse_to_rewrite_history();

GRANT USAGE ON SCHEMA t_tenant TO daybook_service;

GRANT SELECT,INSERT,DELETE ON TABLE t_tenant.commands TO daybook_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.complaint_board TO daybook_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.coupon_usage TO daybook_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.customer_profile TO daybook_service;

GRANT SELECT,INSERT ON TABLE t_tenant.stored_events TO daybook_service;

GRANT SELECT ON TABLE t_tenant.history TO daybook_service;

GRANT SELECT,UPDATE ON TABLE t_tenant.journal_head TO daybook_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.parked_events TO daybook_service;

GRANT SELECT,INSERT,UPDATE ON TABLE t_tenant.projection_checkpoints TO daybook_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.sales_hours TO daybook_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.sales_report TO daybook_service;

GRANT SELECT,INSERT ON TABLE t_tenant.skipped_events TO daybook_service;

GRANT SELECT,INSERT,DELETE ON TABLE t_tenant.snapshots TO daybook_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.staff_scores TO daybook_service;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE t_tenant.stock_levels TO daybook_service;
