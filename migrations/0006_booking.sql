-- What can be booked, when, with whom, and who has it.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE services (
    organization_id  uuid NOT NULL REFERENCES organizations (id),
    id               uuid NOT NULL,
    name             text NOT NULL,
    description      text,
    kind             text NOT NULL DEFAULT 'appointment' CHECK (kind IN ('appointment', 'activity')),
    duration_minutes integer NOT NULL CHECK (duration_minutes BETWEEN 5 AND 1440),
    buffer_minutes   integer NOT NULL DEFAULT 0 CHECK (buffer_minutes BETWEEN 0 AND 480),
    capacity         integer NOT NULL DEFAULT 1 CHECK (capacity >= 1),
    position         integer NOT NULL DEFAULT 0,
    active           boolean NOT NULL DEFAULT true,
    created_at       timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX services_name_key ON services (organization_id, lower(name));
COMMENT ON COLUMN services.buffer_minutes IS 'Minutes the provider stays busy after the end.';
COMMENT ON COLUMN services.position IS 'Order; the first active service is offered when a contact names none.';

CREATE TABLE providers (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    name            text NOT NULL,
    timezone        text NOT NULL,
    active          boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
CREATE UNIQUE INDEX providers_name_key ON providers (organization_id, lower(name));
COMMENT ON TABLE providers IS 'The person or room that offers a service.';

CREATE TABLE slots (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    service_id      uuid NOT NULL,
    provider_id     uuid NOT NULL,
    start_time      timestamptz NOT NULL,
    end_time        timestamptz NOT NULL,
    buffer_minutes  integer NOT NULL DEFAULT 0,
    capacity        integer NOT NULL CHECK (capacity >= 1),
    taken           integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, service_id) REFERENCES services (organization_id, id),
    FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, id),
    CONSTRAINT slots_times CHECK (end_time > start_time AND end_time <= start_time + interval '24 hours'),
    CONSTRAINT slots_buffer CHECK (buffer_minutes BETWEEN 0 AND 480),
    CONSTRAINT slots_capacity CHECK (taken >= 0 AND taken <= capacity),
    CONSTRAINT slots_once UNIQUE (organization_id, service_id, provider_id, start_time)
) WITH (fillfactor = 80);
CREATE INDEX slots_by_start ON slots (organization_id, start_time, id);
COMMENT ON TABLE slots IS 'One bookable time of a service with a provider.';
COMMENT ON CONSTRAINT slots_capacity ON slots IS 'The floor under the promise of no double booking; code locks the row before it counts.';

CREATE TABLE provider_busy (
    organization_id uuid NOT NULL,
    provider_id     uuid NOT NULL,
    slot_id         uuid NOT NULL,
    during          tstzrange NOT NULL,
    busy_from       timestamptz NOT NULL GENERATED ALWAYS AS (lower(during)) STORED,
    busy_until      timestamptz NOT NULL GENERATED ALWAYS AS (upper(during)) STORED,
    PRIMARY KEY (organization_id, slot_id),
    FOREIGN KEY (organization_id, provider_id) REFERENCES providers (organization_id, id),
    FOREIGN KEY (organization_id, slot_id) REFERENCES slots (organization_id, id),
    CONSTRAINT provider_busy_once EXCLUDE USING gist (organization_id WITH =, provider_id WITH =, during WITH &&)
);
CREATE INDEX provider_busy_by_time ON provider_busy (organization_id, provider_id, busy_from, busy_until);
COMMENT ON COLUMN provider_busy.busy_from IS 'The ends of during again: under row-level security only leakproof comparisons reach an index, and those of ranges are not.';
COMMENT ON TABLE provider_busy IS 'One row per slot with at least one booking: start to end plus buffer. A provider cannot be in two of them at once, whatever the service.';

CREATE TABLE bookings (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    contact_id      uuid NOT NULL,
    slot_id         uuid NOT NULL,
    status          text NOT NULL CHECK (status IN ('held', 'confirmed', 'cancelled', 'completed', 'no_show', 'expired')),
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    cancelled_at    timestamptz,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id),
    FOREIGN KEY (organization_id, slot_id) REFERENCES slots (organization_id, id)
);
CREATE INDEX bookings_by_contact ON bookings (organization_id, contact_id, id DESC);
CREATE INDEX bookings_by_slot ON bookings (organization_id, slot_id) WHERE status IN ('held', 'confirmed');
CREATE UNIQUE INDEX bookings_one_seat ON bookings (organization_id, slot_id, contact_id) WHERE status IN ('held', 'confirmed');
COMMENT ON TABLE bookings IS 'A contact''s claim on a slot. Rescheduling moves the row to another slot; booking_events keeps where it was.';

CREATE TABLE booking_events (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    booking_id      uuid NOT NULL,
    kind            text NOT NULL CHECK (kind IN ('booked', 'cancelled', 'rescheduled')),
    from_slot_id    uuid,
    to_slot_id      uuid,
    actor           text NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, booking_id) REFERENCES bookings (organization_id, id)
);
CREATE INDEX booking_events_by_booking ON booking_events (organization_id, booking_id, id);
CREATE INDEX booking_events_by_time ON booking_events (organization_id, at);
COMMENT ON TABLE booking_events IS 'What happened to a booking, append-only.';
COMMENT ON COLUMN booking_events.actor IS 'contact, staff or system.';

ALTER TABLE services ENABLE ROW LEVEL SECURITY;
ALTER TABLE providers ENABLE ROW LEVEL SECURITY;
ALTER TABLE slots ENABLE ROW LEVEL SECURITY;
ALTER TABLE provider_busy ENABLE ROW LEVEL SECURITY;
ALTER TABLE bookings ENABLE ROW LEVEL SECURITY;
ALTER TABLE booking_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON services USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON providers USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON slots USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON provider_busy USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON bookings USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON booking_events USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE ON services, providers, slots, bookings TO frontdesk_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON provider_busy TO frontdesk_app;
GRANT SELECT, INSERT ON booking_events TO frontdesk_app;
