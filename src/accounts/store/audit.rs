//! The audit log.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::{
    accounts::audit::{Actor, ActorKind},
    platform::{
        db::Tx,
        http::{Order, Page, SortKey, SortKind},
        ids::AuditEntryId,
        listing::List,
    },
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
    let (organization, id, now) = (tx.organization_id(), AuditEntryId::new(tx.real_clock()), tx.real_clock().now());
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

/// An entry of the log as it is read.
#[derive(Clone, Debug, Serialize, sqlx::FromRow, utoipa::ToSchema)]
pub struct AuditEntry {
    pub id: AuditEntryId,
    pub at: DateTime<Utc>,
    /// user, api_key, or system: the program itself.
    #[schema(value_type = ActorKind)]
    pub actor_kind: String,
    /// Of the user or key.
    pub actor_id: Option<Uuid>,
    /// Their name at that time.
    pub actor_name: String,
    /// Kind of row and what was done to it.
    #[schema(example = "contact.updated")]
    pub action: String,
    pub target_kind: String,
    pub target_id: Option<Uuid>,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// As in the log of the program, and in the answer's `X-Request-ID`.
    pub request_id: Option<String>,
    /// Fields as they were; where both sides are known, only those that differ.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// Fields as they became.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
}

pub(in crate::accounts) const ORDERS: &[SortKey] =
    &[SortKey { name: "at", sql: "at", kind: SortKind::Time, descending: true }];

/// What the log is narrowed to.
#[derive(Clone, Debug, Default)]
pub(in crate::accounts) struct Filter {
    pub actor_id: Option<Uuid>,
    pub actor_kind: Option<ActorKind>,
    pub action: Option<String>,
    pub target_kind: Option<String>,
    pub target_id: Option<Uuid>,
    pub from: Option<DateTime<Utc>>,
    pub to: Option<DateTime<Utc>>,
    /// Part of an action or of the actor's name.
    pub text: Option<String>,
}

pub(in crate::accounts) async fn list(
    tx: &mut Tx,
    filter: &Filter,
    order: &Order,
) -> Result<Page<AuditEntry>, sqlx::Error> {
    let columns = "id, at, actor_kind, actor_id, actor_name, action, target_kind, target_id, ip, user_agent, request_id, before, after";
    let mut list = List::new(tx, order, "id", columns, "audit_log", "organization_id");
    list.filter("actor_id = ", filter.actor_id);
    list.filter("actor_kind = ", filter.actor_kind.map(ActorKind::as_str));
    list.filter("action = ", filter.action.clone());
    list.filter("target_kind = ", filter.target_kind.clone());
    list.filter("target_id = ", filter.target_id);
    list.filter("at >= ", filter.from);
    list.filter("at < ", filter.to);
    list.search(&["action", "actor_name"], filter.text.as_deref());
    list.page(tx).await
}
