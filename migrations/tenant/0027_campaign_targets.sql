-- projections/campaign_targets: whom targeted campaigns are for.
CREATE TABLE campaign_targets (
    campaign_id text NOT NULL,
    customer_id text NOT NULL,
    named_at timestamptz,
    PRIMARY KEY (campaign_id, customer_id)
);
SELECT enter_read_model('campaign_targets', 'campaign_targets');
