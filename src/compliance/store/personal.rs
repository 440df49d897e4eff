//! What is exported of a contact's consent, and what an erasure leaves of it.

use crate::platform::{
    db::Tx,
    ids::{ConsentEventId, ContactId},
    personal::{Erased, PersonalRows},
    phone::PhoneNumber,
};

pub const PERSONAL: &[PersonalRows] = &[
    PersonalRows {
        name: "consent",
        meaning: "when you agreed to texts or revoked it, and with which words",
        sql: "SELECT e.id::text AS key, to_jsonb(e) || jsonb_build_object('disclosure', d.wording) AS row FROM consent_events e
              LEFT JOIN disclosures d ON d.organization_id = e.organization_id AND d.id = e.disclosure_id
              WHERE e.organization_id = $1 AND e.contact_id = $2 AND ($3::uuid IS NULL OR e.id > $3::uuid) ORDER BY e.id LIMIT $4",
    },
    PersonalRows {
        name: "suppressions",
        meaning: "since when your number is, or was, on the list of numbers that are not texted",
        sql: "SELECT s.id::text AS key, to_jsonb(s) - 'number_hash' AS row FROM suppressions s
              JOIN contacts c ON c.organization_id = s.organization_id AND c.id = $2 AND c.phone_number = s.phone_number
              WHERE s.organization_id = $1 AND ($3::uuid IS NULL OR s.id > $3::uuid) ORDER BY s.id LIMIT $4",
    },
    PersonalRows {
        name: "opt_out_reviews",
        meaning: "texts of yours that may have asked for no more texts, and how staff read them",
        sql: "SELECT r.id::text AS key, to_jsonb(r) AS row FROM opt_out_reviews r
              WHERE r.organization_id = $1 AND r.contact_id = $2 AND ($3::uuid IS NULL OR r.id > $3::uuid) ORDER BY r.id LIMIT $4",
    },
];

/// The contact's ledger with all that proves it, in the order it was written: what each line is hashed as stands in `line`.
pub const LEDGER: PersonalRows = PersonalRows {
    name: "lines",
    meaning: "consent given and taken back",
    sql: "SELECT lpad(e.seq::text, 10, '0') AS key,
                 to_jsonb(e) || jsonb_build_object(
                     'line', consent_line(e), 'recorded_by', u.display_name, 'api_key', k.name,
                     'disclosure', CASE WHEN d.id IS NULL THEN NULL ELSE
                         jsonb_build_object('program', d.program, 'version', d.version, 'seller', d.seller, 'purpose', d.purpose,
                                            'text', d.wording, 'sha256', d.sha256, 'created_at', d.created_at) END) AS row
          FROM consent_events e
          LEFT JOIN users u ON u.id = e.user_id
          LEFT JOIN api_keys k ON k.organization_id = e.organization_id AND k.id = e.api_key_id
          LEFT JOIN disclosures d ON d.organization_id = e.organization_id AND d.id = e.disclosure_id
          WHERE e.organization_id = $1 AND e.contact_id = $2 AND ($3::text IS NULL OR e.seq > $3::text::integer) ORDER BY e.seq LIMIT $4",
};

/// Deletes the contact's consent and reviews. Steps out of the tenant's role and back: the ledger is append-only to everybody else.
pub(in crate::compliance) async fn erase_consent(tx: &mut Tx, contact: ContactId) -> Result<Vec<Erased>, sqlx::Error> {
    let organization = tx.organization_id();
    let reviews = sqlx::query!(
        "DELETE FROM opt_out_reviews WHERE organization_id = $1 AND contact_id = $2",
        organization.0,
        contact.0
    )
    .execute(&mut **tx)
    .await?;
    tx.step_out().await?;
    let consent = sqlx::query!(
        "DELETE FROM consent_events WHERE organization_id = $1 AND contact_id = $2",
        organization.0,
        contact.0
    )
    .execute(&mut **tx)
    .await?;
    tx.step_back().await?;
    Ok(vec![("opt_out_reviews", reviews.rows_affected()), ("consent", consent.rows_affected())])
}

/// Takes lines out whose contacts are about to be deleted, because the file that made both was taken back. Steps out of the tenant's role and
/// back, as erasing does.
pub(in crate::compliance) async fn take_out_lines(tx: &mut Tx, lines: &[ConsentEventId]) -> Result<(), sqlx::Error> {
    if lines.is_empty() {
        return Ok(());
    }
    let organization = tx.organization_id();
    let lines: Vec<uuid::Uuid> = lines.iter().map(|l| l.0).collect();
    tx.step_out().await?;
    sqlx::query!("DELETE FROM consent_events WHERE organization_id = $1 AND id = ANY($2)", organization.0, &lines)
        .execute(&mut **tx)
        .await?;
    tx.step_back().await
}

/// Whether anything that somebody wanted keeps texts from the number now. That nothing arrives there is nobody's wish.
pub(in crate::compliance) async fn is_blocked(tx: &mut Tx, number: &PhoneNumber) -> Result<bool, sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT FROM suppressions WHERE organization_id = $1 AND phone_number = $2 AND lifted_at IS NULL
                            AND reason <> 'bad_number' AND (expires_at IS NULL OR expires_at > $3)) AS "blocked!""#,
        organization.0,
        number.as_str(),
        now,
    )
    .fetch_one(&mut **tx)
    .await
}

/// Puts the hash where the number stands on the block list, with the date and reason; what was lifted is deleted. A doubtful opt-out that
/// nobody decided counts as one.
pub(in crate::compliance) async fn hash_blocks(
    tx: &mut Tx,
    number: &PhoneNumber,
    hash: &[u8],
) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "INSERT INTO suppressions (organization_id, id, number_hash, sender_id, reason, created_at, expires_at, erased_at)
         SELECT organization_id, id_of_hash, $3, sender_id, reason, created_at, expires_at, $4
         FROM (SELECT DISTINCT ON (sender_id, reason) organization_id, gen_random_uuid() AS id_of_hash, sender_id,
                      CASE reason WHEN 'under_review' THEN 'opted_out' ELSE reason END AS reason, created_at, expires_at
               FROM suppressions WHERE organization_id = $1 AND phone_number = $2 AND lifted_at IS NULL
                 AND reason <> 'bad_number' AND (expires_at IS NULL OR expires_at > $4)
               ORDER BY sender_id, reason, created_at) AS blocks
         ON CONFLICT DO NOTHING",
        organization.0,
        number.as_str(),
        hash,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// Takes the number itself off the list. Steps out of the tenant's role and back: nobody else deletes blocks.
pub(in crate::compliance) async fn erase_number(tx: &mut Tx, number: &PhoneNumber) -> Result<Erased, sqlx::Error> {
    let organization = tx.organization_id();
    tx.step_out().await?;
    let gone = sqlx::query!(
        "DELETE FROM suppressions WHERE organization_id = $1 AND phone_number = $2",
        organization.0,
        number.as_str()
    )
    .execute(&mut **tx)
    .await?;
    tx.step_back().await?;
    Ok(("suppressions", gone.rows_affected()))
}
