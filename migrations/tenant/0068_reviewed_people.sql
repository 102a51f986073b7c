-- projections/review_board: where whoever was reviewed works now. What is due is asked for by that.
CREATE TABLE reviewed_people (
    employee_id text NOT NULL,
    store_id text NOT NULL,
    erased boolean NOT NULL,
    PRIMARY KEY (employee_id)
);
CREATE INDEX reviewed_people_by_store ON reviewed_people (store_id, employee_id);
SELECT enter_read_model('reviewed_people', 'review_board');
DROP INDEX reviews_due;
