-- Campaigns: what many are sent, to whom, and what became of it.

CREATE TABLE campaigns (
    organization_id  uuid NOT NULL REFERENCES organizations (id),
    id               uuid NOT NULL,
    name             text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 120),
    state            text NOT NULL CHECK (state IN ('draft', 'scheduled', 'running', 'paused', 'completed', 'cancelled')),
    audience         jsonb CHECK (jsonb_typeof(audience) = 'object'),
    channel          text CHECK (channel IN ('sms', 'whatsapp', 'simulator')),
    sender_ids       uuid[] NOT NULL DEFAULT '{}' CHECK (cardinality(sender_ids) <= 100),
    starts_at        timestamptz,
    local_time       time,
    quiet_from       time,
    quiet_until      time,
    max_per_minute   integer CHECK (max_per_minute BETWEEN 1 AND 1000000),
    ends_at          timestamptz,
    stop_on_reply    boolean NOT NULL DEFAULT true,
    pause_above      real CHECK (pause_above > 0 AND pause_above <= 1),
    winner_by        text CHECK (winner_by IN ('replies', 'clicks', 'bookings')),
    winner_share     smallint CHECK (winner_share BETWEEN 1 AND 90),
    winner_after     integer CHECK (winner_after BETWEEN 5 AND 43200),
    winner_at        timestamptz,
    pause_reason     text,
    launched_at      timestamptz,
    frozen_after     uuid,
    frozen_at        timestamptz,
    ended_at         timestamptz,
    free_at          timestamptz,
    run              integer NOT NULL DEFAULT 0,
    known_before     bigint NOT NULL DEFAULT 0,
    failed_before    bigint NOT NULL DEFAULT 0,
    created_by       uuid,
    version          bigint NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL,
    updated_at       timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
    CHECK ((winner_by IS NULL) = (winner_share IS NULL) AND (winner_by IS NULL) = (winner_after IS NULL))
);
CREATE INDEX campaigns_by_updated ON campaigns (organization_id, updated_at DESC, id DESC);
CREATE INDEX campaigns_by_created ON campaigns (organization_id, created_at DESC, id DESC);
CREATE INDEX campaigns_by_name ON campaigns (organization_id, lower(name), id);
COMMENT ON TABLE campaigns IS 'What many are sent.';
COMMENT ON COLUMN campaigns.audience IS 'Whom it is for, as it was asked; whom it is sent to is in campaign_targets once it has begun.';
COMMENT ON COLUMN campaigns.sender_ids IS 'The pool it is sent from; empty: any sender of the channel.';
COMMENT ON COLUMN campaigns.local_time IS 'The first text goes at this time of day on each recipient''s clock, from starts_at on.';
COMMENT ON COLUMN campaigns.quiet_from IS 'From then until quiet_until, on each recipient''s clock, nothing of it goes, whatever else allows it.';
COMMENT ON COLUMN campaigns.pause_above IS 'Share of failed texts above which it pauses itself.';
COMMENT ON COLUMN campaigns.winner_share IS 'Percent of the audience that is sent the variants before the better one goes to the rest.';
COMMENT ON COLUMN campaigns.winner_after IS 'Minutes from launch after which the better variant is chosen.';
COMMENT ON COLUMN campaigns.winner_at IS 'When it was chosen.';
COMMENT ON COLUMN campaigns.frozen_after IS 'While the audience is being noted down: the last contact that was looked at.';
COMMENT ON COLUMN campaigns.frozen_at IS 'When the whole audience was noted down.';
COMMENT ON COLUMN campaigns.run IS 'Grows whenever it is started or resumed: work that was begun before ends.';
COMMENT ON COLUMN campaigns.failed_before IS 'When it was last resumed, so many of known_before texts had failed: they do not pause it once more.';
COMMENT ON COLUMN campaigns.free_at IS 'Where max_per_minute holds: what has left is paid for until then.';

CREATE TABLE campaign_steps (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    campaign_id     uuid NOT NULL,
    position        smallint NOT NULL CHECK (position BETWEEN 0 AND 9),
    template_id     uuid,
    template        jsonb CHECK (jsonb_typeof(template) = 'object'),
    wait_minutes    integer NOT NULL DEFAULT 0 CHECK (wait_minutes BETWEEN 0 AND 525600),
    condition       text NOT NULL DEFAULT 'always'
                    CHECK (condition IN ('always', 'not_replied', 'replied', 'not_clicked', 'clicked', 'not_booked', 'booked')),
    winner          text,
    PRIMARY KEY (organization_id, id),
    UNIQUE (organization_id, campaign_id, position),
    FOREIGN KEY (organization_id, campaign_id) REFERENCES campaigns (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, template_id) REFERENCES templates (organization_id, id)
);
CREATE INDEX campaign_steps_by_template ON campaign_steps (organization_id, template_id) WHERE template_id IS NOT NULL;
COMMENT ON TABLE campaign_steps IS 'The texts of a campaign, one after the other. Each step is a batch of messages by its id.';
COMMENT ON COLUMN campaign_steps.template IS 'The template as it was when the campaign began.';
COMMENT ON COLUMN campaign_steps.wait_minutes IS 'After the text of the step before.';
COMMENT ON COLUMN campaign_steps.condition IS 'Whom it goes to, by what they did since the first text; the others are passed over.';
COMMENT ON COLUMN campaign_steps.winner IS 'The variant that was better: whoever is still to be sent the step is sent this one.';

CREATE TABLE campaign_targets (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    campaign_id     uuid NOT NULL,
    contact_id      uuid NOT NULL,
    sender_id       uuid,
    lane            smallint NOT NULL,
    step            smallint NOT NULL DEFAULT 0,
    variant         text,
    state           text NOT NULL CHECK (state IN ('waiting', 'sent', 'skipped', 'stopped')),
    due_at          timestamptz NOT NULL,
    reason          text,
    message_id      uuid,
    first_sent_at   timestamptz,
    last_sent_at    timestamptz,
    replied_at      timestamptz,
    clicked_at      timestamptz,
    booked_at       timestamptz,
    opted_out_at    timestamptz,
    PRIMARY KEY (organization_id, campaign_id, contact_id),
    FOREIGN KEY (organization_id, campaign_id) REFERENCES campaigns (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX campaign_targets_due ON campaign_targets (organization_id, campaign_id, sender_id, lane, due_at, contact_id) WHERE state = 'waiting';
CREATE INDEX campaign_targets_by_contact ON campaign_targets (organization_id, contact_id, last_sent_at) WHERE last_sent_at IS NOT NULL;
COMMENT ON TABLE campaign_targets IS 'The audience of a campaign as it was when it began: one row per recipient, with what became of them.';
COMMENT ON COLUMN campaign_targets.sender_id IS 'Which sender it goes from; null: there was none.';
COMMENT ON COLUMN campaign_targets.lane IS 'Recipients of one sender are worked off in lanes beside each other.';
COMMENT ON COLUMN campaign_targets.step IS 'The step that is next, or was the last.';
COMMENT ON COLUMN campaign_targets.state IS 'waiting: for due_at. sent: the last text was handed over, and what became of it stands with the message. skipped: never texted. stopped: after a text or more.';
COMMENT ON COLUMN campaign_targets.reason IS 'Why they wait, were skipped or stopped.';

CREATE TABLE campaign_counts (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    campaign_id     uuid NOT NULL,
    shard           smallint NOT NULL,
    step            smallint NOT NULL,
    variant         text NOT NULL,
    state           text NOT NULL,
    reason          text NOT NULL,
    targets         bigint NOT NULL,
    texted          bigint NOT NULL,
    replied         bigint NOT NULL,
    clicked         bigint NOT NULL,
    booked          bigint NOT NULL,
    opted_out       bigint NOT NULL,
    PRIMARY KEY (organization_id, campaign_id, shard, step, variant, state, reason),
    FOREIGN KEY (organization_id, campaign_id) REFERENCES campaigns (organization_id, id) ON DELETE CASCADE
) WITH (fillfactor = 50);
COMMENT ON TABLE campaign_counts IS 'How many recipients of a campaign stand where, to be summed over the shards. Kept by triggers on campaign_targets.';

CREATE TABLE campaign_quarters (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    campaign_id     uuid NOT NULL,
    quarter         timestamptz NOT NULL,
    shard           smallint NOT NULL,
    texted          bigint NOT NULL,
    replied         bigint NOT NULL,
    clicked         bigint NOT NULL,
    booked          bigint NOT NULL,
    opted_out       bigint NOT NULL,
    PRIMARY KEY (organization_id, campaign_id, quarter, shard),
    FOREIGN KEY (organization_id, campaign_id) REFERENCES campaigns (organization_id, id) ON DELETE CASCADE
) WITH (fillfactor = 50);
CREATE INDEX campaign_quarters_by_time ON campaign_quarters (organization_id, quarter);
COMMENT ON TABLE campaign_quarters IS 'When recipients of a campaign were texted, and did something, by the quarter of an hour. Kept by triggers on campaign_targets.';
COMMENT ON COLUMN campaign_quarters.quarter IS 'When the quarter of an hour begins: of these the days of every zone are made.';

CREATE FUNCTION quarter_of(at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT date_bin('15 minutes', at, TIMESTAMPTZ '2000-01-01 00:00:00Z')
$$;

-- Whatever changes targets changes the figures of their campaigns with it, in one statement however many they are.
CREATE FUNCTION count_new_targets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign_counts AS c (organization_id, campaign_id, shard, step, variant, state, reason,
                                      targets, texted, replied, clicked, booked, opted_out)
    SELECT organization_id, campaign_id, pg_backend_pid() % 16, step, COALESCE(variant, ''), state, COALESCE(reason, ''),
           count(*), count(first_sent_at), count(replied_at), count(clicked_at), count(booked_at), count(opted_out_at)
    FROM added GROUP BY 1, 2, 4, 5, 6, 7 ORDER BY 1, 2, 4, 5, 6, 7
    ON CONFLICT (organization_id, campaign_id, shard, step, variant, state, reason) DO UPDATE SET
        targets = c.targets + EXCLUDED.targets, texted = c.texted + EXCLUDED.texted, replied = c.replied + EXCLUDED.replied,
        clicked = c.clicked + EXCLUDED.clicked, booked = c.booked + EXCLUDED.booked, opted_out = c.opted_out + EXCLUDED.opted_out;
    RETURN NULL;
END $$;
CREATE TRIGGER campaign_targets_added AFTER INSERT ON campaign_targets REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION count_new_targets();

CREATE FUNCTION count_gone_targets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign_counts AS c (organization_id, campaign_id, shard, step, variant, state, reason,
                                      targets, texted, replied, clicked, booked, opted_out)
    SELECT organization_id, campaign_id, pg_backend_pid() % 16, step, COALESCE(variant, ''), state, COALESCE(reason, ''),
           -count(*), -count(first_sent_at), -count(replied_at), -count(clicked_at), -count(booked_at), -count(opted_out_at)
    FROM gone WHERE EXISTS (SELECT FROM campaigns p WHERE p.organization_id = gone.organization_id AND p.id = gone.campaign_id)
    GROUP BY 1, 2, 4, 5, 6, 7 ORDER BY 1, 2, 4, 5, 6, 7
    ON CONFLICT (organization_id, campaign_id, shard, step, variant, state, reason) DO UPDATE SET
        targets = c.targets + EXCLUDED.targets, texted = c.texted + EXCLUDED.texted, replied = c.replied + EXCLUDED.replied,
        clicked = c.clicked + EXCLUDED.clicked, booked = c.booked + EXCLUDED.booked, opted_out = c.opted_out + EXCLUDED.opted_out;
    RETURN NULL;
END $$;
CREATE TRIGGER campaign_targets_gone AFTER DELETE ON campaign_targets REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION count_gone_targets();

CREATE FUNCTION count_changed_targets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO campaign_counts AS c (organization_id, campaign_id, shard, step, variant, state, reason,
                                      targets, texted, replied, clicked, booked, opted_out)
    SELECT organization_id, campaign_id, pg_backend_pid() % 16, step, variant, state, reason,
           sum(n), sum(n * texted), sum(n * replied), sum(n * clicked), sum(n * booked), sum(n * opted_out)
    FROM (SELECT organization_id, campaign_id, step, COALESCE(variant, '') AS variant, state, COALESCE(reason, '') AS reason, 1 AS n,
                 (first_sent_at IS NOT NULL)::int AS texted, (replied_at IS NOT NULL)::int AS replied,
                 (clicked_at IS NOT NULL)::int AS clicked, (booked_at IS NOT NULL)::int AS booked,
                 (opted_out_at IS NOT NULL)::int AS opted_out
          FROM becomes
          UNION ALL
          SELECT organization_id, campaign_id, step, COALESCE(variant, ''), state, COALESCE(reason, ''), -1,
                 (first_sent_at IS NOT NULL)::int, (replied_at IS NOT NULL)::int, (clicked_at IS NOT NULL)::int,
                 (booked_at IS NOT NULL)::int, (opted_out_at IS NOT NULL)::int
          FROM was) moves
    GROUP BY organization_id, campaign_id, step, variant, state, reason
    HAVING sum(n) <> 0 OR sum(n * texted) <> 0 OR sum(n * replied) <> 0 OR sum(n * clicked) <> 0 OR sum(n * booked) <> 0
        OR sum(n * opted_out) <> 0
    ORDER BY 1, 2, 4, 5, 6, 7
    ON CONFLICT (organization_id, campaign_id, shard, step, variant, state, reason) DO UPDATE SET
        targets = c.targets + EXCLUDED.targets, texted = c.texted + EXCLUDED.texted, replied = c.replied + EXCLUDED.replied,
        clicked = c.clicked + EXCLUDED.clicked, booked = c.booked + EXCLUDED.booked, opted_out = c.opted_out + EXCLUDED.opted_out;

    INSERT INTO campaign_quarters AS h (organization_id, campaign_id, quarter, shard, texted, replied, clicked, booked, opted_out)
    SELECT organization_id, campaign_id, quarter, pg_backend_pid() % 4, sum(texted), sum(replied), sum(clicked), sum(booked), sum(opted_out)
    FROM (SELECT n.organization_id, n.campaign_id, quarter_of(e.at) AS quarter, (e.kind = 1)::int AS texted, (e.kind = 2)::int AS replied,
                 (e.kind = 3)::int AS clicked, (e.kind = 4)::int AS booked, (e.kind = 5)::int AS opted_out
          FROM was o JOIN becomes n USING (organization_id, campaign_id, contact_id),
               LATERAL (VALUES (1, o.last_sent_at, n.last_sent_at), (2, o.replied_at, n.replied_at), (3, o.clicked_at, n.clicked_at),
                               (4, o.booked_at, n.booked_at), (5, o.opted_out_at, n.opted_out_at)) AS e (kind, before, at)
          WHERE e.at IS NOT NULL AND e.before IS DISTINCT FROM e.at) happened
    GROUP BY organization_id, campaign_id, quarter ORDER BY 1, 2, 3
    ON CONFLICT (organization_id, campaign_id, quarter, shard) DO UPDATE SET
        texted = h.texted + EXCLUDED.texted, replied = h.replied + EXCLUDED.replied, clicked = h.clicked + EXCLUDED.clicked,
        booked = h.booked + EXCLUDED.booked, opted_out = h.opted_out + EXCLUDED.opted_out;
    RETURN NULL;
END $$;
CREATE TRIGGER campaign_targets_changed AFTER UPDATE ON campaign_targets REFERENCING OLD TABLE AS was NEW TABLE AS becomes
    FOR EACH STATEMENT EXECUTE FUNCTION count_changed_targets();

ALTER TABLE campaigns ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaign_steps ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaign_targets ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaign_counts ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaign_quarters ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON campaigns USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON campaign_steps USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON campaign_targets USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON campaign_counts USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON campaign_quarters USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON campaigns, campaign_steps, campaign_targets, campaign_counts, campaign_quarters TO frontdesk_app;
