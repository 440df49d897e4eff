-- People who take over a conversation, doubtful opt-outs that a person decides, the business's own answers, and language models.

ALTER TABLE organizations ADD COLUMN human_quiet_minutes integer CHECK (human_quiet_minutes BETWEEN 5 AND 10080);
COMMENT ON COLUMN organizations.human_quiet_minutes IS 'Silence of staff after which the assistant answers again; null: the installation''s setting.';

ALTER TABLE contacts
    ADD COLUMN language     text CHECK (language IN ('en', 'es')),
    ADD COLUMN under_review boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN contacts.under_review IS 'A doubtful opt-out of theirs waits for a person; they are not texted meanwhile.';
COMMENT ON COLUMN contacts.language IS 'The language the contact last wrote in; null until a text showed one.';

ALTER TABLE conversations
    ADD COLUMN human_until    timestamptz,
    ADD COLUMN assignee_id    uuid,
    ADD COLUMN waiting_since  timestamptz,
    ADD COLUMN waiting_reason text CHECK (waiting_reason IN ('asked_for_person', 'question', 'notice', 'wrote')),
    ADD COLUMN misses         smallint NOT NULL DEFAULT 0,
    ADD CONSTRAINT conversations_waiting_check CHECK ((waiting_since IS NULL) = (waiting_reason IS NULL)),
    ADD CONSTRAINT conversations_human_check CHECK (mode = 'bot' OR human_until IS NOT NULL),
    ADD FOREIGN KEY (organization_id, assignee_id) REFERENCES users (organization_id, id);
CREATE INDEX conversations_waiting ON conversations (organization_id, waiting_since) WHERE waiting_since IS NOT NULL;
CREATE INDEX conversations_human ON conversations (organization_id, updated_at DESC, id DESC) WHERE mode = 'human';
COMMENT ON COLUMN conversations.human_until IS 'Human mode ends by itself at this moment: after so much silence of staff the assistant answers again.';
COMMENT ON COLUMN conversations.assignee_id IS 'Who of the staff has taken the conversation over.';
COMMENT ON COLUMN conversations.waiting_since IS 'Since when the contact waits for staff; null when nobody is asked for.';
COMMENT ON COLUMN conversations.misses IS 'Turns in a row, up to the last one, in which the contact was not understood.';

ALTER TABLE messages
    ADD COLUMN by_staff boolean NOT NULL DEFAULT false,
    ADD COLUMN user_id  uuid,
    ADD FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id);
COMMENT ON COLUMN messages.by_staff IS 'An outbound text that a person wrote, or a program with a key on behalf of one.';

ALTER TABLE consent_events DROP CONSTRAINT consent_events_method_check;
ALTER TABLE consent_events ADD CONSTRAINT consent_events_method_check
    CHECK (method IN ('inbound_message', 'keyword', 'free_text', 'staff_review', 'review_expired'));
ALTER TABLE suppressions DROP CONSTRAINT suppressions_reason_check;
ALTER TABLE suppressions ADD CONSTRAINT suppressions_reason_check
    CHECK (reason IN ('opted_out', 'carrier_opted_out', 'under_review'));

-- Suppressions are unique per number and sender; a review must be able to stand beside neither of them hiding the other.
DROP INDEX suppressions_active;
CREATE UNIQUE INDEX suppressions_active ON suppressions
    (organization_id, phone_number, COALESCE(sender_id, '00000000-0000-0000-0000-000000000000'::uuid), reason) WHERE lifted_at IS NULL;

CREATE TABLE opt_out_reviews (
    organization_id uuid NOT NULL,
    id              uuid NOT NULL,
    contact_id      uuid NOT NULL,
    conversation_id uuid NOT NULL,
    message_id      uuid NOT NULL,
    channel         text NOT NULL,
    words           text NOT NULL,
    evidence        text NOT NULL,
    status          text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'opted_out', 'kept', 'expired')),
    opened_at       timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    decided_at      timestamptz,
    decided_by      uuid,
    note            text,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT opt_out_reviews_decided_check CHECK ((status = 'open') = (decided_at IS NULL)),
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id),
    FOREIGN KEY (organization_id, decided_by) REFERENCES users (organization_id, id)
);
CREATE UNIQUE INDEX opt_out_reviews_open ON opt_out_reviews (organization_id, contact_id) WHERE status = 'open';
CREATE INDEX opt_out_reviews_due ON opt_out_reviews (organization_id, due_at, id) WHERE status = 'open';
COMMENT ON TABLE opt_out_reviews IS 'Texts that may revoke consent (47 CFR 64.1200(a)(10)). While one is open its contact is not texted; undecided at due_at it counts as an opt-out.';
COMMENT ON COLUMN opt_out_reviews.words IS 'The whole text, as the contact sent it.';
COMMENT ON COLUMN opt_out_reviews.evidence IS 'The words that may revoke consent.';
COMMENT ON COLUMN opt_out_reviews.due_at IS 'Ten business days after the text, in the organization''s zone.';

CREATE TABLE knowledge_entries (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    id              uuid NOT NULL,
    topic           text NOT NULL CHECK (topic IN ('hours', 'location', 'prices', 'parking', 'payment', 'policies', 'services', 'staff',
                                                   'contact', 'other')),
    title           text NOT NULL,
    keywords        text[] NOT NULL DEFAULT '{}',
    answer_en       text NOT NULL,
    answer_es       text,
    active          boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id)
);
COMMENT ON TABLE knowledge_entries IS 'What the business says about itself: the only facts the assistant may answer a question with.';
COMMENT ON COLUMN knowledge_entries.topic IS 'What kind of question it answers; the common ways to ask for it are known to the program.';

CREATE TABLE assistant_settings (
    organization_id     uuid PRIMARY KEY REFERENCES organizations (id),
    ai_enabled          boolean NOT NULL,
    daily_budget_micros bigint NOT NULL CHECK (daily_budget_micros >= 0),
    history_messages    integer NOT NULL CHECK (history_messages BETWEEN 0 AND 50),
    updated_at          timestamptz NOT NULL
);
COMMENT ON TABLE assistant_settings IS 'What an organization changed of the installation''s settings; no row: nothing.';
COMMENT ON COLUMN assistant_settings.daily_budget_micros IS 'Millionths of a US dollar that language models may cost per UTC day.';

CREATE TABLE ai_providers (
    organization_id     uuid NOT NULL REFERENCES organizations (id),
    id                  uuid NOT NULL,
    position            integer NOT NULL,
    provider            text NOT NULL CHECK (provider IN ('openrouter', 'vercel', 'openai', 'anthropic', 'litellm', 'openai_compatible')),
    model               text NOT NULL,
    sealed_key          bytea,
    key_hint            text,
    input_price_micros  bigint,
    output_price_micros bigint,
    created_at          timestamptz NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT ai_providers_prices_check CHECK ((input_price_micros IS NULL) = (output_price_micros IS NULL))
);
COMMENT ON TABLE ai_providers IS 'An organization''s own chain of language models, tried by position. None: the installation''s chain.';
COMMENT ON COLUMN ai_providers.sealed_key IS 'XChaCha20-Poly1305 under the installation''s ENCRYPTION_KEY, bound to the organization and this row.';
COMMENT ON COLUMN ai_providers.key_hint IS 'The last four characters of the key, to tell keys apart.';
COMMENT ON COLUMN ai_providers.input_price_micros IS 'Millionths of a US dollar per million tokens.';

CREATE TABLE ai_usage (
    organization_id uuid NOT NULL REFERENCES organizations (id),
    day             date NOT NULL,
    provider        text NOT NULL,
    model           text NOT NULL,
    calls           integer NOT NULL,
    failures        integer NOT NULL,
    input_tokens    bigint NOT NULL,
    output_tokens   bigint NOT NULL,
    cost_micros     bigint NOT NULL,
    PRIMARY KEY (organization_id, day, provider, model)
);
COMMENT ON TABLE ai_usage IS 'Calls to language models per UTC day, failed ones and those with unusable answers included.';

ALTER TABLE turns
    ADD COLUMN source         text NOT NULL DEFAULT 'local' CHECK (source IN ('local', 'model')),
    ADD COLUMN model          text,
    ADD COLUMN model_ms       real,
    ADD COLUMN input_tokens   integer,
    ADD COLUMN output_tokens  integer,
    ADD COLUMN cost_micros    bigint,
    ADD COLUMN cost_estimated boolean NOT NULL DEFAULT false,
    ADD COLUMN model_error    text;
COMMENT ON COLUMN turns.source IS 'Whose reading of the text was followed: the built-in understanding''s or the model''s.';
COMMENT ON COLUMN turns.model IS 'provider:model that was asked, also where its answer was not used.';
COMMENT ON COLUMN turns.model_error IS 'Closed code of why the model''s answer was missing or not used.';

ALTER TABLE opt_out_reviews ENABLE ROW LEVEL SECURITY;
ALTER TABLE knowledge_entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE assistant_settings ENABLE ROW LEVEL SECURITY;
ALTER TABLE ai_providers ENABLE ROW LEVEL SECURITY;
ALTER TABLE ai_usage ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON opt_out_reviews USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON knowledge_entries USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON assistant_settings USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON ai_providers USING (organization_id = current_setting('app.organization_id')::uuid);
CREATE POLICY tenant ON ai_usage USING (organization_id = current_setting('app.organization_id')::uuid);
GRANT SELECT, INSERT, UPDATE ON opt_out_reviews, assistant_settings, ai_usage TO frontdesk_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON knowledge_entries, ai_providers TO frontdesk_app;
