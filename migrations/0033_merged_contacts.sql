-- Two contacts who are one person. The one that is merged into the other stays as a row: it is the other number of that person. What was said
-- with that number, agreed and revoked for it stays with it (the ledger is hashed with its id); what is the person's goes to the one that is kept.

ALTER TABLE contacts
    ADD COLUMN merged_into uuid,
    ADD COLUMN merged_at timestamptz,
    ADD FOREIGN KEY (organization_id, merged_into) REFERENCES contacts (organization_id, id),
    ADD CONSTRAINT contacts_merged_away CHECK (
        (merged_into IS NULL) = (merged_at IS NULL) AND (merged_into IS NULL OR (merged_into <> id AND archived_at IS NOT NULL)));
COMMENT ON COLUMN contacts.merged_into IS 'The contact whose other number this is: never one that is merged itself. Such a row is out of every list.';
CREATE INDEX contacts_by_kept ON contacts (organization_id, merged_into) WHERE merged_into IS NOT NULL;

-- By what likely duplicates are found. Only names of two parts: half the world is called Ana.
CREATE FUNCTION folded_name(first_name text, last_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN lower(translate(regexp_replace(btrim(first_name || ' ' || last_name), '\s+', ' ', 'g'),
                           'ÁÀÂÄÃÅáàâäãåÉÈÊËéèêëÍÌÎÏíìîïÓÒÔÖÕóòôöõÚÙÛÜúùûüÑñÇç', 'AAAAAAaaaaaaEEEEeeeeIIIIiiiiOOOOOoooooUUUUuuuuNnCc'));
COMMENT ON FUNCTION folded_name IS 'A whole name without case, accents and double spaces; null where a part is missing.';
-- As columns, not as expressions of indexes: beneath row-level security an index is not asked by a function that may tell of rows.
ALTER TABLE contacts
    ADD COLUMN name_key text GENERATED ALWAYS AS (folded_name(first_name, last_name)) STORED,
    ADD COLUMN email_key text GENERATED ALWAYS AS (lower(btrim(email))) STORED;
COMMENT ON COLUMN contacts.name_key IS 'By what likely duplicates are found, as email_key.';
CREATE INDEX contacts_by_name_key ON contacts (organization_id, name_key, id DESC) WHERE archived_at IS NULL AND name_key IS NOT NULL;
CREATE INDEX contacts_by_email_key ON contacts (organization_id, email_key, id DESC) WHERE archived_at IS NULL AND email_key IS NOT NULL;
