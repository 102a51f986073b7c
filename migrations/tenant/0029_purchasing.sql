-- projections/supplier_scores. Sums by line; '' as SKU stands for all of a supplier's.
CREATE TABLE suppliers (
    supplier_id text PRIMARY KEY,
    name text NOT NULL,
    currency text NOT NULL,
    active bigint NOT NULL
);
CREATE TABLE supplier_scores (
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
    PRIMARY KEY (supplier_id, sku)
);
SELECT enter_read_model('suppliers', 'supplier_scores');
SELECT enter_read_model('supplier_scores', 'supplier_scores');

-- projections/supply_terms.
CREATE TABLE supply_terms (
    supplier_id text NOT NULL,
    sku text NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    unit_cost_minor bigint NOT NULL,
    currency text NOT NULL,
    pack_size bigint NOT NULL,
    minimum_packs bigint NOT NULL,
    lead_time_days bigint NOT NULL,
    supplier_sku text,
    PRIMARY KEY (supplier_id, sku, valid_from)
);
-- Whoever needs a SKU asks who supplies it.
CREATE INDEX supply_terms_by_sku ON supply_terms (sku, supplier_id, valid_from DESC);
SELECT enter_read_model('supply_terms', 'supply_terms');

-- projections/purchase_board. expected, received and owed are by SKU, in its unit.
CREATE TABLE purchase_board (
    purchase_id text PRIMARY KEY,
    supplier_id text NOT NULL,
    store_id text NOT NULL,
    status text NOT NULL,
    currency text NOT NULL,
    lines bigint NOT NULL,
    total_minor bigint NOT NULL,
    drafted_at timestamptz,
    sent_on date,
    expected_on date,
    changed_at timestamptz,
    expected jsonb NOT NULL,
    received jsonb NOT NULL,
    owed jsonb NOT NULL
);
CREATE INDEX purchase_board_by_draft ON purchase_board (drafted_at DESC, purchase_id);
CREATE INDEX purchase_board_by_status ON purchase_board (status, drafted_at DESC, purchase_id);
-- What is on order is sought among the few that are neither drafts nor over.
CREATE INDEX purchase_board_on_order ON purchase_board (store_id)
    WHERE status IN ('sent', 'confirmed', 'partly_received');
SELECT enter_read_model('purchase_board', 'purchase_board');

-- projections/transfer_board. in_transit is by SKU, in its unit.
CREATE TABLE transfer_board (
    transfer_id text PRIMARY KEY,
    from_store_id text NOT NULL,
    to_store_id text NOT NULL,
    status text NOT NULL,
    sent_at timestamptz,
    expected_on date,
    changed_at timestamptz,
    in_transit jsonb NOT NULL,
    damaged bigint NOT NULL,
    missing bigint NOT NULL,
    over bigint NOT NULL
);
CREATE INDEX transfer_board_by_sending ON transfer_board (sent_at DESC, transfer_id);
CREATE INDEX transfer_board_under_way ON transfer_board (to_store_id) WHERE status = 'in_transit';
SELECT enter_read_model('transfer_board', 'transfer_board');
