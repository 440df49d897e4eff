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
-- The row stays locked until the transaction ends, so that nobody moves the clock under its hands. Who is not simulated has no row, and no lock.
CREATE FUNCTION clock_fence(organization uuid, known bigint, moving boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE truth bigint;
BEGIN
    IF moving THEN
        SELECT clock_offset_us INTO truth FROM simulations WHERE organization_id = organization FOR UPDATE;
    ELSE
        SELECT clock_offset_us INTO truth FROM simulations WHERE organization_id = organization FOR SHARE;
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
