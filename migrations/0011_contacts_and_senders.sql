-- Contacts that staff keeps, consent that staff records, the block list that staff keeps, senders that come and go.

ALTER TABLE contacts
    ADD COLUMN email           text,
    ADD COLUMN notes           text,
    ADD COLUMN lifecycle_stage text NOT NULL DEFAULT 'lead' CHECK (lifecycle_stage IN ('lead', 'prospect', 'customer', 'former')),
    ADD COLUMN tags            text[] NOT NULL DEFAULT '{}',
    ADD COLUMN custom          jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(custom) = 'object'),
    ADD COLUMN archived_at     timestamptz,
    ADD COLUMN version         bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN contacts.tags IS 'Lower case, each once.';
COMMENT ON COLUMN contacts.custom IS 'What the organization keeps besides: short texts by name.';
COMMENT ON COLUMN contacts.archived_at IS 'Put away by staff; a text of theirs brings them back.';
COMMENT ON COLUMN contacts.version IS 'Grows with each edit by staff, not with texts.';
CREATE INDEX contacts_by_created ON contacts (organization_id, created_at DESC, id DESC);
CREATE INDEX contacts_by_name ON contacts
    (organization_id, lower(btrim(COALESCE(first_name, '') || ' ' || COALESCE(last_name, ''))), id);
CREATE INDEX contacts_by_tag ON contacts USING gin (tags);

ALTER TABLE consent_events DROP CONSTRAINT consent_events_method_check;
ALTER TABLE consent_events
    ADD CONSTRAINT consent_events_method_check CHECK (method IN
        ('inbound_message', 'keyword', 'free_text', 'staff_review', 'review_expired',
         'staff_recorded', 'web_form', 'paper', 'verbal', 'api')),
    ADD COLUMN purpose text CHECK (purpose IN ('conversational', 'transactional', 'marketing')),
    ADD COLUMN user_id uuid,
    ADD FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id);
COMMENT ON COLUMN consent_events.method IS 'From staff_recorded on: given or taken back outside of a text, and recorded by staff.';
COMMENT ON COLUMN consent_events.purpose IS 'What the consent is for; null: texts as such.';
COMMENT ON COLUMN consent_events.user_id IS 'Who recorded it; null for the contact''s own texts and for programs.';
CREATE INDEX consent_events_by_time ON consent_events (organization_id, contact_id, at DESC, id DESC);
DROP INDEX consent_events_by_contact;

ALTER TABLE suppressions DROP CONSTRAINT suppressions_reason_check;
ALTER TABLE suppressions
    ADD CONSTRAINT suppressions_reason_check CHECK (reason IN ('opted_out', 'carrier_opted_out', 'under_review', 'blocked')),
    ADD COLUMN note    text,
    ADD COLUMN user_id uuid,
    ADD FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id);
COMMENT ON COLUMN suppressions.reason IS 'blocked: by staff, who alone can lift it.';
CREATE INDEX suppressions_by_time ON suppressions (organization_id, created_at DESC, id DESC);

ALTER TABLE senders
    ADD COLUMN archived_at timestamptz,
    ADD COLUMN version     bigint NOT NULL DEFAULT 1;
COMMENT ON COLUMN senders.archived_at IS 'Removed by staff, but conversations name it. Texts to it are still taken in; none begins from it.';
GRANT DELETE ON senders TO frontdesk_app;
CREATE INDEX senders_by_created ON senders (organization_id, created_at, id);

ALTER TABLE conversations
    ADD COLUMN archived_at  timestamptz,
    ADD COLUMN assigned     boolean NOT NULL DEFAULT false,
    ADD COLUMN edit_version bigint NOT NULL DEFAULT 1,
    ADD COLUMN heard_at     timestamptz;
COMMENT ON COLUMN conversations.archived_at IS 'Put away by staff; the next text brings it back.';
COMMENT ON COLUMN conversations.assigned IS 'assignee_id was set by hand: it stays when the assistant answers again.';
COMMENT ON COLUMN conversations.edit_version IS 'Grows with each change by staff; version grows with each text too.';
COMMENT ON COLUMN conversations.heard_at IS 'The contact''s first text in it; null where so far only we wrote.';
UPDATE conversations SET heard_at = created_at;
CREATE INDEX conversations_by_created ON conversations (organization_id, created_at DESC, id DESC);
CREATE INDEX conversations_by_assignee ON conversations (organization_id, assignee_id, updated_at DESC, id DESC) WHERE assignee_id IS NOT NULL;

-- Whoever wrote on a second channel consented there too: until now only the first was noted.
INSERT INTO consent_events (organization_id, id, contact_id, channel, action, tier, method, message_id, at)
    SELECT DISTINCT ON (m.organization_id, m.contact_id, m.channel)
           m.organization_id, gen_random_uuid(), m.contact_id, m.channel, 'granted', 'implied', 'inbound_message', m.id, m.created_at
    FROM messages m
    WHERE m.direction = 'inbound' AND NOT EXISTS (
        SELECT FROM consent_events e WHERE e.organization_id = m.organization_id AND e.contact_id = m.contact_id
           AND e.channel = m.channel AND e.method = 'inbound_message')
    ORDER BY m.organization_id, m.contact_id, m.channel, m.id;

ALTER TABLE messages ADD COLUMN by_program boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN messages.by_program IS 'Written by a program with a key that did not take the conversation over.';
-- Lists are ordered by time, ties by id.
DROP INDEX messages_by_contact, messages_by_conversation;
CREATE INDEX messages_by_contact ON messages (organization_id, contact_id, created_at DESC, id DESC);
CREATE INDEX messages_by_conversation ON messages (organization_id, conversation_id, created_at DESC, id DESC);
CREATE INDEX messages_by_time ON messages (organization_id, created_at DESC, id DESC);
