-- Why the assistant answered as it did.

CREATE TABLE turns (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    conversation_id uuid NOT NULL,
    message_ids     uuid[] NOT NULL,
    reply_id        uuid,
    intent          text NOT NULL,
    confidence      real NOT NULL,
    agent           text NOT NULL,
    state_before    text NOT NULL,
    state_after     text NOT NULL,
    action          text NOT NULL,
    explanation     text NOT NULL,
    duration_ms     real NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations (organization_id, id)
);
CREATE INDEX turns_by_conversation ON turns (organization_id, conversation_id, id DESC);
COMMENT ON TABLE turns IS 'One turn of the assistant: which texts it took together, what it understood, what it did.';
COMMENT ON COLUMN turns.explanation IS 'One sentence for staff; holds no text of the contact.';

ALTER TABLE turns ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON turns USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT ON turns TO frontdesk_app;
