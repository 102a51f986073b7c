-- projections/canned_answers: what complaints can be answered with. Texts of the shop, about nobody.
CREATE TABLE canned_answers (
    answer_id text PRIMARY KEY,
    version bigint NOT NULL,
    language text NOT NULL,
    case_kind text,
    text text NOT NULL,
    retired boolean NOT NULL
);
SELECT enter_read_model('canned_answers', 'canned_answers');
