-- Senders that can be paused, how they fare and how fast they may send; and lines in which bulk texts wait their turn.

ALTER TABLE senders
    ADD COLUMN paused_at      timestamptz,
    ADD COLUMN paused_by      text CHECK (paused_by IN ('staff', 'system')),
    ADD COLUMN pause_reason   text,
    ADD COLUMN max_per_second double precision CHECK (max_per_second BETWEEN 0.01 AND 2000),
    ADD COLUMN max_per_day    integer CHECK (max_per_day > 0),
    ADD CONSTRAINT senders_pause_check CHECK ((paused_at IS NULL) = (paused_by IS NULL) AND (paused_at IS NULL) = (pause_reason IS NULL));
COMMENT ON COLUMN senders.paused_at IS 'Nothing leaves from it: what is queued waits until it is resumed.';
COMMENT ON COLUMN senders.paused_by IS 'system: the provider refuses the account or the registration, and every try would be refused.';
COMMENT ON COLUMN senders.max_per_second IS 'Parts of texts (segments) it may send in a second; null: what is usual for its kind.';
COMMENT ON COLUMN senders.max_per_day IS 'Segments from midnight to midnight Pacific time, as T-Mobile counts a brand''s; null: no cap.';

CREATE TABLE sender_hours (
    organization_id uuid NOT NULL,
    sender_id       uuid NOT NULL,
    slot            smallint NOT NULL,
    shard           smallint NOT NULL,
    hour            timestamptz NOT NULL,
    tried           integer NOT NULL DEFAULT 0,
    segments        integer NOT NULL DEFAULT 0,
    delivered       integer NOT NULL DEFAULT 0,
    failed          integer NOT NULL DEFAULT 0,
    errors          jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (organization_id, sender_id, slot, shard),
    FOREIGN KEY (organization_id, sender_id) REFERENCES senders (organization_id, id) ON DELETE CASCADE
) WITH (fillfactor = 70);
COMMENT ON TABLE sender_hours IS 'What became of the texts that a sender handed over in an hour. Kept by the trigger messages_counted.';
COMMENT ON COLUMN sender_hours.slot IS 'The hour, counted round eight days: a later hour takes the place of the one eight days before.';
COMMENT ON COLUMN sender_hours.shard IS 'Texts of one hour are spread over eight rows, so that they do not wait for each other.';
COMMENT ON COLUMN sender_hours.tried IS 'Taken or refused by the provider; what is neither delivered nor failed is not known yet.';
COMMENT ON COLUMN sender_hours.errors IS 'Failed texts by the provider''s code.';
ALTER TABLE sender_hours ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON sender_hours USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON sender_hours TO frontdesk_app;

-- Whatever changes an outbound text's status changes the figures with it, each text once. What was given up may still turn up, so it counts
-- as nothing; what was never handed over (canceled) says nothing about the sender.
CREATE FUNCTION count_outbound_text() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was_failed    boolean := OLD.status IN ('failed', 'undelivered') AND OLD.error_code IS DISTINCT FROM 'gave_up';
    is_failed     boolean := NEW.status IN ('failed', 'undelivered') AND NEW.error_code IS DISTINCT FROM 'gave_up';
    new_tried     integer := (NEW.sent_at IS NOT NULL OR is_failed)::integer - (OLD.sent_at IS NOT NULL OR was_failed)::integer;
    new_delivered integer := (NEW.status IN ('delivered', 'read'))::integer - (OLD.status IN ('delivered', 'read'))::integer;
    new_failed    integer := is_failed::integer - was_failed::integer;
    code          text := CASE WHEN new_failed > 0 THEN left(COALESCE(NEW.error_code, 'unknown'), 40) END;
    its_hour      timestamptz := date_trunc('hour', COALESCE(NEW.sent_at, NEW.handed_at, NEW.created_at), 'UTC');
BEGIN
    IF new_tried = 0 AND new_delivered = 0 AND new_failed = 0 THEN
        RETURN NULL;
    END IF;
    INSERT INTO sender_hours AS h (organization_id, sender_id, slot, shard, hour, tried, segments, delivered, failed, errors)
    VALUES (NEW.organization_id, NEW.sender_id,
            (extract(epoch FROM its_hour)::bigint / 3600) % 192, get_byte(uuid_send(NEW.id), 15) % 8, its_hour,
            new_tried, new_tried * NEW.segments, new_delivered, new_failed,
            CASE WHEN code IS NULL THEN '{}' ELSE jsonb_build_object(code, 1) END)
    ON CONFLICT (organization_id, sender_id, slot, shard) DO UPDATE SET
        hour = EXCLUDED.hour,
        tried = CASE WHEN h.hour = EXCLUDED.hour THEN h.tried ELSE 0 END + EXCLUDED.tried,
        segments = CASE WHEN h.hour = EXCLUDED.hour THEN h.segments ELSE 0 END + EXCLUDED.segments,
        delivered = CASE WHEN h.hour = EXCLUDED.hour THEN h.delivered ELSE 0 END + EXCLUDED.delivered,
        failed = CASE WHEN h.hour = EXCLUDED.hour THEN h.failed ELSE 0 END + EXCLUDED.failed,
        errors = CASE WHEN h.hour < EXCLUDED.hour THEN EXCLUDED.errors
                      WHEN code IS NULL THEN h.errors
                      ELSE h.errors || jsonb_build_object(code, COALESCE((h.errors ->> code)::integer, 0) + 1) END
        -- News of a text whose hour is forgotten are forgotten too.
        WHERE h.hour <= EXCLUDED.hour;
    RETURN NULL;
END $$;
CREATE TRIGGER messages_counted AFTER UPDATE OF status, sent_at ON messages FOR EACH ROW
    WHEN (NEW.direction = 'outbound' AND (OLD.status IS DISTINCT FROM NEW.status OR OLD.sent_at IS DISTINCT FROM NEW.sent_at))
    EXECUTE FUNCTION count_outbound_text();

-- ---- whose pace a job keeps, and the line it waits in

ALTER TABLE jobs
    ADD COLUMN pace_id uuid,
    ADD COLUMN weight  smallint NOT NULL DEFAULT 1,
    ADD COLUMN line_id uuid;
COMMENT ON COLUMN jobs.pace_id IS 'What it shares a pace with others by: the sender of a text.';
COMMENT ON COLUMN jobs.weight IS 'How much of the pace it takes: the segments of a text.';
COMMENT ON COLUMN jobs.line_id IS 'Bulk work waits in a line (of its sender, of its campaign); lines are served in turn. Null: it goes at once.';
UPDATE jobs j SET pace_id = m.sender_id, weight = m.segments FROM messages m
    WHERE j.kind = 'send_message' AND j.state IN ('queued', 'running', 'dead')
      AND m.organization_id = j.organization_id AND m.id = (j.payload ->> 'message_id')::uuid;
DROP INDEX jobs_due;
-- A line of a hundred thousand is not waded through for what goes at once.
CREATE INDEX jobs_due ON jobs (queue, run_at) WHERE state = 'queued' AND line_id IS NULL;
CREATE INDEX jobs_in_line ON jobs (queue, organization_id, line_id, run_at) WHERE state = 'queued' AND line_id IS NOT NULL;
CREATE INDEX jobs_by_pace ON jobs (organization_id, pace_id) WHERE state = 'queued' AND pace_id IS NOT NULL;

CREATE TABLE job_lines (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    line_id         uuid NOT NULL,
    open_at         timestamptz NOT NULL,
    batch           integer NOT NULL,
    PRIMARY KEY (organization_id, line_id)
) WITH (fillfactor = 70);
COMMENT ON TABLE job_lines IS 'Lines whose pace was used up: nothing is offered from them before open_at. A note that may be lost, never the truth.';
COMMENT ON COLUMN job_lines.batch IS 'How many to offer then: about what the pace allows.';
CREATE INDEX job_lines_by_time ON job_lines (open_at);
ALTER TABLE job_lines ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON job_lines USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON job_lines TO frontdesk_app;
