-- What texts cost is asked for, because callbacks do not tell; and simulation mode begins when nobody is at work in the organization.

ALTER TABLE messages
    ADD COLUMN charges        jsonb,
    ADD COLUMN price_asked_at timestamptz;
COMMENT ON COLUMN messages.charges IS 'What the provider charged for each try, by its id; price is their sum.';
COMMENT ON COLUMN messages.price_asked_at IS 'When the provider was asked for the price of a delivered text; once is enough.';
CREATE INDEX messages_unpriced ON messages (organization_id, delivered_at)
    WHERE direction = 'outbound' AND channel IN ('sms', 'whatsapp') AND delivered_at IS NOT NULL AND price IS NULL
      AND price_asked_at IS NULL;

-- The lock is taken by everybody, in simulation mode or not: who begins it must wait for those who began before, and could not know.
CREATE OR REPLACE FUNCTION clock_fence(organization uuid, known bigint, moving boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE truth bigint;
BEGIN
    IF moving THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('clock ' || organization, 0));
    ELSE
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('clock ' || organization, 0));
    END IF;
    SELECT clock_offset_us INTO truth FROM simulations WHERE organization_id = organization;
    IF truth IS DISTINCT FROM known THEN
        RAISE EXCEPTION USING ERRCODE = 'FDCLK', MESSAGE = coalesce(truth::text, 'none');
    END IF;
END $$;
