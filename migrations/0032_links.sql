-- Short links on the business's own domain, and who follows them.

CREATE TABLE link_settings (
    organization_id uuid PRIMARY KEY REFERENCES organizations (id),
    enabled         boolean NOT NULL,
    base_url        text CHECK (base_url ~ '^https?://[^/]+$'),
    version         bigint NOT NULL DEFAULT 1,
    updated_at      timestamptz NOT NULL
);
COMMENT ON TABLE link_settings IS 'Whether links in texts are shortened; no row: they are not.';
COMMENT ON COLUMN link_settings.base_url IS 'Scheme and host of the business''s own domain, which must lead here; null: the installation''s PUBLIC_URL.';

CREATE TABLE links (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    code            text COLLATE "C" NOT NULL CHECK (code ~ '^[0-9A-Za-z]{8,32}$'),
    target_url      text NOT NULL CHECK (target_url ~ '^https?://' AND char_length(target_url) <= 2000),
    batch_id        uuid,
    contact_id      uuid,
    clicks          integer NOT NULL DEFAULT 0,
    bot_clicks      integer NOT NULL DEFAULT 0,
    first_clicked_at timestamptz,
    last_clicked_at timestamptz,
    last_bot_at     timestamptz,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id)
) WITH (fillfactor = 90);
CREATE UNIQUE INDEX links_code_key ON links (code);
CREATE INDEX links_by_contact ON links (organization_id, contact_id, id) WHERE contact_id IS NOT NULL;
CREATE INDEX links_by_batch ON links (organization_id, batch_id, id) WHERE batch_id IS NOT NULL;
CREATE INDEX links_clicked ON links (organization_id, batch_id, contact_id) WHERE first_clicked_at IS NOT NULL;
CREATE INDEX links_by_click ON links (organization_id, last_clicked_at DESC, id DESC) WHERE last_clicked_at IS NOT NULL;
COMMENT ON TABLE links IS 'Short links, mostly one per recipient.';
COMMENT ON COLUMN links.code IS 'Random, so that nobody guesses another''s; unique in the installation, because a click says no more.';
COMMENT ON COLUMN links.batch_id IS 'What they were made for together: a campaign. Opaque here.';
COMMENT ON COLUMN links.contact_id IS 'Whom it was sent to; null: made by hand for anybody.';
COMMENT ON COLUMN links.clicks IS 'By people, at most one in a minute; bot_clicks: by programs that look at links, likewise.';

CREATE TABLE link_clicks (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    link_id         uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('person', 'preview', 'scanner', 'head', 'prefetch', 'too_soon')),
    at              timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, link_id) REFERENCES links (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX link_clicks_by_link ON link_clicks (organization_id, link_id, at DESC);
COMMENT ON TABLE link_clicks IS 'Each click that was counted. Neither the address nor the program it came from is kept.';
COMMENT ON COLUMN link_clicks.kind IS 'Whether a person followed it, or what gave the program away.';

ALTER TABLE link_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE links ENABLE ROW LEVEL SECURITY;
ALTER TABLE link_clicks ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON link_settings USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON links USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON link_clicks USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE ON link_settings TO frontdesk_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON links TO frontdesk_app;
GRANT SELECT, INSERT, DELETE ON link_clicks TO frontdesk_app;
