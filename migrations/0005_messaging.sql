-- Senders, conversations, messages, and what providers told us about them.

CREATE TABLE senders (
    organization_id       uuid NOT NULL REFERENCES organizations (id),
    id                    uuid NOT NULL,
    channel               text NOT NULL CHECK (channel IN ('sms', 'whatsapp', 'web', 'simulator')),
    address               text NOT NULL,
    messaging_service_sid text,
    display_name          text NOT NULL,
    created_at            timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX senders_address_key ON senders (channel, address) WHERE channel <> 'simulator';
CREATE UNIQUE INDEX senders_simulator_key ON senders (organization_id) WHERE channel = 'simulator';
COMMENT ON TABLE senders IS 'An address an organization owns on a channel.';
COMMENT ON COLUMN senders.address IS 'E.164 without a channel prefix; the word simulator for the simulator.';
COMMENT ON COLUMN senders.messaging_service_sid IS 'Sends go through this Twilio messaging service instead of From.';

CREATE TABLE conversations (
    organization_id  uuid NOT NULL,
    id               uuid NOT NULL,
    contact_id       uuid NOT NULL,
    sender_id        uuid NOT NULL,
    mode             text NOT NULL DEFAULT 'bot' CHECK (mode IN ('bot', 'human')),
    dialogue         jsonb NOT NULL DEFAULT '{"state":"idle"}',
    state_expires_at timestamptz,
    version          bigint NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT conversations_contact_sender_key UNIQUE (organization_id, contact_id, sender_id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id),
    FOREIGN KEY (organization_id, sender_id) REFERENCES senders (organization_id, id)
);
CREATE INDEX conversations_by_activity ON conversations (organization_id, updated_at DESC, id DESC);
COMMENT ON TABLE conversations IS 'The thread between one contact and one sender.';
COMMENT ON COLUMN conversations.dialogue IS 'Tagged state of the dialogue machine (assistant::dialogue::State).';
COMMENT ON COLUMN conversations.version IS 'Grows with every change of the thread; a turn computed on an older version starts again.';

CREATE TABLE messages (
    organization_id  uuid NOT NULL,
    id               uuid NOT NULL,
    conversation_id  uuid NOT NULL,
    contact_id       uuid NOT NULL,
    sender_id        uuid NOT NULL,
    direction        text NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    channel          text NOT NULL,
    body             text NOT NULL,
    media            jsonb NOT NULL DEFAULT '[]',
    segments         smallint NOT NULL DEFAULT 1,
    purpose          text NOT NULL DEFAULT 'conversational',
    status           text NOT NULL CHECK (status IN
                       ('received', 'queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'undelivered', 'canceled')),
    provider_sid     text,
    error_code       text,
    error_message    text,
    opt_out_type     text,
    handled_at       timestamptz,
    handed_at        timestamptz,
    lookups          smallint NOT NULL DEFAULT 0,
    sent_at          timestamptz,
    delivered_at     timestamptz,
    created_at       timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations (organization_id, id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id),
    FOREIGN KEY (organization_id, sender_id) REFERENCES senders (organization_id, id)
) WITH (fillfactor = 80);
CREATE INDEX messages_by_contact ON messages (organization_id, contact_id, id DESC);
CREATE INDEX messages_by_conversation ON messages (organization_id, conversation_id, id DESC);
CREATE INDEX messages_unhandled ON messages (organization_id, conversation_id, id) WHERE direction = 'inbound' AND handled_at IS NULL;
CREATE UNIQUE INDEX messages_provider_sid_key ON messages (organization_id, provider_sid) WHERE provider_sid IS NOT NULL;
CREATE INDEX messages_id ON messages (id);
CREATE INDEX messages_provider_sid ON messages (provider_sid) WHERE direction = 'outbound' AND provider_sid IS NOT NULL;
COMMENT ON TABLE messages IS 'One inbound or outbound text.';
COMMENT ON COLUMN messages.status IS 'Only moves forward: queued, sending, sent, delivered, read; failed, undelivered and canceled are final. canceled: never handed over, error_code says why.';
COMMENT ON COLUMN messages.handed_at IS 'When the text was last handed to the channel. Set while status is sending and provider_sid is null: the outcome is unknown and is looked up before a second try.';
COMMENT ON COLUMN messages.lookups IS 'Look-ups at the provider since handed_at that found nothing.';
COMMENT ON COLUMN messages.handled_at IS 'When a turn answered (or deliberately ignored) this inbound text.';
COMMENT ON COLUMN messages.opt_out_type IS 'Twilio Advanced Opt-Out already answered this text: STOP, START or HELP.';

CREATE TABLE webhook_receipts (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    provider_sid    text NOT NULL,
    message_id      uuid NOT NULL,
    params          jsonb NOT NULL,
    received_at     timestamptz NOT NULL,
    PRIMARY KEY (organization_id, provider_sid)
);
COMMENT ON TABLE webhook_receipts IS 'Every inbound webhook once, as it came: the proof of the 200 and the guard against duplicates, for good.';

CREATE TABLE delivery_events (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    provider_sid    text NOT NULL,
    status          text NOT NULL,
    error_code      text,
    params          jsonb NOT NULL,
    received_at     timestamptz NOT NULL,
    PRIMARY KEY (organization_id, provider_sid, status)
);
COMMENT ON TABLE delivery_events IS 'Status callbacks as they came, also those that arrive before the answer to the send does; one per message and status.';

ALTER TABLE senders ENABLE ROW LEVEL SECURITY;
ALTER TABLE conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_receipts ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON senders USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON conversations USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON messages USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON webhook_receipts USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON delivery_events USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE ON senders, conversations, messages TO frontdesk_app;
GRANT SELECT, INSERT ON webhook_receipts, delivery_events TO frontdesk_app;
