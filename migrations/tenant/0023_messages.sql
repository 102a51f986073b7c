-- What was to be told to whom, and what became of it (infra/messages). Ids and times only: texts are made of the kind,
-- addresses are opened when a message is sent.
CREATE TABLE messages (
    message_id text PRIMARY KEY,
    kind text NOT NULL,
    about text NOT NULL,
    store_id text NOT NULL,
    customer_id text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- NULL with failure NULL: only here, for the staff to read.
    sent_at timestamptz,
    failure text
);
CREATE INDEX messages_by_age ON messages (created_at DESC, message_id);
GRANT SELECT, INSERT, UPDATE ON messages TO daybook_service;
