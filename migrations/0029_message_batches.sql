-- Texts that are sent to many at once, and figures that are counted a statement at a time.

ALTER TABLE messages ADD COLUMN batch_id uuid;
COMMENT ON COLUMN messages.batch_id IS 'The batch it is one of, such as a step of a campaign. Without a foreign key: each text would lock the one row of its batch.';
CREATE INDEX messages_queued_of_batch ON messages (organization_id, batch_id) WHERE batch_id IS NOT NULL AND status = 'queued';

CREATE TABLE message_batches (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    held            boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
COMMENT ON TABLE message_batches IS 'Batches of texts: nothing of one that is held leaves.';
COMMENT ON COLUMN message_batches.held IS 'Somebody paused it: what waits of it goes on waiting.';

CREATE TABLE message_batch_counts (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    batch_id        uuid NOT NULL,
    shard           smallint NOT NULL,
    status          text NOT NULL,
    error_code      text NOT NULL,
    texts           bigint NOT NULL,
    segments        bigint NOT NULL,
    PRIMARY KEY (organization_id, batch_id, shard, status, error_code)
) WITH (fillfactor = 50);
COMMENT ON TABLE message_batch_counts IS 'How many texts of a batch stand where, to be summed over the shards. Kept by triggers on messages.';
COMMENT ON COLUMN message_batch_counts.shard IS 'Whoever counts has a row of their own, so that they do not wait for each other.';
COMMENT ON COLUMN message_batch_counts.status IS 'As in messages, or "unknown": it may have left, and nobody knows yet.';
COMMENT ON COLUMN message_batch_counts.error_code IS 'Of what did not arrive; empty where there is none.';

ALTER TABLE message_batches ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_batch_counts ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON message_batches USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON message_batch_counts USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON message_batches, message_batch_counts TO frontdesk_app;

-- Where a text stands in the books of its batch.
CREATE FUNCTION batch_status(m messages) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN m.provider_sid IS NULL AND m.handed_at IS NOT NULL
                     AND ((m.status = 'sending' AND m.unknown_since IS NOT NULL) OR (m.status = 'failed' AND m.error_code = 'gave_up'))
                THEN 'unknown' ELSE m.status END
$$;
CREATE FUNCTION batch_error(m messages) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN m.status IN ('failed', 'undelivered', 'canceled') THEN left(COALESCE(m.error_code, ''), 40) ELSE '' END
$$;

CREATE FUNCTION count_new_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM added WHERE batch_id IS NOT NULL) THEN
        INSERT INTO message_batch_counts AS c (organization_id, batch_id, shard, status, error_code, texts, segments)
        SELECT organization_id, batch_id, pg_backend_pid() % 16, batch_status(a), batch_error(a), count(*), sum(segments)
        FROM added a WHERE batch_id IS NOT NULL GROUP BY 1, 2, 4, 5 ORDER BY 1, 2, 4, 5
        ON CONFLICT (organization_id, batch_id, shard, status, error_code)
            DO UPDATE SET texts = c.texts + EXCLUDED.texts, segments = c.segments + EXCLUDED.segments;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER messages_added AFTER INSERT ON messages REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_new_texts();

CREATE FUNCTION count_gone_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM gone WHERE batch_id IS NOT NULL) THEN
        INSERT INTO message_batch_counts AS c (organization_id, batch_id, shard, status, error_code, texts, segments)
        SELECT organization_id, batch_id, pg_backend_pid() % 16, batch_status(g), batch_error(g), -count(*), -sum(segments)
        FROM gone g WHERE batch_id IS NOT NULL GROUP BY 1, 2, 4, 5 ORDER BY 1, 2, 4, 5
        ON CONFLICT (organization_id, batch_id, shard, status, error_code)
            DO UPDATE SET texts = c.texts + EXCLUDED.texts, segments = c.segments + EXCLUDED.segments;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER messages_gone AFTER DELETE ON messages REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION count_gone_texts();

-- The figures of senders were counted a row at a time: a statement on hundreds of texts wrote the same eight rows hundreds of times.
DROP TRIGGER messages_counted ON messages;
DROP FUNCTION count_outbound_text;
CREATE FUNCTION count_changed_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- What was given up may still turn up, so it counts as nothing; what was never handed over (canceled) says nothing about the sender. Most
    -- statements change neither: they are let go before the dear part.
    IF EXISTS (SELECT FROM was o JOIN becomes n ON n.organization_id = o.organization_id AND n.id = o.id
               WHERE n.direction = 'outbound'
                 AND ((o.sent_at IS NULL) <> (n.sent_at IS NULL)
                   OR (o.status IN ('delivered', 'read')) <> (n.status IN ('delivered', 'read'))
                   OR (o.status IN ('failed', 'undelivered') AND o.error_code IS DISTINCT FROM 'gave_up')
                      <> (n.status IN ('failed', 'undelivered') AND n.error_code IS DISTINCT FROM 'gave_up'))) THEN
        WITH changed AS (
            SELECT n.organization_id, n.sender_id,
                   date_trunc('hour', COALESCE(n.sent_at, n.handed_at, n.created_at), 'UTC') AS hour,
                   (n.sent_at IS NOT NULL OR n_failed)::integer - (o.sent_at IS NOT NULL OR o_failed)::integer AS tried,
                   ((n.sent_at IS NOT NULL OR n_failed)::integer - (o.sent_at IS NOT NULL OR o_failed)::integer) * n.segments AS segments,
                   (n.status IN ('delivered', 'read'))::integer - (o.status IN ('delivered', 'read'))::integer AS delivered,
                   n_failed::integer - o_failed::integer AS failed,
                   CASE WHEN n_failed AND NOT o_failed THEN left(COALESCE(n.error_code, 'unknown'), 40) END AS code
            FROM was o JOIN becomes n ON n.organization_id = o.organization_id AND n.id = o.id,
                 LATERAL (SELECT o.status IN ('failed', 'undelivered') AND o.error_code IS DISTINCT FROM 'gave_up' AS o_failed,
                                 n.status IN ('failed', 'undelivered') AND n.error_code IS DISTINCT FROM 'gave_up' AS n_failed) f
            WHERE n.direction = 'outbound' AND (o.status IS DISTINCT FROM n.status OR o.sent_at IS DISTINCT FROM n.sent_at)
        ), summed AS (
            SELECT organization_id, sender_id, hour, sum(tried)::integer AS tried, sum(segments)::integer AS segments,
                   sum(delivered)::integer AS delivered, sum(failed)::integer AS failed,
                   COALESCE((SELECT jsonb_object_agg(e.code, e.n)
                             FROM (SELECT c.code, count(*) AS n FROM changed c
                                   WHERE c.organization_id = changed.organization_id AND c.sender_id = changed.sender_id
                                     AND c.hour = changed.hour AND c.code IS NOT NULL GROUP BY c.code) e), '{}') AS errors
            FROM changed WHERE tried <> 0 OR delivered <> 0 OR failed <> 0 GROUP BY organization_id, sender_id, hour
        )
        INSERT INTO sender_hours AS h (organization_id, sender_id, slot, shard, hour, tried, segments, delivered, failed, errors)
        SELECT organization_id, sender_id, (extract(epoch FROM hour)::bigint / 3600) % 192, pg_backend_pid() % 8, hour,
               tried, segments, delivered, failed, errors
        -- Two hours of one slot are eight days apart: a statement that tells of both keeps the later.
        FROM (SELECT DISTINCT ON (organization_id, sender_id, (extract(epoch FROM hour)::bigint / 3600) % 192) * FROM summed
              ORDER BY organization_id, sender_id, (extract(epoch FROM hour)::bigint / 3600) % 192, hour DESC) latest
        ORDER BY organization_id, sender_id, 3
        ON CONFLICT (organization_id, sender_id, slot, shard) DO UPDATE SET
            hour = EXCLUDED.hour,
            tried = CASE WHEN h.hour = EXCLUDED.hour THEN h.tried ELSE 0 END + EXCLUDED.tried,
            segments = CASE WHEN h.hour = EXCLUDED.hour THEN h.segments ELSE 0 END + EXCLUDED.segments,
            delivered = CASE WHEN h.hour = EXCLUDED.hour THEN h.delivered ELSE 0 END + EXCLUDED.delivered,
            failed = CASE WHEN h.hour = EXCLUDED.hour THEN h.failed ELSE 0 END + EXCLUDED.failed,
            errors = CASE WHEN h.hour < EXCLUDED.hour THEN EXCLUDED.errors
                          WHEN EXCLUDED.errors = '{}' THEN h.errors
                          ELSE h.errors || (SELECT jsonb_object_agg(e.key, e.value::integer + COALESCE((h.errors ->> e.key)::integer, 0))
                                            FROM jsonb_each_text(EXCLUDED.errors) e) END
            -- News of a text whose hour is forgotten are forgotten too.
            WHERE h.hour <= EXCLUDED.hour;
    END IF;

    IF EXISTS (SELECT FROM becomes WHERE batch_id IS NOT NULL) THEN
        INSERT INTO message_batch_counts AS c (organization_id, batch_id, shard, status, error_code, texts, segments)
        SELECT organization_id, batch_id, pg_backend_pid() % 16, status, error_code, sum(n), sum(n * segments)
        FROM (SELECT n.organization_id, n.batch_id, batch_status(n) AS status, batch_error(n) AS error_code, n.segments, 1 AS n
              FROM becomes n WHERE n.batch_id IS NOT NULL
              UNION ALL
              SELECT o.organization_id, o.batch_id, batch_status(o), batch_error(o), o.segments, -1
              FROM was o WHERE o.batch_id IS NOT NULL) moves
        GROUP BY organization_id, batch_id, status, error_code HAVING sum(n) <> 0 OR sum(n * segments) <> 0
        ORDER BY 1, 2, 4, 5
        ON CONFLICT (organization_id, batch_id, shard, status, error_code)
            DO UPDATE SET texts = c.texts + EXCLUDED.texts, segments = c.segments + EXCLUDED.segments;
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION count_changed_texts IS 'Whatever changes outbound texts changes the figures of their senders and batches with it, each text once.';
CREATE TRIGGER messages_changed AFTER UPDATE ON messages REFERENCING OLD TABLE AS was NEW TABLE AS becomes
    FOR EACH STATEMENT EXECUTE FUNCTION count_changed_texts();
COMMENT ON TABLE sender_hours IS 'What became of the texts that a sender handed over in an hour. Kept by the trigger messages_changed.';
COMMENT ON COLUMN sender_hours.shard IS 'Whoever counts has a row of their own, so that they do not wait for each other.';
