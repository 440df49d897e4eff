//! SQL on the accounts that senders belong to. What is secret stays sealed here.

use sqlx::PgConnection;

use super::super::model::SenderCredentials;
use crate::platform::{
    db::Tx,
    ids::{OrganizationId, SenderId},
};

pub(in crate::messaging) struct SealedAccount {
    pub account_sid: String,
    pub api_key_sid: Option<String>,
    pub sealed_auth_token: Vec<u8>,
    pub sealed_second_token: Option<Vec<u8>>,
    pub sealed_api_key_secret: Option<Vec<u8>>,
}

/// In a tenant's transaction, or in system scope for a webhook whose signature is being looked at.
pub(in crate::messaging) async fn sealed(
    c: &mut PgConnection,
    organization: OrganizationId,
    sender: SenderId,
) -> Result<Option<SealedAccount>, sqlx::Error> {
    sqlx::query_as!(
        SealedAccount,
        "SELECT account_sid, api_key_sid, sealed_auth_token, sealed_second_token, sealed_api_key_secret
         FROM sender_credentials WHERE organization_id = $1 AND sender_id = $2",
        organization.0,
        sender.0,
    )
    .fetch_optional(c)
    .await
}

pub(in crate::messaging) async fn put(tx: &mut Tx, sender: SenderId, a: &SealedAccount) -> Result<(), sqlx::Error> {
    let (organization, now) = (tx.organization_id(), tx.clock().now());
    sqlx::query!(
        "INSERT INTO sender_credentials
           (organization_id, sender_id, account_sid, api_key_sid, sealed_auth_token, sealed_second_token, sealed_api_key_secret, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (organization_id, sender_id) DO UPDATE
           SET account_sid = $3, api_key_sid = $4, sealed_auth_token = $5, sealed_second_token = $6, sealed_api_key_secret = $7,
               updated_at = $8",
        organization.0,
        sender.0,
        a.account_sid,
        a.api_key_sid,
        a.sealed_auth_token,
        a.sealed_second_token,
        a.sealed_api_key_secret,
        now,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}

/// False: it has none.
pub(in crate::messaging) async fn delete(tx: &mut Tx, sender: SenderId) -> Result<bool, sqlx::Error> {
    let organization = tx.organization_id();
    let gone = sqlx::query!(
        "DELETE FROM sender_credentials WHERE organization_id = $1 AND sender_id = $2",
        organization.0,
        sender.0
    )
    .execute(&mut **tx)
    .await?;
    Ok(gone.rows_affected() == 1)
}

/// What may be shown of them.
pub(in crate::messaging) async fn view(
    tx: &mut Tx,
    sender: SenderId,
) -> Result<Option<SenderCredentials>, sqlx::Error> {
    let organization = tx.organization_id();
    sqlx::query_as!(
        SenderCredentials,
        r#"SELECT account_sid, (sealed_second_token IS NOT NULL) AS "has_second_auth_token!", api_key_sid, updated_at
           FROM sender_credentials WHERE organization_id = $1 AND sender_id = $2"#,
        organization.0,
        sender.0,
    )
    .fetch_optional(&mut **tx)
    .await
}

/// System scope: the sender of an outbound message, by our own id or the provider's.
pub(in crate::messaging) async fn sender_of_message(
    c: &mut PgConnection,
    message: Option<uuid::Uuid>,
    provider_sid: &str,
) -> Result<Option<(OrganizationId, SenderId)>, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT organization_id AS "o: OrganizationId", sender_id AS "s: SenderId" FROM messages
           WHERE direction = 'outbound' AND CASE WHEN $1::uuid IS NULL THEN provider_sid = $2 ELSE id = $1 END LIMIT 1"#,
        message,
        provider_sid,
    )
    .fetch_optional(c)
    .await?;
    Ok(row.map(|r| (r.o, r.s)))
}
