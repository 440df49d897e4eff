//! What is exported of reports about a contact, how they are erased, and what is taken out of all others.

use uuid::Uuid;

use crate::platform::{
    db::Tx,
    ids::ContactId,
    live::Kind,
    personal::{Erased, PersonalRows},
};

pub const PERSONAL: &[PersonalRows] = &[
    PersonalRows {
        name: "reports",
        meaning: "matters that you raised, or that staff raised about you, and what became of them",
        sql: "SELECT r.id::text AS key, to_jsonb(r) AS row FROM reports r
              WHERE r.organization_id = $1 AND r.contact_id = $2 AND ($3::uuid IS NULL OR r.id > $3::uuid) ORDER BY r.id LIMIT $4",
    },
    PersonalRows {
        name: "report_comments",
        meaning: "what staff wrote on these matters",
        sql: "SELECT k.id::text AS key, to_jsonb(k) AS row FROM report_comments k
              JOIN reports r ON r.organization_id = k.organization_id AND r.id = k.report_id
              WHERE k.organization_id = $1 AND r.contact_id = $2 AND ($3::uuid IS NULL OR k.id > $3::uuid) ORDER BY k.id LIMIT $4",
    },
    PersonalRows {
        name: "report_events",
        meaning: "what happened to these matters, and when",
        sql: "SELECT e.id::text AS key, to_jsonb(e) AS row FROM report_events e
              JOIN reports r ON r.organization_id = e.organization_id AND r.id = e.report_id
              WHERE e.organization_id = $1 AND r.contact_id = $2 AND ($3::uuid IS NULL OR e.id > $3::uuid) ORDER BY e.id LIMIT $4",
    },
];

/// Makes the contact's reports another's who is the same person. What becomes of them is still told where they were raised.
pub async fn hand_over(tx: &mut Tx, from: ContactId, to: ContactId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    let gone_over = sqlx::query!(
        "UPDATE reports SET contact_id = $3 WHERE organization_id = $1 AND contact_id = $2",
        organization.0,
        from.0,
        to.0,
    )
    .execute(&mut **tx)
    .await?;
    if gone_over.rows_affected() > 0 {
        tx.tell(Kind::Report, None);
    }
    Ok(())
}

/// Deletes the reports by and about the contact, with all that was said on them. Returns the counts and the ids of the reports.
pub async fn erase(tx: &mut Tx, contact: ContactId) -> Result<(Vec<Erased>, Vec<Uuid>), sqlx::Error> {
    let organization = tx.organization_id();
    let ids = sqlx::query_scalar!(
        "SELECT id FROM reports WHERE organization_id = $1
           AND (contact_id = $2 OR conversation_id IN (SELECT id FROM conversations WHERE organization_id = $1 AND contact_id = $2))
         FOR UPDATE",
        organization.0,
        contact.0
    )
    .fetch_all(&mut **tx)
    .await?;
    let comments = sqlx::query!(
        "DELETE FROM report_comments WHERE organization_id = $1 AND report_id = ANY($2)",
        organization.0,
        &ids
    )
    .execute(&mut **tx)
    .await?;
    let events = sqlx::query!(
        "DELETE FROM report_events WHERE organization_id = $1 AND report_id = ANY($2)",
        organization.0,
        &ids
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("DELETE FROM reports WHERE organization_id = $1 AND id = ANY($2)", organization.0, &ids)
        .execute(&mut **tx)
        .await?;
    let counts = vec![
        ("reports", ids.len() as u64),
        ("report_comments", comments.rows_affected()),
        ("report_events", events.rows_affected()),
    ];
    Ok((counts, ids))
}

/// Takes what the pattern finds out of reports about nobody, or somebody else, and out of what was said on them.
pub async fn redact(tx: &mut Tx, pattern: &str) -> Result<Erased, sqlx::Error> {
    let organization = tx.organization_id();
    let reports = sqlx::query!(
        "UPDATE reports SET subject = left(regexp_replace(subject, $2, '(erased)', 'gi'), 200),
                body = left(regexp_replace(body, $2, '(erased)', 'gi'), 8000),
                resolution = left(regexp_replace(resolution, $2, '(erased)', 'gi'), 4000), version = version + 1
         WHERE organization_id = $1 AND (subject ~* $2 OR body ~* $2 OR resolution ~* $2)",
        organization.0,
        pattern
    )
    .execute(&mut **tx)
    .await?;
    let comments = sqlx::query!(
        "UPDATE report_comments SET body = left(regexp_replace(body, $2, '(erased)', 'gi'), 4000)
         WHERE organization_id = $1 AND body ~* $2",
        organization.0,
        pattern
    )
    .execute(&mut **tx)
    .await?;
    Ok(("reports_redacted", reports.rows_affected() + comments.rows_affected()))
}
