//! What is exported of a contact's part in campaigns, and its end.

use sqlx::types::Json;

use crate::{
    campaigns::plan::Audience,
    platform::{
        db::Tx,
        ids::{CampaignId, ContactId},
        personal::{Erased, PersonalRows},
    },
};

/// The campaigns that they are, or were, a recipient of.
pub const PERSONAL: &[PersonalRows] = &[PersonalRows {
    name: "campaigns",
    meaning: "what was sent to many and to you too, when, and what you did then",
    sql: "SELECT t.campaign_id::text AS key, to_jsonb(t) || jsonb_build_object('campaign', c.name) AS row
          FROM campaign_targets t
          JOIN campaigns c ON c.organization_id = t.organization_id AND c.id = t.campaign_id
          WHERE t.organization_id = $1 AND t.contact_id = $2 AND ($3::uuid IS NULL OR t.campaign_id > $3::uuid)
          ORDER BY t.campaign_id LIMIT $4",
}];

/// Takes the contact out of every campaign, and out of the lists of ids and numbers that say whom one is for.
pub async fn erase(tx: &mut Tx, contact: ContactId, number: &str) -> Result<Erased, sqlx::Error> {
    let organization = tx.organization_id();
    let gone = sqlx::query!(
        "DELETE FROM campaign_targets WHERE organization_id = $1 AND contact_id = $2",
        organization.0,
        contact.0
    )
    .execute(&mut **tx)
    .await?;
    let naming = sqlx::query!(
        r#"SELECT id AS "id: CampaignId", audience AS "audience!: Json<Audience>" FROM campaigns
           WHERE organization_id = $1 AND (position($2 IN lower(audience::text)) > 0 OR position($3 IN audience::text) > 0)
           ORDER BY id FOR NO KEY UPDATE"#,
        organization.0,
        contact.to_string(),
        number,
    )
    .fetch_all(&mut **tx)
    .await?;
    for mut campaign in naming {
        let filter = campaign.audience.0.filter.as_mut();
        if filter.is_none_or(|filter| !filter.forget(&contact.to_string(), number)) {
            continue;
        }
        sqlx::query!(
            "UPDATE campaigns SET audience = $3, version = version + 1 WHERE organization_id = $1 AND id = $2",
            organization.0,
            campaign.id.0,
            serde_json::json!(campaign.audience.0),
        )
        .execute(&mut **tx)
        .await?;
    }
    Ok(("campaigns", gone.rows_affected()))
}
