-- The calendar as staff keep it: activities that are held first, slots that can be withdrawn or closed, weekly hours that keep making
-- slots, and days on which nothing is open.

-- ---- services and providers

UPDATE services SET kind = 'activity' WHERE capacity > 1 AND kind = 'appointment';
ALTER TABLE services
    ADD COLUMN hold_minutes integer CHECK (hold_minutes BETWEEN 1 AND 43200),
    ADD COLUMN version      bigint NOT NULL DEFAULT 1,
    ADD CONSTRAINT services_appointment CHECK (kind <> 'appointment' OR (capacity = 1 AND hold_minutes IS NULL));
COMMENT ON COLUMN services.hold_minutes IS 'How long a place that staff books waits for its confirmation; null: confirmed at once.';
COMMENT ON CONSTRAINT services_appointment ON services IS 'An appointment is for one contact and confirmed at once; everything else is an activity.';

ALTER TABLE providers ADD COLUMN version bigint NOT NULL DEFAULT 1;
GRANT DELETE ON services, providers TO frontdesk_app;

-- ---- weekly hours and closed days

CREATE TABLE availability_rules (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    service_id      uuid NOT NULL,
    provider_id     uuid NOT NULL,
    weekdays        smallint[] NOT NULL CHECK (cardinality(weekdays) BETWEEN 1 AND 7 AND weekdays <@ '{1,2,3,4,5,6,7}'),
    from_minute     integer NOT NULL CHECK (from_minute BETWEEN 0 AND 1439),
    to_minute       integer NOT NULL CHECK (to_minute BETWEEN 1 AND 1440),
    valid_from      date NOT NULL,
    valid_to        date,
    horizon_days    integer NOT NULL CHECK (horizon_days BETWEEN 1 AND 366),
    active          boolean NOT NULL DEFAULT true,
    made_through    date,
    version         bigint NOT NULL DEFAULT 1,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, service_id) REFERENCES services (organization_id, id),
    FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, id),
    CONSTRAINT availability_rules_hours CHECK (to_minute > from_minute),
    CONSTRAINT availability_rules_dates CHECK (valid_to >= valid_from)
);
CREATE INDEX availability_rules_by_time ON availability_rules (organization_id, created_at, id);
CREATE INDEX availability_rules_due ON availability_rules (made_through) WHERE active;
COMMENT ON TABLE availability_rules IS 'Weekly hours of a provider for a service. A job keeps horizon_days of slots made ahead.';
COMMENT ON COLUMN availability_rules.weekdays IS 'ISO: 1 is Monday.';
COMMENT ON COLUMN availability_rules.from_minute IS 'Minutes after midnight on the wall clock of the provider''s zone; so is to_minute, where 1440 is the next midnight.';
COMMENT ON COLUMN availability_rules.made_through IS 'Last day for which slots were made: a slot that staff removed before it is not made again.';

CREATE TABLE closed_days (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    provider_id     uuid,
    from_date       date NOT NULL,
    to_date         date NOT NULL,
    reason          text,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, id),
    CONSTRAINT closed_days_dates CHECK (to_date >= from_date)
);
CREATE INDEX closed_days_by_date ON closed_days (organization_id, from_date, id);
COMMENT ON TABLE closed_days IS 'Days on which a provider, or everybody, offers nothing. Bookings that are there stay; staff moves them.';
COMMENT ON COLUMN closed_days.provider_id IS 'Null: the whole organization is closed.';

ALTER TABLE availability_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE closed_days ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON availability_rules USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON closed_days USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON availability_rules, closed_days TO frontdesk_app;

-- ---- slots

ALTER TABLE slots
    ADD COLUMN rule_id      uuid,
    ADD COLUMN closed       boolean NOT NULL DEFAULT false,
    ADD COLUMN withdrawn_at timestamptz,
    ADD COLUMN ever_taken   boolean NOT NULL DEFAULT false,
    ADD COLUMN version      bigint NOT NULL DEFAULT 1,
    ADD CONSTRAINT slots_withdrawn_free CHECK (withdrawn_at IS NULL OR taken = 0);
UPDATE slots s SET ever_taken = true
    WHERE EXISTS (SELECT FROM bookings b WHERE b.organization_id = s.organization_id AND b.slot_id = s.id)
       OR EXISTS (SELECT FROM booking_events e WHERE e.organization_id = s.organization_id AND s.id IN (e.from_slot_id, e.to_slot_id));
CREATE INDEX slots_by_rule ON slots (organization_id, rule_id, start_time) WHERE rule_id IS NOT NULL;
CREATE INDEX slots_by_service ON slots (organization_id, service_id, start_time);
GRANT DELETE ON slots TO frontdesk_app;
COMMENT ON COLUMN slots.rule_id IS 'The weekly hours that made it; it goes with them as long as nobody has it. No foreign key: it may outlive them.';
COMMENT ON COLUMN slots.closed IS 'Lies on a closed day: not offered, whoever had it keeps it.';
COMMENT ON COLUMN slots.withdrawn_at IS 'Removed by staff, but part of some booking''s history: it is shown nowhere else.';
COMMENT ON COLUMN slots.ever_taken IS 'A booking or its history points here: the row is withdrawn instead of deleted.';

-- What keeps a provider from taking a slot: other slots they are busy with, during it or its buffer. In one place, because four
-- queries ask it. Postgres puts the body into each of them, so it stays a look-up in an index (OFFSET 0 sees to that).
CREATE FUNCTION provider_conflicts(organization uuid, provider uuid, slot uuid, starts timestamptz, ends timestamptz, buffer integer)
RETURNS TABLE (slot_id uuid) LANGUAGE sql STABLE AS $$
    SELECT b.slot_id FROM provider_busy b
    WHERE b.organization_id = organization AND b.provider_id = provider AND b.slot_id <> slot
      AND b.busy_from < ends + make_interval(mins => buffer) AND b.busy_until > starts
      AND b.busy_from > starts - interval '2 days'
    OFFSET 0
$$;

-- ---- bookings

ALTER TABLE bookings
    ADD COLUMN held_until timestamptz,
    ADD COLUMN note       text,
    ADD COLUMN version    bigint NOT NULL DEFAULT 1,
    ADD CONSTRAINT bookings_held CHECK (status <> 'held' OR held_until IS NOT NULL);
CREATE INDEX bookings_by_time ON bookings (organization_id, created_at, id);
COMMENT ON COLUMN bookings.held_until IS 'Until when the place waits for its confirmation.';
COMMENT ON COLUMN bookings.note IS 'Of staff, for staff. Never sent.';

ALTER TABLE booking_events
    DROP CONSTRAINT booking_events_kind_check,
    ADD CONSTRAINT booking_events_kind_check CHECK (kind IN
        ('booked', 'held', 'confirmed', 'rescheduled', 'cancelled', 'completed', 'no_show', 'reopened', 'expired')),
    ADD COLUMN actor_name text;
COMMENT ON COLUMN booking_events.actor_name IS 'Who of the staff, as they were called then.';
