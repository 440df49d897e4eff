-- Saved filters over contacts, and what they ask that no row of a contact says: tags found by an index, and what somebody did last.

CREATE TABLE segments (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    name            text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    filter          jsonb NOT NULL CHECK (jsonb_typeof(filter) = 'object'),
    archived_at     timestamptz,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE INDEX segments_by_name ON segments (organization_id, lower(name), id);
CREATE INDEX segments_by_created ON segments (organization_id, created_at DESC, id DESC);
CREATE INDEX segments_by_updated ON segments (organization_id, updated_at DESC, id DESC);
COMMENT ON TABLE segments IS 'Saved filters over contacts.';
COMMENT ON COLUMN segments.filter IS 'In the language of src/contacts/segments: all, any, not, and conditions of field, op and value.';
COMMENT ON COLUMN segments.archived_at IS 'Put away by staff; what was made of it keeps it.';

ALTER TABLE segments ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON segments USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON segments TO frontdesk_app;

-- ---- tags by an index

-- Under row-level security only leakproof comparisons reach an index, and those of arrays are not: the index on contacts.tags was never used.
DROP INDEX contacts_by_tag;
CREATE TABLE contact_tags (
    organization_id uuid NOT NULL,
    tag             text COLLATE "C" NOT NULL,
    contact_id      uuid NOT NULL,
    PRIMARY KEY (organization_id, tag, contact_id)
);
COMMENT ON TABLE contact_tags IS 'contacts.tags again, to find contacts by. Kept by triggers on contacts; no foreign key: they write it with the contact''s row.';
INSERT INTO contact_tags SELECT DISTINCT c.organization_id, t.tag, c.id FROM contacts c, unnest(c.tags) AS t (tag);
ALTER TABLE contact_tags ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contact_tags USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, DELETE ON contact_tags TO frontdesk_app;

-- Whoever writes here has the contact's row locked, so that nobody waits for these rows.
CREATE FUNCTION index_new_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A text comes by here too, as an insert that finds its contact.
    IF EXISTS (SELECT FROM new_rows WHERE tags <> '{}') THEN
        INSERT INTO contact_tags SELECT n.organization_id, t.tag, n.id FROM new_rows n, unnest(n.tags) AS t (tag) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER contacts_tags_new AFTER INSERT ON contacts REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION index_new_tags();
CREATE FUNCTION index_changed_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM contact_tags WHERE organization_id = OLD.organization_id AND tag = ANY (OLD.tags) AND contact_id = OLD.id;
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO contact_tags SELECT NEW.organization_id, t.tag, NEW.id FROM unnest(NEW.tags) AS t (tag) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER contacts_tags_changed AFTER UPDATE OF tags ON contacts FOR EACH ROW
    WHEN (OLD.tags IS DISTINCT FROM NEW.tags) EXECUTE FUNCTION index_changed_tags();
CREATE TRIGGER contacts_tags_gone AFTER DELETE ON contacts FOR EACH ROW
    WHEN (OLD.tags <> '{}') EXECUTE FUNCTION index_changed_tags();

CREATE INDEX contacts_by_postal_code ON contacts (organization_id, postal_code COLLATE "C") WHERE postal_code IS NOT NULL;

-- ---- what somebody did last

CREATE TABLE contact_activity (
    organization_id   uuid NOT NULL,
    contact_id        uuid NOT NULL,
    last_texted_at    timestamptz,
    last_booked_at    timestamptz,
    last_visit_at     timestamptz,
    last_no_show_at   timestamptz,
    last_cancelled_at timestamptz,
    last_clicked_at   timestamptz,
    bookings          integer NOT NULL DEFAULT 0,
    visits            integer NOT NULL DEFAULT 0,
    no_shows          integer NOT NULL DEFAULT 0,
    cancellations     integer NOT NULL DEFAULT 0,
    clicks            integer NOT NULL DEFAULT 0,
    PRIMARY KEY (organization_id, contact_id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id) ON DELETE CASCADE
) WITH (fillfactor = 70);
-- Not of last_texted_at: it changes with every text, and a change of an indexed column is a row anew.
CREATE INDEX contact_activity_booked ON contact_activity (organization_id, last_booked_at) WHERE last_booked_at IS NOT NULL;
CREATE INDEX contact_activity_visit ON contact_activity (organization_id, last_visit_at) WHERE last_visit_at IS NOT NULL;
CREATE INDEX contact_activity_no_show ON contact_activity (organization_id, last_no_show_at) WHERE last_no_show_at IS NOT NULL;
CREATE INDEX contact_activity_cancelled ON contact_activity (organization_id, last_cancelled_at) WHERE last_cancelled_at IS NOT NULL;
CREATE INDEX contact_activity_clicked ON contact_activity (organization_id, last_clicked_at) WHERE last_clicked_at IS NOT NULL;
COMMENT ON TABLE contact_activity IS 'What a contact did last, and how often, for segments; no row: nothing. Kept by triggers on messages and bookings. When they were last heard is in contacts.';
COMMENT ON COLUMN contact_activity.last_texted_at IS 'When the provider last took a text of ours for them.';
COMMENT ON COLUMN contact_activity.last_booked_at IS 'Of held places and those that expired nothing is counted.';
COMMENT ON COLUMN contact_activity.last_visit_at IS 'The beginning of the latest appointment that was kept; last_no_show_at: of one that was not.';
COMMENT ON COLUMN contact_activity.clicks IS 'By people, each link at most once in a minute; last_clicked_at too.';

INSERT INTO contact_activity (organization_id, contact_id, last_texted_at)
    SELECT organization_id, contact_id, max(sent_at) FROM messages
    WHERE direction = 'outbound' AND sent_at IS NOT NULL GROUP BY organization_id, contact_id;
INSERT INTO contact_activity AS a (organization_id, contact_id, last_booked_at, last_visit_at, last_no_show_at, last_cancelled_at,
                                   bookings, visits, no_shows, cancellations)
    SELECT b.organization_id, b.contact_id, max(b.created_at),
           max(s.start_time) FILTER (WHERE b.status = 'completed'), max(s.start_time) FILTER (WHERE b.status = 'no_show'),
           max(b.cancelled_at) FILTER (WHERE b.status = 'cancelled'),
           count(*), count(*) FILTER (WHERE b.status = 'completed'), count(*) FILTER (WHERE b.status = 'no_show'),
           count(*) FILTER (WHERE b.status = 'cancelled')
    FROM bookings b JOIN slots s ON s.organization_id = b.organization_id AND s.id = b.slot_id
    WHERE b.status NOT IN ('held', 'expired') GROUP BY b.organization_id, b.contact_id
    ON CONFLICT (organization_id, contact_id) DO UPDATE SET
        last_booked_at = EXCLUDED.last_booked_at, last_visit_at = EXCLUDED.last_visit_at, last_no_show_at = EXCLUDED.last_no_show_at,
        last_cancelled_at = EXCLUDED.last_cancelled_at, bookings = EXCLUDED.bookings, visits = EXCLUDED.visits,
        no_shows = EXCLUDED.no_shows, cancellations = EXCLUDED.cancellations;

ALTER TABLE contact_activity ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contact_activity USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON contact_activity TO frontdesk_app;

-- Once a statement, whether it is about one text or about hundreds, and in the order of the contacts: two campaigns that text the same
-- people wait for each other, and never in a circle. A text that is taken in (an insert) costs nothing here.
CREATE FUNCTION note_texted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Most changes of a text are none of its leaving.
    IF NOT EXISTS (SELECT FROM new_rows WHERE direction = 'outbound' AND sent_at IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    INSERT INTO contact_activity AS a (organization_id, contact_id, last_texted_at)
    SELECT n.organization_id, n.contact_id, max(n.sent_at)
    FROM new_rows n JOIN old_rows o ON o.organization_id = n.organization_id AND o.id = n.id
    WHERE n.direction = 'outbound' AND n.sent_at IS NOT NULL AND (o.sent_at IS NULL OR o.contact_id <> n.contact_id)
    GROUP BY n.organization_id, n.contact_id ORDER BY n.organization_id, n.contact_id
    ON CONFLICT (organization_id, contact_id) DO UPDATE SET last_texted_at = EXCLUDED.last_texted_at
        WHERE a.last_texted_at IS NULL OR a.last_texted_at < EXCLUDED.last_texted_at;
    RETURN NULL;
END $$;
CREATE TRIGGER messages_note_texted AFTER UPDATE ON messages REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_texted();

-- Counted anew of the contact's bookings, which are few, after their row is locked: so they come out right whatever is changed back.
CREATE FUNCTION note_booked(organizations uuid[], contacts uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO contact_activity (organization_id, contact_id)
        SELECT DISTINCT of.organization, of.contact FROM unnest(organizations, contacts) AS of (organization, contact)
        ORDER BY of.organization, of.contact
        ON CONFLICT DO NOTHING;
    PERFORM FROM contact_activity a
        WHERE (a.organization_id, a.contact_id) IN (SELECT * FROM unnest(organizations, contacts))
        ORDER BY a.organization_id, a.contact_id FOR NO KEY UPDATE;
    UPDATE contact_activity a SET
        last_booked_at = now.booked_at, last_visit_at = now.visit_at, last_no_show_at = now.no_show_at, last_cancelled_at = now.cancelled_at,
        bookings = now.bookings, visits = now.visits, no_shows = now.no_shows, cancellations = now.cancellations
    FROM (SELECT of.organization, of.contact, max(b.created_at) AS booked_at,
                 max(s.start_time) FILTER (WHERE b.status = 'completed') AS visit_at,
                 max(s.start_time) FILTER (WHERE b.status = 'no_show') AS no_show_at,
                 max(b.cancelled_at) FILTER (WHERE b.status = 'cancelled') AS cancelled_at,
                 count(b.id) AS bookings, count(b.id) FILTER (WHERE b.status = 'completed') AS visits,
                 count(b.id) FILTER (WHERE b.status = 'no_show') AS no_shows,
                 count(b.id) FILTER (WHERE b.status = 'cancelled') AS cancellations
          FROM (SELECT DISTINCT * FROM unnest(organizations, contacts)) AS of (organization, contact)
          LEFT JOIN bookings b ON b.organization_id = of.organization AND b.contact_id = of.contact AND b.status NOT IN ('held', 'expired')
          LEFT JOIN slots s ON s.organization_id = b.organization_id AND s.id = b.slot_id
          GROUP BY of.organization, of.contact) AS now
    WHERE a.organization_id = now.organization AND a.contact_id = now.contact;
END $$;
CREATE FUNCTION note_new_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_booked(array_agg(n.organization_id), array_agg(n.contact_id))
    FROM new_rows n WHERE n.status NOT IN ('held', 'expired') HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER bookings_note_new AFTER INSERT ON bookings REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_new_bookings();
CREATE FUNCTION note_changed_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM note_booked(array_agg(people.organization_id), array_agg(people.contact_id))
    FROM (SELECT n.organization_id, unnest(ARRAY[o.contact_id, n.contact_id]) AS contact_id
          FROM new_rows n JOIN old_rows o ON o.organization_id = n.organization_id AND o.id = n.id
          WHERE (o.status, o.slot_id, o.contact_id) IS DISTINCT FROM (n.status, n.slot_id, n.contact_id)) AS people
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
CREATE TRIGGER bookings_note_changed AFTER UPDATE ON bookings REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION note_changed_bookings();
