-- What is kept of people, for how long, and what stays of somebody who was erased.

CREATE TABLE number_hash_keys (
    organization_id uuid PRIMARY KEY REFERENCES organizations (id),
    sealed_key      bytea,
    plain_key       text,
    created_at      timestamptz NOT NULL,
    CONSTRAINT number_hash_keys_one CHECK (num_nonnulls(sealed_key, plain_key) = 1)
);
COMMENT ON TABLE number_hash_keys IS 'The key under which an organization''s erased numbers are hashed, made with the first erasure. Without a row nobody was erased.';
COMMENT ON COLUMN number_hash_keys.sealed_key IS 'Under the installation''s ENCRYPTION_KEY, bound to the organization.';
COMMENT ON COLUMN number_hash_keys.plain_key IS 'Where the installation has no ENCRYPTION_KEY. Whoever reads the database can then try all numbers against the hashes.';

ALTER TABLE suppressions
    ALTER COLUMN phone_number DROP NOT NULL,
    ADD COLUMN number_hash bytea,
    ADD COLUMN erased_at   timestamptz,
    ADD CONSTRAINT suppressions_whose CHECK (num_nonnulls(phone_number, number_hash) = 1);
CREATE UNIQUE INDEX suppressions_active_hash ON suppressions
    (organization_id, number_hash, COALESCE(sender_id, '00000000-0000-0000-0000-000000000000'::uuid), reason)
    WHERE lifted_at IS NULL AND number_hash IS NOT NULL;
COMMENT ON COLUMN suppressions.phone_number IS 'E.164; null once its owner was erased.';
COMMENT ON COLUMN suppressions.number_hash IS 'HMAC-SHA256 of the number under the organization''s key: all that is kept of an erased person who had opted out, so that they are never texted again.';

CREATE TABLE privacy_settings (
    organization_id uuid PRIMARY KEY REFERENCES organizations (id),
    messages_days   integer CHECK (messages_days BETWEEN 30 AND 3650),
    turns_days      integer CHECK (turns_days BETWEEN 30 AND 3650),
    receipts_days   integer CHECK (receipts_days BETWEEN 30 AND 3650),
    audit_days      integer CHECK (audit_days BETWEEN 30 AND 3650),
    swept_at        timestamptz,
    version         bigint NOT NULL DEFAULT 1,
    updated_at      timestamptz NOT NULL
);
COMMENT ON TABLE privacy_settings IS 'After how many days an organization''s rows are deleted; null, or no row: never.';
COMMENT ON COLUMN privacy_settings.receipts_days IS 'Of webhook_receipts and delivery_events. At least 30: a receipt is the guard against a text delivered twice.';
COMMENT ON COLUMN privacy_settings.swept_at IS 'When the last sweep was ordered; one a day.';

-- Old rows are found by when they came; a block range index costs next to nothing to keep.
CREATE INDEX webhook_receipts_received ON webhook_receipts USING brin (received_at);
CREATE INDEX delivery_events_received ON delivery_events USING brin (received_at);
COMMENT ON COLUMN webhook_receipts.params IS 'All fields as they came; emptied once the text or its contact is erased, while the row stays as the guard.';

ALTER TABLE number_hash_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE privacy_settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON number_hash_keys USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON privacy_settings USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT ON number_hash_keys TO frontdesk_app;
GRANT SELECT, INSERT, UPDATE ON privacy_settings TO frontdesk_app;
-- Erasure and retention. The consent ledger, the block list and the audit log stay append-only for this role.
GRANT DELETE ON conversations, messages, bookings, booking_events, turns, opt_out_reviews, reports, report_comments, report_events
    TO frontdesk_app;
GRANT UPDATE (body) ON report_comments TO frontdesk_app;
GRANT UPDATE, DELETE ON webhook_receipts, delivery_events TO frontdesk_app;
