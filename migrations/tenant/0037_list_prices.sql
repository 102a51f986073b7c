-- projections/list_prices: what price lists have of which product; null where it has left the list.
CREATE TABLE list_prices (
    list_id text NOT NULL,
    sku text NOT NULL,
    version bigint NOT NULL,
    price_minor bigint,
    piece_price_minor bigint,
    set_at timestamptz,
    PRIMARY KEY (list_id, sku)
);
SELECT enter_read_model('list_prices', 'list_prices');
