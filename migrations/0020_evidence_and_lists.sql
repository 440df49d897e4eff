-- Consent as evidence: what was disclosed, where it came from, and a chain that shows later changes. And what keeps numbers from being
-- texted: imported lists, numbers that no carrier reaches, and the installation's own list.

CREATE TABLE disclosures (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    program         text NOT NULL,
    version         integer NOT NULL,
    seller          text NOT NULL,
    purpose         text NOT NULL CHECK (purpose IN ('conversational', 'transactional', 'marketing')),
    wording         text NOT NULL,
    sha256          text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    user_id         uuid,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id),
    CONSTRAINT disclosures_version_key UNIQUE (organization_id, program, version),
    CONSTRAINT disclosures_sha256_key UNIQUE (organization_id, id, sha256)
);
CREATE INDEX disclosures_by_time ON disclosures (organization_id, created_at DESC, id DESC);
COMMENT ON TABLE disclosures IS 'What people are told when they agree to texts (47 CFR 64.1200(f)(9)). Rows are never changed: another wording is another version.';
COMMENT ON COLUMN disclosures.program IS 'The programme that the texts are of. Versions are counted per programme.';
COMMENT ON COLUMN disclosures.seller IS 'In whose name the texts are sent.';
COMMENT ON COLUMN disclosures.wording IS 'The exact text, to the last space.';
COMMENT ON COLUMN disclosures.sha256 IS 'Of the wording in UTF-8, in hexadecimal.';

ALTER TABLE consent_events DROP CONSTRAINT consent_events_method_check;
ALTER TABLE consent_events
    ADD CONSTRAINT consent_events_method_check CHECK (method IN
        ('inbound_message', 'keyword', 'free_text', 'staff_review', 'review_expired',
         'staff_recorded', 'web_form', 'paper', 'verbal', 'api', 'import')),
    ADD COLUMN given_at                 timestamptz,
    ADD COLUMN zone                     text,
    ADD COLUMN disclosure_id            uuid,
    ADD COLUMN disclosure_sha256        text,
    ADD COLUMN source                   text,
    ADD COLUMN page_url                 text,
    ADD COLUMN ip                       text,
    ADD COLUMN user_agent               text,
    ADD COLUMN double_opt_in_message_id uuid,
    ADD COLUMN api_key_id               uuid,
    ADD COLUMN seq                      integer,
    ADD COLUMN prev_hash                text,
    ADD COLUMN hash                     text,
    ADD FOREIGN KEY (organization_id, disclosure_id, disclosure_sha256) REFERENCES disclosures (organization_id, id, sha256),
    ADD CONSTRAINT consent_events_disclosure_check CHECK ((disclosure_id IS NULL) = (disclosure_sha256 IS NULL));

-- What of a line is hashed. Whoever adds a column that proves something adds it here, under a new v, for new lines only.
CREATE FUNCTION consent_line(e consent_events) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'v', 1, 'organization_id', e.organization_id, 'contact_id', e.contact_id, 'id', e.id, 'seq', e.seq,
        'action', e.action, 'tier', e.tier, 'channel', e.channel, 'purpose', e.purpose, 'method', e.method, 'evidence', e.evidence,
        'message_id', e.message_id, 'double_opt_in_message_id', e.double_opt_in_message_id,
        'disclosure_id', e.disclosure_id, 'disclosure_sha256', e.disclosure_sha256,
        'source', e.source, 'page_url', e.page_url, 'ip', e.ip, 'user_agent', e.user_agent,
        'user_id', e.user_id, 'api_key_id', e.api_key_id, 'zone', e.zone,
        'given_at', to_char(e.given_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        'at', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')))::text
$$;
COMMENT ON FUNCTION consent_line IS 'The text of a line of the consent ledger that its hash is taken of: SHA-256 of the previous hash, a line feed, and this.';

-- Lines from before have their place in the chain from today on.
UPDATE consent_events e SET given_at = e.at, seq = n.seq
    FROM (SELECT organization_id, id, row_number() OVER (PARTITION BY organization_id, contact_id ORDER BY at, id) AS seq
          FROM consent_events) n
    WHERE n.organization_id = e.organization_id AND n.id = e.id;
DO $$
DECLARE
    one consent_events;
    last text;
BEGIN
    FOR one IN SELECT * FROM consent_events ORDER BY organization_id, contact_id, seq LOOP
        last := CASE WHEN one.seq = 1 THEN NULL ELSE last END;
        UPDATE consent_events
            SET prev_hash = last, hash = encode(sha256(convert_to(COALESCE(last, '') || E'\n' || consent_line(one), 'UTF8')), 'hex')
            WHERE organization_id = one.organization_id AND id = one.id
            RETURNING hash INTO last;
    END LOOP;
END $$;

ALTER TABLE consent_events
    ALTER COLUMN given_at SET NOT NULL,
    ALTER COLUMN seq SET NOT NULL,
    ALTER COLUMN hash SET NOT NULL,
    ADD CONSTRAINT consent_events_chain_key UNIQUE (organization_id, contact_id, seq);
COMMENT ON COLUMN consent_events.at IS 'When the line was written.';
COMMENT ON COLUMN consent_events.given_at IS 'When consent was given or taken back: before at, where it was recorded later.';
COMMENT ON COLUMN consent_events.zone IS 'The contact''s zone, IANA: what given_at was on their clock.';
COMMENT ON COLUMN consent_events.source IS 'Where it came from: a form, a folder, a list.';
COMMENT ON COLUMN consent_events.page_url IS 'Of a web form.';
COMMENT ON COLUMN consent_events.double_opt_in_message_id IS 'The text by which they confirmed it.';
COMMENT ON COLUMN consent_events.api_key_id IS 'The key of the program that recorded it.';
COMMENT ON COLUMN consent_events.seq IS 'The contact''s first line is 1.';
COMMENT ON COLUMN consent_events.hash IS 'SHA-256 of prev_hash, a line feed and consent_line(), in hexadecimal: a line that is changed, taken out or put in later breaks all that follow.';

CREATE FUNCTION chain_consent() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_seq integer;
    last_hash text;
BEGIN
    SELECT seq, hash INTO last_seq, last_hash FROM consent_events
        WHERE organization_id = NEW.organization_id AND contact_id = NEW.contact_id ORDER BY seq DESC LIMIT 1;
    NEW.given_at := COALESCE(NEW.given_at, NEW.at);
    NEW.seq := COALESCE(last_seq, 0) + 1;
    NEW.prev_hash := last_hash;
    NEW.hash := encode(sha256(convert_to(COALESCE(last_hash, '') || E'\n' || consent_line(NEW), 'UTF8')), 'hex');
    RETURN NEW;
END $$;
CREATE TRIGGER consent_events_chain BEFORE INSERT ON consent_events FOR EACH ROW EXECUTE FUNCTION chain_consent();

-- The tenants' role has no leave to change a line; nobody else has either. Erasing a person takes all their lines out.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER consent_events_unchanged BEFORE UPDATE ON consent_events FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER disclosures_unchanged BEFORE UPDATE ON disclosures FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE suppression_batches (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    note            text NOT NULL,
    added           integer NOT NULL,
    expires_at      timestamptz,
    user_id         uuid,
    created_at      timestamptz NOT NULL,
    undone_at       timestamptz,
    undone_by       uuid,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, user_id) REFERENCES memberships (organization_id, user_id),
    FOREIGN KEY (organization_id, undone_by) REFERENCES memberships (organization_id, user_id)
);
CREATE INDEX suppression_batches_by_time ON suppression_batches (organization_id, created_at DESC, id DESC);
COMMENT ON TABLE suppression_batches IS 'Imported lists of numbers that are not texted.';
COMMENT ON COLUMN suppression_batches.added IS 'How many numbers it put on the block list.';

ALTER TABLE suppressions DROP CONSTRAINT suppressions_reason_check;
ALTER TABLE suppressions
    ADD CONSTRAINT suppressions_reason_check CHECK (reason IN
        ('opted_out', 'carrier_opted_out', 'under_review', 'blocked', 'do_not_call', 'bad_number')),
    ADD COLUMN expires_at timestamptz,
    ADD COLUMN channel    text CHECK (channel IN ('sms', 'whatsapp', 'web', 'simulator')),
    ADD COLUMN error_code text,
    ADD COLUMN batch_id   uuid,
    ADD FOREIGN KEY (organization_id, batch_id) REFERENCES suppression_batches (organization_id, id);
COMMENT ON COLUMN suppressions.reason IS 'blocked and do_not_call: by staff, who alone can lift it. bad_number: the carrier reaches nobody there; lifted by staff, or by a text from it.';
COMMENT ON COLUMN suppressions.expires_at IS 'From then on it blocks nothing; null: never.';
COMMENT ON COLUMN suppressions.channel IS 'Set when only that channel is blocked; null blocks all.';
COMMENT ON COLUMN suppressions.error_code IS 'The provider''s code that it was learned from.';
COMMENT ON COLUMN suppressions.batch_id IS 'The list it came with.';

DROP INDEX suppressions_active, suppressions_active_hash;
CREATE UNIQUE INDEX suppressions_active ON suppressions
    (organization_id, phone_number, COALESCE(sender_id, '00000000-0000-0000-0000-000000000000'::uuid), reason, COALESCE(channel, ''))
    WHERE lifted_at IS NULL;
CREATE UNIQUE INDEX suppressions_active_hash ON suppressions
    (organization_id, number_hash, COALESCE(sender_id, '00000000-0000-0000-0000-000000000000'::uuid), reason, COALESCE(channel, ''))
    WHERE lifted_at IS NULL AND number_hash IS NOT NULL;
CREATE INDEX suppressions_by_batch ON suppressions (organization_id, batch_id) WHERE batch_id IS NOT NULL;

CREATE TABLE installation_suppressions (
    id            uuid PRIMARY KEY,
    phone_number  text NOT NULL CHECK (phone_number ~ '^\+[1-9][0-9]{6,14}$'),
    number_sha256 text NOT NULL CHECK (number_sha256 ~ '^[0-9a-f]{64}$'),
    note          text NOT NULL,
    created_by    text NOT NULL,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz,
    lifted_at     timestamptz,
    lifted_by     text
);
CREATE UNIQUE INDEX installation_suppressions_active ON installation_suppressions (number_sha256) WHERE lifted_at IS NULL;
CREATE INDEX installation_suppressions_by_time ON installation_suppressions (created_at DESC, id DESC);
COMMENT ON TABLE installation_suppressions IS 'Numbers that no organization of the installation may text, kept by superusers.';
COMMENT ON COLUMN installation_suppressions.number_sha256 IS 'All that the tenants'' role can ask by. It keeps the list from being read off, not from being guessed at: there are few phone numbers.';
COMMENT ON COLUMN installation_suppressions.created_by IS 'Display name at that time.';

ALTER TABLE disclosures ENABLE ROW LEVEL SECURITY;
ALTER TABLE suppression_batches ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON disclosures USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON suppression_batches USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT ON disclosures TO frontdesk_app;
GRANT SELECT, INSERT ON suppression_batches TO frontdesk_app;
GRANT UPDATE (undone_at, undone_by) ON suppression_batches TO frontdesk_app;
GRANT SELECT (number_sha256, created_at, expires_at, lifted_at) ON installation_suppressions TO frontdesk_app;
