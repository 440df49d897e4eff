-- Why a text was sent, held or not sent: every decision is kept with the message.

ALTER TABLE messages
    ADD COLUMN receipt     jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(receipt) = 'array'),
    ADD COLUMN deadline_at timestamptz,
    ADD COLUMN held_until  timestamptz,
    ADD CONSTRAINT messages_purpose_check CHECK (purpose IN ('conversational', 'transactional', 'marketing', 'opt_out_confirmation'));
COMMENT ON COLUMN messages.purpose IS 'What an outbound text is for: rules on consent and hours depend on it.';
COMMENT ON COLUMN messages.receipt IS 'The decisions on an outbound text, oldest first, a few at most: each rule that spoke, its version, the place and consent used.';
COMMENT ON COLUMN messages.deadline_at IS 'Not handed over after this moment. Null: inbound, or written before there were deadlines.';
COMMENT ON COLUMN messages.held_until IS 'Waits for this moment, because a rule says so; null once it left or ended.';
-- How many a contact got lately.
CREATE INDEX messages_marketed ON messages (organization_id, contact_id, handed_at) WHERE purpose = 'marketing' AND handed_at IS NOT NULL;

-- The last decisions, at most eight. One like the last (the same rule holds the text again) takes its place.
CREATE FUNCTION with_decision(receipt jsonb, decision jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN receipt->-1->'outcome' = decision->'outcome' AND receipt->-1->'code' IS NOT DISTINCT FROM decision->'code'
            THEN (receipt - (-1)) || decision
        WHEN jsonb_array_length(receipt) >= 8 THEN (receipt - 0) || decision
        ELSE receipt || decision
    END
$$;
