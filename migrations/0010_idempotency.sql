-- What was asked with an Idempotency-Key, and what was answered.

CREATE TABLE idempotency_keys (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    subject         uuid NOT NULL,
    key             text NOT NULL CHECK (octet_length(key) BETWEEN 1 AND 255),
    request_hash    bytea NOT NULL,
    claim           uuid NOT NULL,
    state           text NOT NULL CHECK (state IN ('running', 'committed', 'done')),
    locked_until    timestamptz NOT NULL,
    status          smallint,
    headers         jsonb,
    body            bytea,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, subject, key),
    CONSTRAINT idempotency_keys_done_has_status CHECK ((state = 'done') = (status IS NOT NULL))
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (organization_id, created_at);
COMMENT ON TABLE idempotency_keys IS 'One per Idempotency-Key of a caller, kept for a day: a repeated request gets the first answer and is not carried out again.';
COMMENT ON COLUMN idempotency_keys.subject IS 'The user or API key that asks.';
COMMENT ON COLUMN idempotency_keys.request_hash IS 'SHA-256 of method, path and body: the same key with another request is a mistake.';
COMMENT ON COLUMN idempotency_keys.claim IS 'Fence: whoever runs the request holds it. A transaction of somebody who lost it does not commit.';
COMMENT ON COLUMN idempotency_keys.state IS 'running: nothing has happened yet; committed: written in the transaction of the effect; done: the answer is kept.';
COMMENT ON COLUMN idempotency_keys.locked_until IS 'While running or committed: until then the request may still be at work.';
COMMENT ON COLUMN idempotency_keys.body IS 'Null where the answer shows a secret once, or is too long to keep.';

ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON idempotency_keys USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO frontdesk_app;
