-- projections/expiry_board: lots, what is left of them and when they have to be sold. Minor units.
CREATE TABLE expiry_board (
    store_id text NOT NULL,
    sku text NOT NULL,
    lot text NOT NULL,
    received_on date,
    sell_by date,
    supplier_id text,
    unit_cost_minor bigint,
    on_hand bigint NOT NULL,
    held bigint NOT NULL,
    expired_on date,
    PRIMARY KEY (store_id, sku, lot)
);
-- Read by what expires first; what is sold out, which is most of it, is not looked at.
CREATE INDEX expiry_board_by_sell_by ON expiry_board (store_id, coalesce(sell_by, '9999-12-31'), sku, lot)
WHERE on_hand > 0 OR held > 0;
SELECT enter_read_model('expiry_board', 'expiry_board');
