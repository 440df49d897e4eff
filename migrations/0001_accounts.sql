-- Tenants, the staff who sign in, and how they prove it.
-- The role frontdesk_app is made by the program before migrations run (roles belong to the cluster, not the database).

CREATE TABLE organizations (
    id                   uuid PRIMARY KEY,
    name                 text NOT NULL,
    timezone             text NOT NULL,
    support_phone_number text,
    created_at           timestamptz NOT NULL
);
COMMENT ON TABLE organizations IS 'A tenant. Owns every row that carries its id.';
COMMENT ON COLUMN organizations.timezone IS 'IANA zone in which offers are made to contacts without a zone of their own.';

CREATE TABLE users (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    username        text NOT NULL,
    display_name    text NOT NULL,
    password_hash   text NOT NULL,
    role            text NOT NULL CHECK (role IN ('admin', 'operator', 'viewer')),
    disabled_at     timestamptz,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX users_username_key ON users (lower(username));
COMMENT ON TABLE users IS 'Staff who sign in.';
COMMENT ON COLUMN users.password_hash IS 'argon2id, PHC string.';

CREATE TABLE sessions (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    user_id         uuid NOT NULL,
    token_hash      bytea NOT NULL UNIQUE,
    created_at      timestamptz NOT NULL,
    last_seen_at    timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    ip              text,
    user_agent      text,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE sessions IS 'Server-side sessions of the dashboard; the cookie holds a random token, the row its keyed hash.';
COMMENT ON COLUMN sessions.expires_at IS 'Absolute end; idleness ends a session earlier (last_seen_at).';

CREATE TABLE api_keys (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    name            text NOT NULL,
    key_hash        bytea NOT NULL UNIQUE,
    created_at      timestamptz NOT NULL,
    last_used_at    timestamptz,
    revoked_at      timestamptz,
    PRIMARY KEY (organization_id, id)
);
COMMENT ON TABLE api_keys IS 'Keys for programs, sent as X-API-Key. Only a SHA-256 of the key is kept: keys are random, not chosen.';

CREATE TABLE login_failures (
    id       uuid PRIMARY KEY,
    subject  text NOT NULL,
    at       timestamptz NOT NULL
);
CREATE INDEX login_failures_subject ON login_failures (subject, at);
COMMENT ON TABLE login_failures IS 'Failed sign-ins of the last hour, counted per subject (user name, address). No tenant: it is not known yet.';

ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON organizations USING (id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON users USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON sessions USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON api_keys USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, UPDATE ON organizations TO frontdesk_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON users, sessions, api_keys TO frontdesk_app;
