//! What is exported of a contact's links, and their end.

use crate::platform::{
    db::Tx,
    ids::ContactId,
    personal::{Erased, PersonalRows},
};

/// The links that were sent to the contact, with their clicks.
pub const PERSONAL: &[PersonalRows] = &[PersonalRows {
    name: "links",
    meaning: "links that were made for you, and when you followed them",
    sql: "SELECT l.id::text AS key, to_jsonb(l) || jsonb_build_object('followed', COALESCE(
              (SELECT jsonb_agg(jsonb_build_object('at', c.at, 'by', c.kind) ORDER BY c.at) FROM link_clicks c
               WHERE c.organization_id = l.organization_id AND c.link_id = l.id), '[]')) AS row
          FROM links l WHERE l.organization_id = $1 AND l.contact_id = $2 AND ($3::uuid IS NULL OR l.id > $3::uuid)
          ORDER BY l.id LIMIT $4",
}];

/// Deletes the contact's links: they lead nowhere from then on.
pub async fn erase(tx: &mut Tx, contact: ContactId) -> Result<Erased, sqlx::Error> {
    let organization = tx.organization_id();
    let done =
        sqlx::query!("DELETE FROM links WHERE organization_id = $1 AND contact_id = $2", organization.0, contact.0)
            .execute(&mut **tx)
            .await?;
    Ok(("links", done.rows_affected()))
}

/// Two contacts are one person: links of the one are the kept one's from now on, and so is what they did last that no other slice hands over.
pub async fn hand_over(tx: &mut Tx, from: ContactId, to: ContactId) -> Result<(), sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query!(
        "UPDATE links SET contact_id = $3 WHERE organization_id = $1 AND contact_id = $2",
        organization.0,
        from.0,
        to.0,
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!(
        "WITH gone AS (
             DELETE FROM contact_activity WHERE organization_id = $1 AND contact_id = $2
             RETURNING last_texted_at, last_clicked_at, clicks)
         INSERT INTO contact_activity AS a (organization_id, contact_id, last_texted_at, last_clicked_at, clicks)
         SELECT $1, $3, last_texted_at, last_clicked_at, clicks FROM gone
         ON CONFLICT (organization_id, contact_id) DO UPDATE SET
             last_texted_at = GREATEST(a.last_texted_at, EXCLUDED.last_texted_at),
             last_clicked_at = GREATEST(a.last_clicked_at, EXCLUDED.last_clicked_at), clicks = a.clicks + EXCLUDED.clicks",
        organization.0,
        from.0,
        to.0,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}
