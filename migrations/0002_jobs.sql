-- The ledger of work to do. Redis only carries ids of rows in here.

CREATE TABLE jobs (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    kind            text NOT NULL,
    queue           text NOT NULL,
    payload         jsonb NOT NULL,
    state           text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'dead')),
    run_at          timestamptz NOT NULL,
    attempts        integer NOT NULL DEFAULT 0,
    max_attempts    integer NOT NULL,
    lease_seconds   integer NOT NULL,
    locked_until    timestamptz,
    pushed_at       timestamptz,
    last_error      text,
    created_at      timestamptz NOT NULL,
    finished_at     timestamptz,
    PRIMARY KEY (organization_id, id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE UNIQUE INDEX jobs_id_key ON jobs (id);
CREATE INDEX jobs_due ON jobs (run_at) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (locked_until) WHERE state = 'running';
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE state = 'done';
CREATE INDEX jobs_by_state ON jobs (organization_id, state, id) WHERE state <> 'done';
COMMENT ON TABLE jobs IS 'Work to do, written in the transaction that needs it, settled in the transaction that does it.';
COMMENT ON COLUMN jobs.payload IS 'Ids only; facts are read when the job runs.';
COMMENT ON COLUMN jobs.attempts IS 'Times claimed; also the fencing token: only the latest claim may settle the row.';
COMMENT ON COLUMN jobs.locked_until IS 'End of the lease of the claim; after it the relay offers the job again.';
COMMENT ON COLUMN jobs.pushed_at IS 'When the relay last pushed the id to Redis (the fast path after a commit does not write it).';

ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON jobs USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs TO frontdesk_app;
