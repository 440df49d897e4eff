-- Out-going webhooks: where an organization wants to be told, what it was told, and every try of telling it.

CREATE TABLE webhook_endpoints (
    organization_id        uuid NOT NULL REFERENCES organizations (id),
    id                     uuid NOT NULL,
    url                    text NOT NULL,
    description            text,
    events                 text[] CHECK (cardinality(events) > 0),
    enabled                boolean NOT NULL DEFAULT true,
    disabled_at            timestamptz,
    disabled_reason        text CHECK (disabled_reason IN ('gone', 'failing')),
    failing_since          timestamptz,
    sealed_secret          bytea NOT NULL,
    previous_sealed_secret bytea,
    previous_secret_until  timestamptz,
    version                bigint NOT NULL DEFAULT 1,
    created_at             timestamptz NOT NULL,
    updated_at             timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CHECK (NOT enabled OR (disabled_at IS NULL AND disabled_reason IS NULL)),
    CHECK ((previous_sealed_secret IS NULL) = (previous_secret_until IS NULL))
);
CREATE INDEX webhook_endpoints_enabled ON webhook_endpoints (organization_id) WHERE enabled;
CREATE INDEX webhook_endpoints_by_time ON webhook_endpoints (organization_id, created_at, id);
COMMENT ON TABLE webhook_endpoints IS 'Addresses of an organization''s own systems that are told what happens.';
COMMENT ON COLUMN webhook_endpoints.events IS 'Types of events it is told of; null: all, also those of later versions.';
COMMENT ON COLUMN webhook_endpoints.disabled_reason IS 'Why the program switched it off: it answered 410, or failed for days. Null where a person did.';
COMMENT ON COLUMN webhook_endpoints.failing_since IS 'First failed try since the last one that was taken; null while it works.';
COMMENT ON COLUMN webhook_endpoints.sealed_secret IS 'Signing secret, sealed for organization and endpoint.';
COMMENT ON COLUMN webhook_endpoints.previous_sealed_secret IS 'The secret before the last rotation; signs beside the new one until previous_secret_until.';

CREATE TABLE webhook_deliveries (
    organization_id  uuid NOT NULL,
    id               uuid NOT NULL,
    endpoint_id      uuid NOT NULL,
    webhook_id       text NOT NULL,
    event_type       text NOT NULL,
    event_key        text NOT NULL,
    payload          text NOT NULL,
    status           text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts         integer NOT NULL DEFAULT 0,
    round_attempts   integer NOT NULL DEFAULT 0,
    last_status_code integer,
    last_error       text,
    next_attempt_at  timestamptz,
    finished_at      timestamptz,
    created_at       timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT webhook_deliveries_once UNIQUE (organization_id, endpoint_id, event_key),
    FOREIGN KEY (organization_id, endpoint_id) REFERENCES webhook_endpoints (organization_id, id) ON DELETE CASCADE
) WITH (fillfactor = 80);
CREATE INDEX webhook_deliveries_by_endpoint ON webhook_deliveries (organization_id, endpoint_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_by_time ON webhook_deliveries (organization_id, created_at);
COMMENT ON TABLE webhook_deliveries IS 'One event on its way to one endpoint.';
COMMENT ON COLUMN webhook_deliveries.webhook_id IS 'Sent as webhook-id, the same in every try: receivers drop what they have by it.';
COMMENT ON COLUMN webhook_deliveries.event_key IS 'What happened, so that an event that is published twice is delivered once.';
COMMENT ON COLUMN webhook_deliveries.payload IS 'The very bytes that are signed and sent.';
COMMENT ON COLUMN webhook_deliveries.round_attempts IS 'Tries since the delivery was made or last replayed: where on the ladder it stands.';

CREATE TABLE webhook_attempts (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    delivery_id     uuid NOT NULL,
    number          integer NOT NULL,
    started_at      timestamptz NOT NULL,
    duration_ms     integer NOT NULL,
    status_code     integer,
    error           text,
    answer          text,
    PRIMARY KEY (organization_id, id),
    FOREIGN KEY (organization_id, delivery_id) REFERENCES webhook_deliveries (organization_id, id) ON DELETE CASCADE
);
CREATE INDEX webhook_attempts_by_delivery ON webhook_attempts (organization_id, delivery_id, number);
COMMENT ON TABLE webhook_attempts IS 'Each try of a delivery, append-only while its delivery is kept.';
COMMENT ON COLUMN webhook_attempts.error IS 'Why there was no answer; null where there was one.';
COMMENT ON COLUMN webhook_attempts.answer IS 'The first kilobyte of the answer''s body.';

ALTER TABLE webhook_endpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_attempts ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON webhook_endpoints USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON webhook_deliveries USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON webhook_attempts USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_endpoints, webhook_deliveries TO frontdesk_app;
GRANT SELECT, INSERT ON webhook_attempts TO frontdesk_app;
