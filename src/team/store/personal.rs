//! What an erasure takes out of the team's messages.

use crate::platform::{db::Tx, personal::Erased};

/// Takes what the pattern finds out of messages. They stay otherwise: they are the staff's words to one another, and speak of more than
/// one person.
pub async fn redact(tx: &mut Tx, pattern: &str) -> Result<Erased, sqlx::Error> {
    let organization = tx.organization_id();
    let changed = sqlx::query!(
        "UPDATE team_messages SET body = left(regexp_replace(body, $2, '(erased)', 'gi'), 4000), version = version + 1
         WHERE organization_id = $1 AND body ~* $2",
        organization.0,
        pattern
    )
    .execute(&mut **tx)
    .await?;
    Ok(("team_messages_redacted", changed.rows_affected()))
}
