-- Simulation mode: an organization whose time can be set, and whose carrier can be told to fail.

CREATE TABLE simulations (
    organization_id uuid PRIMARY KEY REFERENCES organizations (id),
    clock_offset_us bigint NOT NULL DEFAULT 0 CHECK (abs(clock_offset_us) <= 400 * 86400000000),
    started_at      timestamptz NOT NULL,
    moved_at        timestamptz
);
COMMENT ON TABLE simulations IS 'Organizations in simulation mode. They own no sender but the simulator.';
COMMENT ON COLUMN simulations.clock_offset_us IS 'Microseconds by which the organization''s clock is ahead of the machine''s. At most 400 days either way.';
COMMENT ON COLUMN simulations.started_at IS 'By the machine''s clock, as is moved_at.';
ALTER TABLE simulations ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON simulations USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON simulations TO frontdesk_app;

-- Runs as the first statement of every transaction of a tenant, in the same round trip as BEGIN (src/platform/simulation.rs). A process
-- says which offset it knows; when that is not the truth, the transaction fails before it begins, and the error tells the truth.
-- A lock is held until the transaction ends, so that nobody moves the clock under its hands; whoever moves it waits in a fair queue, which
-- a row lock would not be. Who is not simulated has no row, and no lock.
CREATE FUNCTION clock_fence(organization uuid, known bigint, moving boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE truth bigint;
BEGIN
    SELECT clock_offset_us INTO truth FROM simulations WHERE organization_id = organization;
    IF FOUND THEN
        IF moving THEN
            PERFORM pg_advisory_xact_lock(hashtextextended('clock ' || organization, 0));
        ELSE
            PERFORM pg_advisory_xact_lock_shared(hashtextextended('clock ' || organization, 0));
        END IF;
        SELECT clock_offset_us INTO truth FROM simulations WHERE organization_id = organization;
    END IF;
    IF truth IS DISTINCT FROM known THEN
        RAISE EXCEPTION USING ERRCODE = 'FDCLK', MESSAGE = coalesce(truth::text, 'none');
    END IF;
END $$;
COMMENT ON FUNCTION clock_fence IS 'Fails with FDCLK and the true offset ("none" outside simulation mode) when it is not the one the caller knows.';

-- Simulation mode and real senders shut each other out, whoever comes first. Starting it takes the same lock (src/messaging/store/simulation.rs).
CREATE FUNCTION no_real_sender_in_simulation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('simulation ' || NEW.organization_id, 0));
    IF EXISTS (SELECT FROM simulations WHERE organization_id = NEW.organization_id) THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'senders_none_in_simulation',
            MESSAGE = 'the organization is in simulation mode';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER senders_none_in_simulation BEFORE INSERT ON senders
    FOR EACH ROW WHEN (NEW.channel <> 'simulator') EXECUTE FUNCTION no_real_sender_in_simulation();

CREATE TABLE simulator_faults (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    kind            text NOT NULL,
    error_code      text,
    after_seconds   integer,
    contact_id      uuid,
    times_left      integer CHECK (times_left >= 0),
    chance_percent  smallint NOT NULL CHECK (chance_percent BETWEEN 1 AND 100),
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id) ON DELETE CASCADE
);
COMMENT ON TABLE simulator_faults IS 'What the simulated carrier is to do wrong. The first that fits a text happens to it; they go with simulation mode.';
COMMENT ON COLUMN simulator_faults.contact_id IS 'Only to texts for this contact; null: for everybody.';
COMMENT ON COLUMN simulator_faults.times_left IS 'How many texts it still happens to; null: until it is removed.';

CREATE TABLE simulated_events (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    message_id      uuid NOT NULL,
    what            text NOT NULL CHECK (what IN ('taken', 'refused', 'lost', 'report')),
    fault           text,
    provider_sid    text,
    status          text,
    error_code      text,
    due_at          timestamptz NOT NULL,
    happened_at     timestamptz,
    effect          text CHECK (effect IN ('applied', 'nothing_new', 'withheld')),
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, message_id) REFERENCES messages (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX simulated_events_by_message ON simulated_events (organization_id, message_id, id);
COMMENT ON TABLE simulated_events IS 'What the simulated carrier did with each text, and will: taking it, refusing it, losing it, reporting on it.';
COMMENT ON COLUMN simulated_events.due_at IS 'By the organization''s clock, as happened_at is.';
COMMENT ON COLUMN simulated_events.effect IS 'Of a report: whether it moved the text forward; withheld: it is never sent.';

ALTER TABLE simulator_faults ENABLE ROW LEVEL SECURITY;
ALTER TABLE simulated_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON simulator_faults USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON simulated_events USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON simulator_faults TO frontdesk_app;
GRANT SELECT, INSERT, UPDATE ON simulated_events TO frontdesk_app;
