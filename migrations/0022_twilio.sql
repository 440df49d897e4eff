-- Tries of a text and outcomes nobody knows yet, accounts of senders, what was compared with the provider, reports on nothing of ours.

ALTER TABLE messages
    ADD COLUMN resent           smallint NOT NULL DEFAULT 0,
    ADD COLUMN unknown_since    timestamptz,
    ADD COLUMN unknown_outcomes smallint NOT NULL DEFAULT 0,
    ADD COLUMN asked_at         timestamptz;
COMMENT ON COLUMN messages.resent IS 'How often it was handed over anew because the provider said that it had not been delivered.';
COMMENT ON COLUMN messages.unknown_since IS 'Since when nobody knows whether the provider took the present try; null where it is known.';
COMMENT ON COLUMN messages.unknown_outcomes IS 'Tries whose outcome was unknown and had to be found out.';
COMMENT ON COLUMN messages.asked_at IS 'When the provider was last asked how far the text has come, because it had not said.';
CREATE INDEX messages_on_the_way ON messages (organization_id, sent_at)
    WHERE direction = 'outbound' AND status IN ('sending', 'sent') AND provider_sid IS NOT NULL;
CREATE INDEX messages_unknown ON messages (organization_id, unknown_since) WHERE unknown_since IS NOT NULL;

CREATE TABLE delivery_attempts (
    organization_id uuid NOT NULL,
    provider_sid    text NOT NULL,
    message_id      uuid NOT NULL,
    status          text NOT NULL,
    error_code      text,
    handed_at       timestamptz,
    ended_at        timestamptz NOT NULL,
    PRIMARY KEY (organization_id, provider_sid),
    FOREIGN KEY (organization_id, message_id) REFERENCES messages (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX delivery_attempts_by_message ON delivery_attempts (organization_id, message_id);
CREATE INDEX delivery_attempts_sid ON delivery_attempts (provider_sid);
COMMENT ON TABLE delivery_attempts IS 'Tries of an outbound text that another one followed or overtook. The try that counts is in messages.';

CREATE TABLE sender_credentials (
    organization_id       uuid NOT NULL,
    sender_id             uuid NOT NULL,
    account_sid           text NOT NULL,
    api_key_sid           text,
    sealed_auth_token     bytea NOT NULL,
    sealed_second_token   bytea,
    sealed_api_key_secret bytea,
    updated_at            timestamptz NOT NULL,
    PRIMARY KEY (organization_id, sender_id),
    FOREIGN KEY (organization_id, sender_id) REFERENCES senders (organization_id, id) ON DELETE CASCADE,
    CHECK ((api_key_sid IS NULL) = (sealed_api_key_secret IS NULL))
);
COMMENT ON TABLE sender_credentials IS 'The Twilio account, usually a subaccount, that a sender belongs to, where it is not the installation''s.';
COMMENT ON COLUMN sender_credentials.sealed_auth_token IS 'Signs what Twilio tells us; sealed for organization and sender, as the others are.';
COMMENT ON COLUMN sender_credentials.sealed_second_token IS 'The other token while they are exchanged: both are right.';
COMMENT ON COLUMN sender_credentials.sealed_api_key_secret IS 'Of the API key that requests are made with in place of the token.';

CREATE TABLE sender_reconciliations (
    organization_id uuid NOT NULL,
    sender_id       uuid NOT NULL,
    listed_until    timestamptz NOT NULL,
    checked_at      timestamptz NOT NULL,
    taken_in        bigint NOT NULL DEFAULT 0,
    last_error      text,
    PRIMARY KEY (organization_id, sender_id),
    FOREIGN KEY (organization_id, sender_id) REFERENCES senders (organization_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE sender_reconciliations IS 'Up to when a sender''s inbound texts were compared with the provider''s list.';
COMMENT ON COLUMN sender_reconciliations.taken_in IS 'Texts found there that no webhook had brought.';

CREATE TABLE stray_reports (
    provider_sid text NOT NULL,
    status       text NOT NULL,
    in_path      uuid,
    params       jsonb NOT NULL,
    received_at  timestamptz NOT NULL,
    PRIMARY KEY (provider_sid, status)
);
CREATE INDEX stray_reports_at ON stray_reports (received_at);
COMMENT ON TABLE stray_reports IS 'Signed status callbacks about no message and no sender of this installation, for a month. No tenant: nobody knows whose they are.';
COMMENT ON COLUMN stray_reports.in_path IS 'The message id in the callback''s path: of one that was erased or swept since.';
COMMENT ON COLUMN stray_reports.params IS 'As they came, without what says who was texted.';

ALTER TABLE delivery_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE sender_credentials ENABLE ROW LEVEL SECURITY;
ALTER TABLE sender_reconciliations ENABLE ROW LEVEL SECURITY;
ALTER TABLE stray_reports ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON delivery_attempts USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON sender_credentials USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON sender_reconciliations USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON delivery_attempts, sender_credentials TO frontdesk_app;
GRANT SELECT, INSERT, UPDATE ON sender_reconciliations TO frontdesk_app;
