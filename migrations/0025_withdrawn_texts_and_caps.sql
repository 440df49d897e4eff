-- Texts that wait are found by their contact, to be taken back when consent ends; and how often an organization itself wants to advertise.

CREATE INDEX messages_waiting ON messages (organization_id, contact_id, id)
    WHERE direction = 'outbound' AND status IN ('queued', 'sending');

CREATE TABLE frequency_caps (
    organization_id uuid PRIMARY KEY REFERENCES organizations (id),
    texts           integer NOT NULL CHECK (texts BETWEEN 0 AND 100),
    days            integer NOT NULL CHECK (days BETWEEN 1 AND 90),
    version         bigint NOT NULL DEFAULT 1,
    updated_at      timestamptz NOT NULL
);
COMMENT ON TABLE frequency_caps IS 'How many marketing texts an organization sends one contact at most, beside the caps of law; no row: as many as those allow.';
COMMENT ON COLUMN frequency_caps.texts IS '0: no cap.';

ALTER TABLE frequency_caps ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON frequency_caps USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE ON frequency_caps TO frontdesk_app;
