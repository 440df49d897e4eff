-- Contacts that are brought in as a file: the file while it is worked on, what became of its rows, and what undoes it.

CREATE TABLE contact_imports (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    file_name       text NOT NULL,
    status          text NOT NULL CHECK (status IN
        ('receiving', 'ready', 'running', 'done', 'cancelled', 'failed', 'expired', 'undoing', 'undone')),
    bytes           bigint NOT NULL DEFAULT 0,
    chunks          integer NOT NULL DEFAULT 0,
    encoding        text NOT NULL DEFAULT 'utf-8' CHECK (encoding IN ('utf-8', 'utf-16le', 'utf-16be', 'windows-1252')),
    delimiter       text NOT NULL DEFAULT 'comma' CHECK (delimiter IN ('comma', 'semicolon', 'tab', 'pipe')),
    options         jsonb CHECK (jsonb_typeof(options) = 'object'),
    rows            bigint NOT NULL DEFAULT 0,
    position        bigint NOT NULL DEFAULT 0,
    line            bigint NOT NULL DEFAULT 1,
    rows_done       bigint NOT NULL DEFAULT 0,
    created         bigint NOT NULL DEFAULT 0,
    updated         bigint NOT NULL DEFAULT 0,
    unchanged       bigint NOT NULL DEFAULT 0,
    skipped         bigint NOT NULL DEFAULT 0,
    duplicate       bigint NOT NULL DEFAULT 0,
    invalid         bigint NOT NULL DEFAULT 0,
    consent_given   bigint NOT NULL DEFAULT 0,
    consent_refused bigint NOT NULL DEFAULT 0,
    undone_deleted  bigint NOT NULL DEFAULT 0,
    undone_restored bigint NOT NULL DEFAULT 0,
    undone_kept     bigint NOT NULL DEFAULT 0,
    left_out        text[] NOT NULL DEFAULT '{}',
    problem         text,
    user_id         uuid,
    api_key_id      uuid,
    created_at      timestamptz NOT NULL,
    started_at      timestamptz,
    finished_at     timestamptz,
    undone_at       timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id)
);
CREATE INDEX contact_imports_by_time ON contact_imports (organization_id, created_at DESC, id DESC);
COMMENT ON TABLE contact_imports IS 'Files of contacts that were brought in.';
COMMENT ON COLUMN contact_imports.status IS 'expired: the file is no longer kept, and nothing came of it.';
COMMENT ON COLUMN contact_imports.bytes IS 'Of the file as it is kept: without its byte order mark, UTF-16 as UTF-8.';
COMMENT ON COLUMN contact_imports.options IS 'What staff decided: columns, policy, tags, consent.';
COMMENT ON COLUMN contact_imports.position IS 'The byte where the first row begins that was not worked on yet. It moves in the transaction that takes the rows before it in.';
COMMENT ON COLUMN contact_imports.line IS 'The line of that byte, counted from 1.';
COMMENT ON COLUMN contact_imports.left_out IS 'SHA-256 of numbers that were erased while the file was worked on: their rows are passed over.';
COMMENT ON COLUMN contact_imports.problem IS 'Why it failed.';

CREATE TABLE contact_import_chunks (
    organization_id uuid NOT NULL,
    import_id       uuid NOT NULL,
    n               integer NOT NULL,
    start           bigint NOT NULL,
    data            bytea NOT NULL,
    PRIMARY KEY (organization_id, import_id, n),
    FOREIGN KEY (organization_id, import_id) REFERENCES contact_imports (organization_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE contact_import_chunks IS 'The file, piece by piece, until it was worked on or a day has passed.';
COMMENT ON COLUMN contact_import_chunks.start IS 'The byte of the file that the piece begins with.';
CREATE TABLE contact_import_rows (
    organization_id  uuid NOT NULL,
    import_id        uuid NOT NULL,
    contact_id       uuid NOT NULL,
    line             bigint NOT NULL,
    outcome          text NOT NULL CHECK (outcome IN ('created', 'updated', 'unchanged', 'skipped')),
    version          bigint NOT NULL,
    changed          jsonb,
    consent_event_id uuid,
    PRIMARY KEY (organization_id, import_id, contact_id),
    FOREIGN KEY (organization_id, import_id) REFERENCES contact_imports (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX contact_import_rows_by_contact ON contact_import_rows (organization_id, contact_id);
COMMENT ON TABLE contact_import_rows IS 'Which contacts a file was about, and what undoes it, for a month.';
COMMENT ON COLUMN contact_import_rows.version IS 'The contact''s version after it.';
COMMENT ON COLUMN contact_import_rows.changed IS 'Of an update: each changed field by name, with its value before and after.';
COMMENT ON COLUMN contact_import_rows.consent_event_id IS 'The line of the ledger that was written for it.';

CREATE TABLE contact_import_errors (
    organization_id uuid NOT NULL,
    import_id       uuid NOT NULL,
    line            bigint NOT NULL,
    code            text NOT NULL,
    message         text NOT NULL,
    cells           text NOT NULL,
    PRIMARY KEY (organization_id, import_id, line, code),
    FOREIGN KEY (organization_id, import_id) REFERENCES contact_imports (organization_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE contact_import_errors IS 'Rows of a file that were not taken in, or could not be taken back, and why; for a month.';
COMMENT ON COLUMN contact_import_errors.cells IS 'The row as it was read, cells separated by commas, cut where it is long.';

ALTER TABLE contact_imports ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_import_chunks ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_import_rows ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_import_errors ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contact_imports USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON contact_import_chunks USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON contact_import_rows USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON contact_import_errors USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON contact_imports TO frontdesk_app;
GRANT SELECT, INSERT, DELETE ON contact_import_chunks TO frontdesk_app;
GRANT SELECT, INSERT, DELETE ON contact_import_rows TO frontdesk_app;
GRANT SELECT, INSERT, DELETE ON contact_import_errors TO frontdesk_app;
