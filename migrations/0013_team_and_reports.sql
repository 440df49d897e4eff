-- What colleagues write to one another and to the assistant, and reports: matters that somebody raised and staff settle.

CREATE TABLE team_messages (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    thread_id       uuid NOT NULL,
    parent_id       uuid,
    sender_id       uuid,
    recipient_id    uuid,
    body            text NOT NULL CHECK (char_length(body) <= 4000),
    created_at      timestamptz NOT NULL,
    read_at         timestamptz,
    edited_at       timestamptz,
    deleted_at      timestamptz,
    version         bigint NOT NULL DEFAULT 1,
    lower_end       uuid NOT NULL GENERATED ALWAYS AS
        (LEAST(COALESCE(sender_id, '00000000-0000-0000-0000-000000000000'), COALESCE(recipient_id, '00000000-0000-0000-0000-000000000000'))) STORED,
    upper_end       uuid NOT NULL GENERATED ALWAYS AS
        (GREATEST(COALESCE(sender_id, '00000000-0000-0000-0000-000000000000'), COALESCE(recipient_id, '00000000-0000-0000-0000-000000000000'))) STORED,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, thread_id) REFERENCES team_messages (organization_id, id),
    FOREIGN KEY (organization_id, parent_id) REFERENCES team_messages (organization_id, id),
    FOREIGN KEY (organization_id, sender_id) REFERENCES memberships (organization_id, user_id),
    FOREIGN KEY (organization_id, recipient_id) REFERENCES memberships (organization_id, user_id),
    CONSTRAINT team_messages_two_ends CHECK (sender_id IS DISTINCT FROM recipient_id),
    CONSTRAINT team_messages_tombstone CHECK ((deleted_at IS NULL) = (body <> ''))
);
CREATE INDEX team_messages_received ON team_messages (organization_id, recipient_id, created_at, id);
CREATE INDEX team_messages_sent ON team_messages (organization_id, sender_id, created_at, id);
CREATE INDEX team_messages_between ON team_messages (organization_id, lower_end, upper_end, created_at, id);
CREATE INDEX team_messages_unread ON team_messages (organization_id, recipient_id, sender_id) WHERE read_at IS NULL AND deleted_at IS NULL;
CREATE INDEX team_messages_by_thread ON team_messages (organization_id, thread_id, id);
COMMENT ON TABLE team_messages IS 'Messages between two members of the staff, or between one of them and the assistant.';
COMMENT ON COLUMN team_messages.thread_id IS 'The message that began the thread; its own id if it did.';
COMMENT ON COLUMN team_messages.sender_id IS 'Null: the assistant.';
COMMENT ON COLUMN team_messages.recipient_id IS 'Null: the assistant.';
COMMENT ON COLUMN team_messages.lower_end IS 'The two ends again in one order, the assistant as zeros: what two have written to each other is one range of an index.';
COMMENT ON COLUMN team_messages.deleted_at IS 'Taken back by its sender: the row stays without its words, so that answers to it still hang together.';

CREATE TABLE report_numbers (
    organization_id uuid PRIMARY KEY REFERENCES organizations (id),
    last            bigint NOT NULL
);
COMMENT ON TABLE report_numbers IS 'The number of the latest report. Updating the row makes those who open reports at once wait for one another.';

CREATE TABLE reports (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    number          bigint NOT NULL,
    source          text NOT NULL CHECK (source IN ('staff', 'api', 'contact')),
    subject         text NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 200),
    body            text NOT NULL CHECK (char_length(body) <= 8000),
    priority        text NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    status          text NOT NULL CHECK (status IN ('open', 'in_progress', 'resolved')),
    contact_id      uuid,
    conversation_id uuid,
    opened_by       uuid,
    assignee_id     uuid,
    resolution      text CHECK (char_length(resolution) <= 4000),
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    started_at      timestamptz,
    resolved_at     timestamptz,
    version         bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT reports_number_key UNIQUE (organization_id, number),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id),
    FOREIGN KEY (organization_id, conversation_id) REFERENCES conversations (organization_id, id),
    FOREIGN KEY (organization_id, opened_by) REFERENCES memberships (organization_id, user_id),
    FOREIGN KEY (organization_id, assignee_id) REFERENCES memberships (organization_id, user_id),
    CONSTRAINT reports_resolved CHECK ((status = 'resolved') = (resolved_at IS NOT NULL)),
    CONSTRAINT reports_by_contact CHECK (source <> 'contact' OR contact_id IS NOT NULL)
);
CREATE INDEX reports_by_age ON reports (organization_id, created_at, id);
CREATE INDEX reports_by_contact_id ON reports (organization_id, contact_id, id) WHERE contact_id IS NOT NULL;
CREATE INDEX reports_by_opener ON reports (organization_id, opened_by, created_at, id) WHERE opened_by IS NOT NULL;
CREATE INDEX reports_by_assignee ON reports (organization_id, assignee_id, created_at, id) WHERE assignee_id IS NOT NULL;
CREATE INDEX reports_urgent ON reports (organization_id) WHERE priority = 'urgent' AND status <> 'resolved';
COMMENT ON TABLE reports IS 'A matter that staff, a program or a contact raised, and staff settle.';
COMMENT ON COLUMN reports.number IS 'What people call it (#12); counted per organization.';
COMMENT ON COLUMN reports.contact_id IS 'Whom it is about; whose it is where source is contact. Only those are told what becomes of it.';
COMMENT ON COLUMN reports.conversation_id IS 'Where the contact raised it, and is answered.';

CREATE TABLE report_comments (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    report_id       uuid NOT NULL,
    author_id       uuid,
    body            text NOT NULL CHECK (char_length(body) BETWEEN 1 AND 4000),
    internal        boolean NOT NULL,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, report_id) REFERENCES reports (organization_id, id),
    FOREIGN KEY (organization_id, author_id) REFERENCES memberships (organization_id, user_id)
);
CREATE INDEX report_comments_by_report ON report_comments (organization_id, report_id, created_at, id);
COMMENT ON COLUMN report_comments.author_id IS 'Null: a program with a key.';
COMMENT ON COLUMN report_comments.internal IS 'For those who see everybody''s reports; neither a colleague who only sees their own nor the contact gets it.';

CREATE TABLE report_events (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    report_id       uuid NOT NULL,
    at              timestamptz NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('opened', 'changed', 'commented', 'started', 'resolved', 'reopened', 'told', 'not_told')),
    actor_id        uuid,
    by_contact      boolean NOT NULL DEFAULT false,
    internal        boolean NOT NULL DEFAULT false,
    detail          text,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, report_id) REFERENCES reports (organization_id, id),
    FOREIGN KEY (organization_id, actor_id) REFERENCES memberships (organization_id, user_id)
);
CREATE INDEX report_events_by_report ON report_events (organization_id, report_id, at, id);
COMMENT ON TABLE report_events IS 'What happened to a report, for people to read. Append-only.';
COMMENT ON COLUMN report_events.actor_id IS 'Null: the contact, a program with a key, or this program itself.';
COMMENT ON COLUMN report_events.detail IS 'What changed; no text of anybody.';

ALTER TABLE team_messages ENABLE ROW LEVEL SECURITY;
ALTER TABLE report_numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE reports ENABLE ROW LEVEL SECURITY;
ALTER TABLE report_comments ENABLE ROW LEVEL SECURITY;
ALTER TABLE report_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON team_messages USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON report_numbers USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON reports USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON report_comments USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON report_events USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE ON team_messages, report_numbers, reports TO frontdesk_app;
GRANT SELECT, INSERT ON report_comments, report_events TO frontdesk_app;
