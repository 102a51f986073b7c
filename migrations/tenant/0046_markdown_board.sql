-- projections/markdown_board: markdowns by their labels, and those that are proposed. Minor units.
CREATE TABLE markdown_labels (
    label text NOT NULL,
    store_id text NOT NULL,
    sku text NOT NULL,
    lot text NOT NULL,
    labels bigint NOT NULL,
    sold bigint NOT NULL,
    price_minor bigint,
    off_bp bigint NOT NULL,
    reason text NOT NULL,
    until timestamptz,
    made_at timestamptz,
    ended_at timestamptz,
    PRIMARY KEY (label)
);
CREATE INDEX markdown_labels_by_end ON markdown_labels (store_id, until, label);
SELECT enter_read_model('markdown_labels', 'markdown_board');

CREATE TABLE markdown_proposals (
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
    proposed_at timestamptz,
    settled_at timestamptz,
    settled_by text,
    PRIMARY KEY (store_id, sku, number)
);
CREATE INDEX markdown_proposals_by_status ON markdown_proposals (store_id, status, sku, number);
SELECT enter_read_model('markdown_proposals', 'markdown_board');
