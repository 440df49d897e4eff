-- Texts with variables, in variants: what campaigns send.

CREATE TABLE templates (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    name            text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    purpose         text NOT NULL CHECK (purpose IN ('transactional', 'marketing')),
    channel         text CHECK (channel IN ('sms', 'whatsapp', 'web', 'simulator')),
    language        text CHECK (language IN ('en', 'es')),
    variants        jsonb NOT NULL CHECK (jsonb_typeof(variants) = 'array' AND jsonb_array_length(variants) BETWEEN 1 AND 5),
    media           text[] NOT NULL DEFAULT '{}' CHECK (cardinality(media) <= 10),
    archived_at     timestamptz,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX templates_by_name ON templates (organization_id, lower(name), id);
CREATE INDEX templates_by_created ON templates (organization_id, created_at DESC, id DESC);
CREATE INDEX templates_by_updated ON templates (organization_id, updated_at DESC, id DESC);
COMMENT ON TABLE templates IS 'Texts with variables, in one to five variants: what campaigns send.';
COMMENT ON COLUMN templates.purpose IS 'What consent and hours a text made of it needs.';
COMMENT ON COLUMN templates.channel IS 'The only channel it is for; null: any.';
COMMENT ON COLUMN templates.language IS 'Of its words; null: nobody said.';
COMMENT ON COLUMN templates.variants IS 'Objects of key (A to E), body (in the language of src/campaigns/template) and weight (0 to 100, not all 0).';
COMMENT ON COLUMN templates.media IS 'Addresses that the provider fetches pictures and other files from.';
COMMENT ON COLUMN templates.archived_at IS 'Put away by staff; campaigns that have begun keep it.';

CREATE TABLE template_contents (
    organization_id      uuid NOT NULL REFERENCES organizations (id),
    template_id          uuid NOT NULL,
    whatsapp_template_id uuid NOT NULL,
    variables            jsonb NOT NULL CHECK (jsonb_typeof(variables) = 'object'),
    PRIMARY KEY (organization_id, template_id, whatsapp_template_id),
    FOREIGN KEY (organization_id, template_id) REFERENCES templates (organization_id, id) ON DELETE CASCADE,
    CONSTRAINT template_contents_whatsapp_fkey FOREIGN KEY (organization_id, whatsapp_template_id)
        REFERENCES whatsapp_templates (organization_id, id)
);
CREATE INDEX template_contents_by_whatsapp ON template_contents (organization_id, whatsapp_template_id);
COMMENT ON TABLE template_contents IS 'The approved WhatsApp templates that take a template''s place outside WhatsApp''s window, one per language.';
COMMENT ON COLUMN template_contents.variables IS 'For each variable of the WhatsApp template what fills it, in the language of src/campaigns/template.';

ALTER TABLE templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE template_contents ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON templates USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON template_contents USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON templates TO frontdesk_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON template_contents TO frontdesk_app;
