-- Where a contact lives, and what an organization put in the place of the quiet hours that ship.

ALTER TABLE contacts ADD COLUMN postal_code text;
COMMENT ON COLUMN contacts.postal_code IS 'As staff wrote it. Of the United States and Canada it says the state and zone whose hours hold.';

CREATE TABLE quiet_hours_overrides (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    rule_id         text NOT NULL CHECK (rule_id ~ '^[a-z0-9-]{1,60}$'),
    windows         jsonb CHECK (jsonb_typeof(windows) = 'array'),
    keep_holidays   boolean NOT NULL,
    reason          text NOT NULL CHECK (reason <> ''),
    pack_version    text NOT NULL,
    created_at      timestamptz NOT NULL,
    created_by      uuid,
    ended_at        timestamptz CHECK (ended_at >= created_at),
    ended_by        uuid,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, created_by) REFERENCES memberships (organization_id, user_id),
    FOREIGN KEY (organization_id, ended_by) REFERENCES memberships (organization_id, user_id)
);
CREATE UNIQUE INDEX quiet_hours_overrides_in_force ON quiet_hours_overrides (organization_id, rule_id) WHERE ended_at IS NULL;
CREATE INDEX quiet_hours_overrides_by_time ON quiet_hours_overrides (organization_id, created_at DESC, id DESC);
COMMENT ON TABLE quiet_hours_overrides IS 'Hours an organization set in the place of a rule''s, and why. Rows are ended, never changed or deleted.';
COMMENT ON COLUMN quiet_hours_overrides.rule_id IS 'Of a rule in the data that ships; the rule may be gone in a later release.';
COMMENT ON COLUMN quiet_hours_overrides.windows IS 'Null: the rule does not speak. Empty: closed always.';
COMMENT ON COLUMN quiet_hours_overrides.pack_version IS 'Version of the rules when it was decided.';
COMMENT ON COLUMN quiet_hours_overrides.created_by IS 'Null for programs.';

ALTER TABLE quiet_hours_overrides ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON quiet_hours_overrides USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE (ended_at, ended_by) ON quiet_hours_overrides TO frontdesk_app;
