-- People who text.

CREATE TABLE contacts (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    phone_number    text NOT NULL CHECK (phone_number ~ '^\+[1-9][0-9]{6,14}$'),
    first_name      text,
    last_name       text,
    timezone        text,
    opt_in_status   text NOT NULL DEFAULT 'pending' CHECK (opt_in_status IN ('pending', 'opted_in', 'opted_out')),
    last_message_at timestamptz,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT contacts_phone_number_key UNIQUE (organization_id, phone_number)
);
CREATE INDEX contacts_by_activity ON contacts (organization_id, COALESCE(last_message_at, created_at) DESC, id DESC);
COMMENT ON TABLE contacts IS 'A person with an address.';
COMMENT ON COLUMN contacts.phone_number IS 'E.164.';
COMMENT ON COLUMN contacts.opt_in_status IS 'Summary of the consent ledger. pending: never agreed to more than an answer to their own text.';

ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON contacts USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON contacts TO frontdesk_app;
