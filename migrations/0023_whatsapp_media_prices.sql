-- WhatsApp's approved templates, media both ways with their types, and what texts cost.

ALTER TABLE messages
    ADD COLUMN content    jsonb CHECK (jsonb_typeof(content) = 'object'),
    ADD COLUMN price      numeric(14, 6),
    ADD COLUMN price_unit text CHECK (price_unit ~ '^[A-Z]{3}$'),
    ADD CONSTRAINT messages_price_check CHECK ((price IS NULL) = (price_unit IS NULL));
COMMENT ON COLUMN messages.media IS 'Pictures and other files: objects of url and content_type. Of an inbound text they lie at the provider; of an outbound one the provider fetches them from url.';
COMMENT ON COLUMN messages.content IS 'WhatsApp: the approved template as it stood when the text was written: sid, variables, text, and when: always, or outside_window for one that takes the place of the free text.';
COMMENT ON COLUMN messages.price IS 'What the provider charged for all parts, positive; null until it says.';
COMMENT ON COLUMN messages.price_unit IS 'ISO 4217.';

-- Until now only the addresses of inbound media were kept; their types are in the receipts.
UPDATE messages m
SET media = (SELECT jsonb_agg(jsonb_build_object('url', f.url, 'content_type', COALESCE(w.params ->> ('MediaContentType' || (f.n - 1)), ''))
                              ORDER BY f.n)
             FROM jsonb_array_elements_text(m.media) WITH ORDINALITY AS f (url, n)
             LEFT JOIN webhook_receipts w ON w.organization_id = m.organization_id AND w.provider_sid = m.provider_sid)
WHERE m.media <> '[]';

CREATE TABLE whatsapp_templates (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    content_sid     text NOT NULL CHECK (content_sid ~ '^HX[0-9a-f]{32}$'),
    name            text NOT NULL,
    language        text NOT NULL,
    body            text NOT NULL,
    category        text NOT NULL CHECK (category IN ('utility', 'marketing', 'authentication')),
    approval        text NOT NULL CHECK (approval IN ('unsubmitted', 'pending', 'approved', 'rejected', 'paused', 'disabled')),
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT whatsapp_templates_content_sid_key UNIQUE (organization_id, content_sid)
);
CREATE INDEX whatsapp_templates_by_name ON whatsapp_templates (organization_id, lower(name), id);
CREATE INDEX whatsapp_templates_by_created ON whatsapp_templates (organization_id, created_at DESC, id DESC);
COMMENT ON TABLE whatsapp_templates IS 'Texts that WhatsApp approved: all that may be sent once 24 hours have passed since the contact wrote.';
COMMENT ON COLUMN whatsapp_templates.content_sid IS 'Twilio''s id of the content template.';
COMMENT ON COLUMN whatsapp_templates.body IS 'As approved, with {{1}}, {{2}}, … where variables go.';
COMMENT ON COLUMN whatsapp_templates.approval IS 'WhatsApp''s decision as staff noted it; only approved ones are sent.';

CREATE TABLE message_prices (
    organization_id      uuid PRIMARY KEY REFERENCES organizations (id),
    currency             text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    sms_segment_micros   bigint CHECK (sms_segment_micros BETWEEN 0 AND 1000000000),
    mms_micros           bigint CHECK (mms_micros BETWEEN 0 AND 1000000000),
    whatsapp_micros      bigint CHECK (whatsapp_micros BETWEEN 0 AND 1000000000),
    updated_at           timestamptz NOT NULL
);
COMMENT ON TABLE message_prices IS 'What an organization reckons a text costs, before the provider says; no row: nothing is reckoned.';
COMMENT ON COLUMN message_prices.sms_segment_micros IS 'Millionths of the currency for one part of an SMS, carrier fees included.';
COMMENT ON COLUMN message_prices.mms_micros IS 'For one text with media, however long.';

ALTER TABLE whatsapp_templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_prices ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON whatsapp_templates USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON message_prices USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON whatsapp_templates TO frontdesk_app;
GRANT SELECT, INSERT, UPDATE ON message_prices TO frontdesk_app;

ALTER TABLE contacts ADD COLUMN profile_name text;
COMMENT ON COLUMN contacts.profile_name IS 'What they call themselves on WhatsApp: offered to staff as a name, never used by itself.';
