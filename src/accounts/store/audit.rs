//! The audit log.

use serde_json::Value;
use uuid::Uuid;

use crate::{
    accounts::audit::Actor,
    platform::{db::Tx, ids::AuditEntryId},
};

pub(in crate::accounts) struct NewEntry<'a> {
    pub actor: &'a Actor,
    pub action: &'a str,
    pub target_kind: &'a str,
    pub target_id: Option<Uuid>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

pub(in crate::accounts) async fn append(tx: &mut Tx, e: &NewEntry<'_>) -> Result<(), sqlx::Error> {
    let (organization, id, now) = (tx.organization_id(), AuditEntryId::new(tx.clock()), tx.clock().now());
    sqlx::query!(
        "INSERT INTO audit_log (organization_id, id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id,
                                ip, user_agent, request_id, before, after)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, left($11, 300), $12, $13, $14)",
        organization.0,
        id.0,
        now,
        e.actor.kind.as_str(),
        e.actor.id,
        e.actor.name,
        e.action,
        e.target_kind,
        e.target_id,
        e.actor.ip,
        e.actor.user_agent,
        e.actor.request_id,
        e.before,
        e.after,
    )
    .execute(&mut **tx)
    .await
    .map(drop)
}
