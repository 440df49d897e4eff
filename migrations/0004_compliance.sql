-- What contacts agreed to or revoked, and the block list every send is checked against.

CREATE TABLE consent_events (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    contact_id      uuid NOT NULL,
    channel         text NOT NULL,
    action          text NOT NULL CHECK (action IN ('granted', 'revoked')),
    tier            text NOT NULL CHECK (tier IN ('implied', 'express', 'express_written')),
    method          text NOT NULL CHECK (method IN ('inbound_message', 'keyword', 'free_text')),
    evidence        text,
    message_id      uuid,
    at              timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id)
);
CREATE INDEX consent_events_by_contact ON consent_events (organization_id, contact_id, id);
COMMENT ON TABLE consent_events IS 'Append-only ledger of consent (47 CFR 64.1200). Rows are never changed.';
COMMENT ON COLUMN consent_events.evidence IS 'The words that made the event, as the contact sent them.';

CREATE TABLE suppressions (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    phone_number    text NOT NULL,
    sender_id       uuid,
    reason          text NOT NULL CHECK (reason IN ('opted_out', 'carrier_opted_out')),
    created_at      timestamptz NOT NULL,
    lifted_at       timestamptz,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX suppressions_active ON suppressions
    (organization_id, phone_number, COALESCE(sender_id, '00000000-0000-0000-0000-000000000000'::uuid)) WHERE lifted_at IS NULL;
COMMENT ON TABLE suppressions IS 'Numbers that must not be texted. A lifted row stays as history.';
COMMENT ON COLUMN suppressions.sender_id IS 'Set when only that sender is blocked (error 21610 learned from the carrier); null blocks the whole organization.';

ALTER TABLE consent_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE suppressions ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON consent_events USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON suppressions USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT ON consent_events TO frontdesk_app;
GRANT SELECT, INSERT, UPDATE ON suppressions TO frontdesk_app;
