-- What the lists of staff, invitations and the audit log need.

ALTER TABLE memberships ADD COLUMN last_seen_at timestamptz;
COMMENT ON COLUMN memberships.last_seen_at IS 'Last sign of them in this organization, to the minute; outlives their sessions.';
UPDATE memberships m SET last_seen_at = s.at
    FROM (SELECT organization_id, user_id, max(last_seen_at) AS at FROM sessions GROUP BY 1, 2) s
    WHERE s.organization_id = m.organization_id AND s.user_id = m.user_id;

-- Sessions come and go by several ways (cookies, tokens, changing over); each of them counts as a sign of its user.
CREATE FUNCTION note_seen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE memberships SET last_seen_at = NEW.last_seen_at
        WHERE organization_id = NEW.organization_id AND user_id = NEW.user_id
          AND (last_seen_at IS NULL OR last_seen_at < NEW.last_seen_at);
    RETURN NULL;
END $$;
CREATE TRIGGER sessions_note_seen AFTER INSERT OR UPDATE OF last_seen_at, organization_id ON sessions
    FOR EACH ROW EXECUTE FUNCTION note_seen();

-- Whoever leaves an organization is signed out of it in the same transaction. Tokens stay unreadable.
GRANT SELECT (organization_id, user_id), DELETE ON sessions TO frontdesk_app;

CREATE UNIQUE INDEX invitations_open_key ON invitations (organization_id, lower(email))
    WHERE accepted_at IS NULL AND revoked_at IS NULL;
CREATE INDEX audit_log_by_time ON audit_log (organization_id, at DESC, id DESC);
