-- People who sign in belong to the installation, and to one or more organizations by a membership with a role.

-- What were users become memberships: the foreign keys of messages, conversations and reviews follow by themselves.
ALTER TABLE users RENAME TO memberships;
ALTER TABLE memberships RENAME COLUMN id TO user_id;
ALTER INDEX users_pkey RENAME TO memberships_pkey;
ALTER INDEX users_username_key RENAME TO memberships_username_key;

CREATE TABLE users (
    id                  uuid PRIMARY KEY,
    username            text NOT NULL,
    email               text,
    display_name        text NOT NULL,
    phone_number        text CHECK (phone_number ~ '^\+[1-9][0-9]{6,14}$'),
    password_hash       text,
    external_subject    text,
    superuser           boolean NOT NULL DEFAULT false,
    disabled_at         timestamptz,
    totp_secret         bytea,
    totp_confirmed_at   timestamptz,
    totp_last_step      bigint,
    password_changed_at timestamptz,
    created_at          timestamptz NOT NULL,
    updated_at          timestamptz NOT NULL,
    version             bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX users_username_key ON users (lower(username));
CREATE UNIQUE INDEX users_email_key ON users (lower(email)) WHERE email IS NOT NULL;
CREATE UNIQUE INDEX users_external_subject_key ON users (external_subject) WHERE external_subject IS NOT NULL;
COMMENT ON TABLE users IS 'People who sign in, once per installation; memberships say where they may do what.';
COMMENT ON COLUMN users.password_hash IS 'argon2id, PHC string; null for whoever only comes with tokens of an outside issuer.';
COMMENT ON COLUMN users.external_subject IS 'The sub of the outside issuer''s tokens, once seen with a matching e-mail.';
COMMENT ON COLUMN users.superuser IS 'May do everything in every organization.';
COMMENT ON COLUMN users.disabled_at IS 'Shut out of the whole installation; memberships.disabled_at shuts out of one organization.';
COMMENT ON COLUMN users.totp_secret IS 'Second factor (RFC 6238), sealed; counts once totp_confirmed_at is set.';
COMMENT ON COLUMN users.totp_last_step IS 'Time step of the code used last: no code works twice.';

INSERT INTO users (id, username, display_name, password_hash, created_at, updated_at)
    SELECT user_id, username, display_name, password_hash, created_at, created_at FROM memberships;

CREATE TABLE roles (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    name            text NOT NULL,
    description     text,
    permissions     text[] NOT NULL,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX roles_name_key ON roles (organization_id, lower(name));
COMMENT ON TABLE roles IS 'Roles an organization made itself; the built-in ones are in the program.';
COMMENT ON COLUMN roles.permissions IS 'Of the closed list in the program; names it does not know grant nothing.';

ALTER TABLE memberships
    DROP COLUMN username,
    DROP COLUMN display_name,
    DROP COLUMN password_hash,
    DROP CONSTRAINT users_role_check,
    ALTER COLUMN role DROP NOT NULL,
    ADD COLUMN role_id    uuid,
    ADD COLUMN removed_at timestamptz,
    ADD COLUMN version    bigint NOT NULL DEFAULT 1,
    ADD CONSTRAINT memberships_role_check CHECK (role IN ('admin', 'campaign_manager', 'operator', 'viewer')),
    ADD CONSTRAINT memberships_one_role CHECK (num_nonnulls(role, role_id) = 1),
    ADD CONSTRAINT memberships_user_fkey FOREIGN KEY (user_id) REFERENCES users (id),
    ADD CONSTRAINT memberships_role_fkey FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id);
CREATE INDEX memberships_by_user ON memberships (user_id);
COMMENT ON TABLE memberships IS 'Who belongs to an organization, and as what.';
COMMENT ON COLUMN memberships.role IS 'Built-in role; null where role_id names one of the organization''s own.';
COMMENT ON COLUMN memberships.removed_at IS 'No member any more. The row stays, so that what they wrote keeps its name.';

ALTER TABLE organizations
    ADD COLUMN disabled_at timestamptz,
    ADD COLUMN version     bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN organizations.disabled_at IS 'Nobody of it can sign in, and its keys do not work. Texts are still taken in.';

-- Sessions are found by their token alone, before the organization is known: no role but the owner's reads them.
DROP TABLE sessions;
CREATE TABLE sessions (
    id              uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    user_id         uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    kind            text NOT NULL CHECK (kind IN ('cookie', 'bearer')),
    token_hash      bytea NOT NULL UNIQUE,
    token_expires_at timestamptz,
    created_at      timestamptz NOT NULL,
    last_seen_at    timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    ip              text,
    user_agent      text
);
CREATE INDEX sessions_by_user ON sessions (user_id);
COMMENT ON TABLE sessions IS 'One per signed-in device: a browser with its cookie, or a program with its bearer tokens. Only keyed hashes are kept.';
COMMENT ON COLUMN sessions.organization_id IS 'Where its user works now; they may change over.';
COMMENT ON COLUMN sessions.token_hash IS 'Of the cookie, or of the current access token.';
COMMENT ON COLUMN sessions.token_expires_at IS 'End of the access token; null for cookies.';
COMMENT ON COLUMN sessions.expires_at IS 'Absolute end; idleness ends a session earlier (last_seen_at).';

CREATE TABLE refresh_tokens (
    token_hash bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
COMMENT ON TABLE refresh_tokens IS 'Each works once. One that comes a second time was stolen from somebody: it ends its session.';

CREATE TABLE recovery_codes (
    user_id   uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    code_hash bytea NOT NULL,
    used_at   timestamptz,
    PRIMARY KEY (user_id, code_hash)
);
COMMENT ON TABLE recovery_codes IS 'Each stands in for the second factor once.';

CREATE TABLE invitations (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    email           text NOT NULL,
    role            text CHECK (role IN ('admin', 'campaign_manager', 'operator', 'viewer')),
    role_id         uuid,
    token_hash      bytea NOT NULL UNIQUE,
    invited_by      uuid,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    accepted_at     timestamptz,
    accepted_by     uuid,
    revoked_at      timestamptz,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT invitations_one_role CHECK (num_nonnulls(role, role_id) = 1),
    FOREIGN KEY (organization_id, role_id) REFERENCES roles (organization_id, id),
    FOREIGN KEY (organization_id, invited_by) REFERENCES memberships (organization_id, user_id)
);
COMMENT ON TABLE invitations IS 'Whoever holds the token may join with the role, once, until it expires.';

ALTER TABLE api_keys
    ADD COLUMN prefix     text NOT NULL DEFAULT '',
    ADD COLUMN scopes     text[],
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN created_by uuid,
    ADD FOREIGN KEY (organization_id, created_by) REFERENCES memberships (organization_id, user_id);
COMMENT ON COLUMN api_keys.prefix IS 'The first characters of the key, to tell keys apart by.';
COMMENT ON COLUMN api_keys.scopes IS 'Permissions of the key; null: all (the bootstrap key).';
COMMENT ON TABLE api_keys IS 'Keys for programs, sent as X-API-Key. Only a keyed hash is kept.';

CREATE TABLE audit_log (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    at              timestamptz NOT NULL,
    actor_kind      text NOT NULL CHECK (actor_kind IN ('user', 'api_key', 'system')),
    actor_id        uuid,
    actor_name      text NOT NULL,
    action          text NOT NULL,
    target_kind     text NOT NULL,
    target_id       uuid,
    ip              text,
    user_agent      text,
    request_id      text,
    before          jsonb,
    after           jsonb,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX audit_log_by_target ON audit_log (organization_id, target_kind, target_id, id DESC);
CREATE INDEX audit_log_by_actor ON audit_log (organization_id, actor_id, id DESC);
COMMENT ON TABLE audit_log IS 'Who did what to which row, from where. Append-only.';
COMMENT ON COLUMN audit_log.action IS 'Kind of row and verb, such as contact.updated.';
COMMENT ON COLUMN audit_log.before IS 'What the change replaced, without secrets and bodies of texts.';

DROP POLICY tenant ON memberships;
CREATE POLICY tenant ON memberships USING (organization_id = current_setting('app.organization_id')::uuid);
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON users USING (EXISTS (
    SELECT FROM memberships m WHERE m.user_id = users.id AND m.organization_id = current_setting('app.organization_id')::uuid));
CREATE POLICY tenant ON roles USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON sessions USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON invitations USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON audit_log USING (organization_id = current_setting('app.organization_id')::uuid);
-- A person may belong to several organizations: none of them may write the person, nor read how they prove who they are.
GRANT SELECT (id, username, email, display_name, phone_number, superuser, disabled_at, totp_confirmed_at, created_at, updated_at, version)
    ON users TO frontdesk_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON roles, invitations TO frontdesk_app;
GRANT SELECT, INSERT ON audit_log TO frontdesk_app;
REVOKE DELETE ON memberships FROM frontdesk_app;
