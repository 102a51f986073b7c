-- projections/coupon_usage: coupons by campaign, batch ('' outside batches) and, outside batches, own time limit.
CREATE TABLE coupon_standing (
    campaign_id text NOT NULL,
    batch_id text NOT NULL,
    own_limit text NOT NULL,
    ends_at timestamptz,
    issued bigint NOT NULL,
    reserved bigint NOT NULL,
    redeemed bigint NOT NULL,
    returned bigint NOT NULL,
    revoked bigint NOT NULL,
    whole_revoked bigint NOT NULL,
    PRIMARY KEY (campaign_id, batch_id, own_limit)
);
SELECT enter_read_model('coupon_standing', 'coupon_usage');

-- What is reserved of which coupon under which reference; held is 0 once that has ended.
CREATE TABLE coupon_reservations (
    coupon_id text NOT NULL,
    reference text NOT NULL,
    campaign_id text NOT NULL,
    held bigint NOT NULL,
    held_until timestamptz,
    PRIMARY KEY (coupon_id, reference)
);
CREATE INDEX coupon_reservations_held ON coupon_reservations (held_until) WHERE held = 1;
SELECT enter_read_model('coupon_reservations', 'coupon_usage');
